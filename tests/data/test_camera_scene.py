"""Scenes: boxes around what is painted, labels that agree, no legal parameter that breaks."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data.synthetic import camera
from edgekit.data.synthetic.camera import CameraParams, Params, SceneParams, scene
from edgekit.data.synthetic.camera.actors import Actor
from edgekit.data.synthetic.camera.imaging import draw_camera, photograph
from edgekit.data.synthetic.camera.places import MIN_AREA
from edgekit.data.synthetic.camera.stage import draw_stage
from edgekit.data.synthetic.camera.view import FRAME, Pose

SPLITS = ("train", "val", "test")


def within(item):
    """A strategy for one field of the parameters: any legal range, or any chance."""
    low, high = item.metadata["legal"]
    number = st.floats(low, high)
    if item.metadata["kind"] == "chance":
        return number
    return st.tuples(number, number).map(lambda pair: (min(pair), max(pair)))


def any_legal(cls):
    return st.builds(cls, **{item.name: within(item) for item in fields(cls)})


def composed(index, split, label, params=SceneParams()):  # noqa: B008 - frozen
    """(empty scene, scene) on one stage."""
    stage = draw_stage(split, params, np.random.default_rng([index, 0]))
    empty = scene.compose(0, split, stage, params, np.random.default_rng([index, 1]))
    return empty, scene.compose(label, split, stage, params, np.random.default_rng([index, 1]))


def check(made, label, params):
    """What holds for every scene."""
    assert np.isfinite(made.light).all()
    assert made.light.min() >= 0
    assert len(made.boxes) == len(made.kinds) == len(made.families) == len(made.hidden) <= scene.MAX_OBJECTS
    assert (0 in made.kinds) == bool(label & 1)
    assert (1 in made.kinds) == bool(label & 2)
    assert (made.hidden <= params.hidden[1]).all()
    assert (made.hidden >= -1e-9).all()
    if len(made.boxes):
        left, top, right, bottom = made.boxes.T
        assert (left >= 0).all()
        assert (top >= 0).all()
        assert max(right.max(), bottom.max()) <= FRAME
        assert ((right - left) * (bottom - top) >= MIN_AREA * FRAME**2).all()


@settings(max_examples=40)
@given(
    any_legal(SceneParams),
    any_legal(CameraParams),
    st.sampled_from(SPLITS),
    st.integers(0, 3),
    st.integers(0, 9999),
)
def test_any_legal_parameter_gives_a_scene(params, lens, split, label, seed):
    _, made = composed(seed, split, label, params)
    check(made, label, params)
    rng = np.random.default_rng(seed)
    picture = photograph(made.light, draw_camera(lens, rng), rng)
    assert picture.shape == (FRAME, FRAME, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("split", SPLITS)
def test_default_scenes_keep_the_rules(split):
    for index in range(40):
        check(composed(index, split, index % 4)[1], index % 4, SceneParams())


def test_outside_the_boxes_only_shadows_change():
    """Objects leave their mark inside their boxes; elsewhere the picture is that of the empty stage, or
    darker by one factor."""
    for index in range(60):
        empty, made = composed(index, SPLITS[index % 3], 1 + index % 3)
        frame = scene.FRAME_WINDOW
        before, after = empty.light[frame], made.light[frame]
        ratio = after / before
        foreign = (np.ptp(ratio, axis=-1) > 0.02) | (ratio.max(-1) > 1.001)
        outside = np.ones((FRAME, FRAME), bool)
        for left, top, right, bottom in made.boxes.astype(
            int
        ):  # an edge pixel less than a third covered lies outside
            outside[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2] = False
        # single thin parts (a mirror, a strand) may be covered by less than a third everywhere
        assert (foreign & outside).mean() < 0.01


def test_boxes_are_tight():
    """Every side of a box touches what changed against the empty stage."""
    for index in range(60):
        empty, made = composed(index, SPLITS[index % 3], 1 + index % 2)
        if len(made.boxes) != 1:
            continue
        changed = np.abs(made.light - empty.light)[scene.FRAME_WINDOW].max(-1) > 1e-6
        left, top, right, bottom = made.boxes[0].astype(int)
        for edge in (
            changed[top, left:right],
            changed[bottom - 1, left:right],
            changed[top:bottom, left],
            changed[top:bottom, right - 1],
        ):
            assert edge.any()


def test_the_visible_box_by_hand():
    visible = np.zeros((8, 8))
    visible[2:5, 3] = 0.9
    visible[4, 6] = 0.34
    visible[7, 7] = 0.2
    assert scene.visible_box(visible) == (3, 2, 7, 5)
    assert scene.visible_box(np.zeros((8, 8))) == (0, 0, 0, 0)


def test_a_hidden_part_is_what_a_nearer_object_covers():
    """Two rectangles of 10 x 10, the nearer over 3 columns of the farther: 30 % hidden."""
    from types import SimpleNamespace

    from edgekit.data.synthetic.camera.raster import Layer
    from edgekit.data.synthetic.camera.view import CANVAS

    def actor(left, depth, kind):
        layer = Layer(left, 30, np.full((10, 10, 3), 0.5), np.ones((10, 10)))
        return Actor(layer, Pose(np.array([0.0, 0.0, 0.1]), 0.0), depth, (1, 1), kind, "x")

    light = SimpleNamespace(direction=(0.0, 1.0, 0.0))
    stage = SimpleNamespace(canvas=np.full((CANVAS, CANVAS, 3), 0.1), clutter=(), view=None, light=light)
    made = scene._assemble([actor(30, 5.0, 0), actor(37, 3.0, 1)], stage, in_front=False)
    assert made.hidden.tolist() == pytest.approx([0.3, 0.0])
    assert made.boxes.tolist() == [[22, 22, 29, 32], [29, 22, 39, 32]]  # the canvas has a margin of 8


def test_parameters_beyond_the_legal_range_are_refused():
    with pytest.raises(ValueError, match="size must lie in"):
        SceneParams(size=(0.001, 0.6))
    with pytest.raises(ValueError, match="clutter must lie in"):
        SceneParams(clutter=1.5)
    with pytest.raises(ValueError, match="shot_noise must lie in"):
        CameraParams(shot_noise=(1e-4, 0.5))


def test_scenes_depend_on_seed_split_and_index_alone():
    first = camera.make_scene(3, 9, "val")
    again = camera.make_scene(3, 9, "val")
    assert first[0] == again[0]
    for other in ((4, 9, "val"), (3, 10, "val"), (3, 9, "test")):
        assert camera.make_scene(*other)[0] != first[0]


def test_nuisances_do_not_know_the_label():
    """With another cast on the same stage every nuisance value is the same."""
    params = Params()
    for index in range(4):
        stages = []
        for label in (0, 3):
            rng = np.random.default_rng([5, index])
            stage = draw_stage("train", params.scene, rng)
            lens = draw_camera(params.camera, rng)
            scene.compose(label, "train", stage, params.scene, np.random.default_rng([6, index]))
            stages.append(camera._nuisance(stage, lens))
        np.testing.assert_array_equal(*stages)
