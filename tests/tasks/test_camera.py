"""The camera tasks: one front end for every picture, and a metric that reads boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.affine import choose_qparams, quantize
from edgekit.core.detection import grid_targets
from edgekit.data.pictures import to_codes, to_square
from edgekit.tasks.camera import DETECT, PRESENCE, detections, front_end, map_50, truth


def test_codes_become_minus_one_to_one_and_int8_without_rounding():
    x = np.zeros((1, 96, 96, 3), np.uint8)
    x[0, 0, 0] = [0, 51, 255]
    y = front_end(x)
    assert y.dtype == np.float32
    assert y.shape == (1, 96, 96, 3)
    np.testing.assert_array_equal(y[0, 0, 0], [-1, 51 / 128 - 1, 127 / 128])
    codes = np.arange(256, dtype=np.uint8).repeat(36 * 3).reshape(1, 96, 96, 3)
    grid = choose_qparams(-1, 127 / 128)
    np.testing.assert_array_equal(quantize(front_end(codes), grid), codes.astype(int) - 128)


def test_every_number_format_gives_the_same_input():
    codes = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3)).astype(np.uint8)
    for other in (codes.astype(float), codes / 255, codes.astype(np.float32)):
        np.testing.assert_allclose(front_end(other), front_end(codes), atol=1e-5)
    grey = codes[..., 0]
    np.testing.assert_array_equal(front_end(grey), front_end(np.repeat(grey[..., None], 3, -1)))


def overlap_by_definition(row, new):
    """Average of a row over `new` equal parts, by fine steps."""
    fine = np.repeat(row, new)
    return fine.reshape(new, -1).mean(1)


@given(st.integers(1, 40), st.integers(1, 24))
def test_resizing_averages_what_a_pixel_covers(old, new):
    row = np.random.default_rng(old).random(old)
    picture = np.broadcast_to(row[None, None, :, None], (1, old, old, 1))
    expected = overlap_by_definition(row, new)
    np.testing.assert_allclose(to_square(picture, new)[0, 0, :, 0], expected, rtol=1e-9)
    assert to_square(picture, new).mean() == pytest.approx(row.mean())


def test_the_middle_square_is_kept():
    wide = np.zeros((1, 4, 10, 3))
    wide[:, :, 3:7] = 1
    assert to_square(wide, 4).min() == 1


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 5)), r"x must be \(N, H, W, 3\)"),
        (np.zeros((2, 5, 5, 4)), r"x must be \(N, H, W, 3\)"),
        (np.full((1, 4, 4), -1.0), "undo any normalisation"),
        (np.full((1, 4, 4), 300.0), "values must lie in 0..1 or 0..255"),
    ],
)
def test_other_arrays_are_refused(x, message):
    with pytest.raises(ValueError, match=message):
        to_codes(x)


def test_a_perfect_answer_scores_one_and_an_empty_one_nothing():
    y = np.array([[[0, 8, 8, 32, 56], [1, 40, 40, 90, 80]], [[1, 0, 0, 20, 20], [-1, 0, 0, 0, 0]]])
    heat, sides, _ = grid_targets(y[..., 1:], y[..., 0])
    logits = np.log(np.clip(heat, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(heat, 1e-6, 1 - 1e-6))
    answers = np.concatenate([logits, sides], axis=-1)
    assert map_50(y, answers) == 1.0
    assert DETECT.metric(y, answers) == 1.0
    answers[..., :2] = -9
    assert map_50(y, answers) == 0.0


def test_answers_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="answers must be"):
        detections(np.zeros((1, 12, 12, 4)))


def test_truth_holds_every_box_of_the_data_set():
    from edgekit.data.synthetic.camera import make_scenes

    data = make_scenes(6, seed=4)
    y = truth(data)
    assert y.shape == (6, 5, 5)
    np.testing.assert_array_equal(y[..., 0] >= 0, data.extras["kinds"] >= 0)
    np.testing.assert_array_equal(y[..., 1:], data.extras["boxes"])


def test_presence_counts_right_answers():
    assert PRESENCE.metric(np.array([0, 1, 2, 3]), np.array([0, 1, 3, 3])) == 0.75
