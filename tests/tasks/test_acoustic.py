"""The acoustic tasks: sound of any rate and kind becomes the same input; scores become AUC per unit."""

import numpy as np
import pytest

from edgekit.data import logmel
from edgekit.tasks import acoustic


def sound(rows=2, seconds=2.0, fs=16000, seed=0):
    """Red noise and a tone, full scale about .3."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * fs)) / fs
    low = np.cumsum(rng.standard_normal((rows, len(time))), axis=1)
    low -= low.mean(axis=1, keepdims=True)
    return 0.1 * low / low.std() + 0.1 * np.sin(2 * np.pi * 1000 * time)


def test_sound_and_its_features_give_the_same_input():
    x = sound()
    assert np.allclose(acoustic.front_end(x, 16000), acoustic.front_end(logmel.power_db(x), 16000), atol=1e-4)
    assert acoustic.front_end(x, 16000).shape == (2, 32, 40, 1)


def test_codes_of_a_converter_and_parts_of_full_scale_are_alike():
    x = sound()
    codes = np.round(x * 32768).astype(np.int16)
    assert np.allclose(acoustic.features(codes, 16000), acoustic.features(x, 16000), atol=0.5)


def test_first_microphone_of_an_array_is_heard():
    x = sound()
    both = np.stack([x, np.zeros_like(x)], axis=2)
    assert np.array_equal(acoustic.features(both, 16000), acoustic.features(x, 16000))


def test_another_rate_shifts_no_tone():
    time = np.arange(44100) / 44100
    tone = np.sin(2 * np.pi * 1000 * time)[None]
    own = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)[None]
    there, here = acoustic.features(tone, 44100), acoustic.features(own, 16000)
    assert np.abs(there.mean(axis=1) - here.mean(axis=1))[0, here.mean(axis=1)[0].argmax()] < 0.1
    assert there.mean(axis=1).argmax() == here.mean(axis=1).argmax()


def test_cut_makes_whole_seconds():
    pieces, owner = acoustic.cut(sound(seconds=3.1), 16000)
    assert pieces.shape == (6, 32, 40)
    assert owner.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_unit_relative_to_itself_is_flat():
    x = logmel.power_db(sound())
    windows, owner = acoustic.relative_input(x, 16000, acoustic.reference(x, 16000))
    assert windows.shape == (2 * (x.shape[1] // 32), 32, 40, 1)
    assert abs(windows.mean()) < 1e-6
    assert np.abs(windows.mean(axis=(0, 1))).max() < 0.1
    assert owner.max() == 1


def test_errors_count_what_lasts_twice_more():
    x = np.zeros((3, 32, 40, 1))
    flicker = np.where(np.arange(32) % 2, 3.0, -3.0)[:, None] * np.ones(40)
    answers = np.stack([np.zeros(1280), np.full(1280, 3.0), flicker.ravel()])
    assert acoustic.errors(x, answers).tolist() == [0.0, 9.0 + 2 * 9.0, 9.0]


def test_auc_is_per_unit_and_over_recordings():
    """Two units of two windows per recording; unit 7 perfect, unit 8 reversed; levels of the units do not mix."""
    truth = np.array([[0, 7, 0], [0, 7, 0], [1, 7, 1], [1, 7, 1], [0, 8, 2], [0, 8, 2], [1, 8, 3], [1, 8, 3]])
    scores = np.array([1.0, 3.0, 2.5, 2.5, 90.0, 90.0, 80.0, 99.0])  # means 2, 2.5, 90, 89.5
    result = acoustic.per_unit(truth, scores)
    assert result[7][0] == 1.0
    assert result[8][0] == 0.0
    assert acoustic.mean_auc(truth, scores) == 0.5


def test_partial_auc_equals_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    y, scores = rng.integers(0, 2, 200), rng.standard_normal(200)
    scores += y
    truth = np.stack([y, np.full(200, 3), np.arange(200)], axis=1)
    area, part = acoustic.per_unit(truth, scores)[3]
    assert area == pytest.approx(sklearn.roc_auc_score(y, scores))
    assert part == pytest.approx(sklearn.roc_auc_score(y, scores, max_fpr=0.1))


def test_anomaly_inputs_hold_both_windows_of_each_recording():
    x, truth = acoustic.ANOMALY.inputs("val")
    assert x.shape == (len(truth), 32, 40, 1)
    assert np.bincount(truth[:, 2]).tolist() == [2] * (len(truth) // 2)
    assert set(np.unique(truth[:, 0])) == {0, 1}
    assert sum(len(batch) for batch in acoustic.ANOMALY.calibration_batches(100)) == 100


@pytest.mark.parametrize("x", [np.zeros(16000), np.zeros((2, 16000), complex), np.zeros((2, 3, 4, 5))])
def test_refuses_what_is_no_sound(x):
    with pytest.raises(ValueError, match="acoustic: x must be sound"):
        acoustic.features(x, 16000)


def test_refuses_less_than_a_second():
    with pytest.raises(ValueError, match="less than one second"):
        acoustic.front_end(sound(seconds=0.5), 16000)
