"""Painted shapes against areas and distances computed another way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data.synthetic.camera.raster import Disc, Light, Limb, Polygon, polygon_distance, render
from edgekit.data.synthetic.camera.view import CANVAS, Pose, View

COLUMN, ROW = np.arange(64) + 0.5, np.arange(64)[:, None] + 0.5
LIGHT = Light(np.array([0.0, 1.0, 0.0]), np.full(3, 0.5), np.full(3, 0.4))
GREY = np.full(3, 0.5)


def distance_by_definition(points, x, y):
    """Least distance to any edge, found by walking along it; negative when a ray crosses the outline an odd
    number of times."""
    steps = np.linspace(0, 1, 4001)[:, None]
    following = np.roll(points, -1, axis=0)
    nearest = min(
        np.hypot(*(a + steps * (b - a) - [x, y]).T).min() for a, b in zip(points, following, strict=True)
    )
    crossed = sum(
        (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in zip(points, following, strict=True)
    )
    return -nearest if crossed % 2 else nearest


@pytest.mark.parametrize("turn", [1, -1])
def test_distance_to_a_hollow_polygon(turn):
    arrow = np.array([[5.0, 5.0], [50.0, 30.0], [5.0, 55.0], [20.0, 30.0]])[::turn]
    table = polygon_distance(arrow, COLUMN, ROW)
    for i, j in [(30, 10), (30, 30), (10, 10), (60, 60), (30, 19), (3, 3), (29, 49)]:
        assert table[i, j] == pytest.approx(distance_by_definition(arrow, j + 0.5, i + 0.5), abs=0.02)


@given(st.integers(3, 9), st.floats(0, 6.28), st.floats(5, 25))
def test_area_of_regular_polygons(corners, turn, radius):
    angle = turn + 2 * np.pi * np.arange(corners) / corners
    points = 32 + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    alpha, _ = Polygon(points, GREY, 1.0).paint(COLUMN, ROW, LIGHT)
    area, outline = (
        corners / 2 * radius**2 * np.sin(2 * np.pi / corners),
        2 * corners * radius * np.sin(np.pi / corners),
    )
    # coverage taken from the distance of a pixel's middle errs by at most (sqrt(2) - 1) / 2 of a pixel along
    # the outline,
    # and a corner adds less than two pixels
    assert abs(alpha.sum() - area) <= 0.03 * outline + 2 * corners


@given(st.floats(3, 28), st.floats(3, 28))
def test_area_of_discs(a, b):
    alpha, _ = Disc(np.array([32.0, 32.0]), np.array([a, 0]), np.array([0, b]), ((1.0, GREY),), 1.0).paint(
        COLUMN, ROW, LIGHT
    )
    assert alpha.sum() == pytest.approx(np.pi * a * b, rel=0.12, abs=4)
    assert alpha.min() >= 0
    assert alpha.max() == 1


def test_area_of_a_round_bar():
    alpha, _ = Limb(np.array([12.0, 20.0]), np.array([52.0, 40.0]), (5.0,), GREY, 1.0).paint(
        COLUMN, ROW, LIGHT
    )
    assert alpha.sum() == pytest.approx(np.hypot(40, 20) * 10 + np.pi * 25, rel=0.01)


def test_the_nearer_shape_hides_the_farther_whatever_their_order():
    square = np.array([[10.0, 10.0], [40.0, 10.0], [40.0, 40.0], [10.0, 40.0]])
    far, near = Polygon(square, np.array([1.0, 0, 0]), 9.0), Polygon(square + 15, np.array([0, 1.0, 0]), 2.0)
    for shapes in ([far, near], [near, far]):
        layer = render(shapes, LIGHT, CANVAS)
        assert layer.color[30 - layer.top, 30 - layer.left].tolist() == pytest.approx([0, 1, 0], abs=1e-12)
        assert layer.color[15 - layer.top, 15 - layer.left].tolist() == pytest.approx([1, 0, 0], abs=1e-12)


def test_shapes_beyond_the_canvas_give_nothing():
    away = Polygon(np.array([[-50.0, 0], [-40.0, 0], [-40.0, 9]]), GREY, 1.0)
    assert render([away], LIGHT, CANVAS) is None


def test_light_falls_from_its_side():
    assert LIGHT.on(0.0, 1.0, 0.0).tolist() == pytest.approx([0.9] * 3)  # lamp .5 + full ambient .4
    assert LIGHT.on(0.0, -1.0, 0.0).tolist() == pytest.approx([0.2] * 3)  # half the ambient from below


def test_projection_by_hand():
    view = View(focal=100.0, horizon=40.0, height_m=1.5)
    assert view.project([0.0, 1.5, 7.0]).tolist() == [CANVAS / 2, 40.0]  # at eye height: on the horizon
    assert view.project([1.0, 0.0, 10.0]).tolist() == [CANVAS / 2 + 10.0, 55.0]
    pose = Pose(np.array([2.0, 0.0, 10.0]), np.pi / 2)  # looks to the right
    np.testing.assert_allclose(pose.world([3.0, 0.0, 1.0]), [5.0, 1.0, 10.0], atol=1e-12)
    np.testing.assert_allclose(pose.world([0.0, 1.0, 0.0]), [2.0, 0.0, 9.0], atol=1e-12)
