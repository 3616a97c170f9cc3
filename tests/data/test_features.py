"""The front end: nothing of the sensor gets through, and bad windows are named."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data import load
from edgekit.data.features import ppg_front_end, resample, robust_scale, split_windows
from edgekit.data.windows import polarity


@pytest.fixture(scope="module")
def windows():
    data = load("ppg", "val")
    return data.subset(data.y < 5).x[:120]


def closeness(a, b):
    """Correlation of each pair of windows."""
    return np.array([np.corrcoef(u, v)[0, 1] for u, v in zip(a, b, strict=True)])


def test_shape_type_and_range(windows):
    x = ppg_front_end(windows, 100.0)
    assert x.shape == (120, 1000)
    assert x.dtype == np.float32
    assert np.abs(x).max() <= 4.0


def test_one_window_may_come_alone(windows):
    assert np.array_equal(ppg_front_end(windows[3], 100.0), ppg_front_end(windows[3:4], 100.0))


@given(gain=st.floats(1e-6, 1e6), offset=st.floats(-1e3, 1e3), sign=st.sampled_from([-1, 1]))
def test_gain_offset_and_polarity_drop_out(gain, offset, sign):
    """Scale and sign of the sensor change the result by rounding alone."""
    phase = np.arange(1000) / 100 * 1.1 % 1
    wave = np.where(phase < 0.25, phase / 0.25, (1 - phase) / 0.75)
    plain = ppg_front_end(wave, 100.0)
    assert np.allclose(ppg_front_end(sign * gain * (wave + offset), 100.0), plain, atol=2e-3)


@pytest.mark.parametrize("fs", [20.0, 25.0, 50.0, 64.0, 117.0, 125.0, 250.0, 1000.0])
def test_the_rate_of_the_sensor_drops_out(windows, fs):
    """The same windows at another rate give the same input: correlation above .97 for nine in ten of them.

    20 Hz is allowed: half of it lies above the band's 8 Hz corner.
    """
    again = ppg_front_end(resample(windows, 100.0, fs), fs)
    assert np.percentile(closeness(again, ppg_front_end(windows, 100.0)), 10) > 0.97


def test_polarity_is_found_on_pulses():
    """A sawtooth that rises in a quarter of its period is upright, its negative is not."""
    phase = np.arange(1000) / 100 * 1.1 % 1
    saw = np.where(phase < 0.25, phase / 0.25, (1 - phase) / 0.75)
    assert polarity(np.stack([saw, -saw]), 100.0).tolist() == [1.0, -1.0]


def test_both_polarities_of_a_window_give_one_input(windows):
    assert np.allclose(ppg_front_end(-windows, 100.0), ppg_front_end(windows, 100.0), atol=1e-4)


def test_robust_scale_ignores_a_jolt():
    x = np.sin(np.arange(1000) / 10)[None]
    jolt = x.copy()
    jolt[0, 500:520] += 100
    assert np.abs(robust_scale(jolt)[0, :400] - robust_scale(x)[0, :400]).max() < 0.15


@pytest.mark.parametrize("samples", [980, 990, 1010, 1020])
def test_length_within_a_fifth_of_a_second(windows, samples):
    x = np.pad(windows[:5], [(0, 0), (0, 20)], mode="reflect")[:, :samples]
    assert ppg_front_end(x, 100.0).shape == (5, 1000)


@pytest.mark.parametrize(("x", "fs", "words"), [
    (np.zeros((0, 1000)), 100.0, "at least one sample"),
    (np.zeros((2, 3, 1000)), 100.0, r"\(N, L\) windows"),
    (np.ones((2, 900)), 100.0, "(10 s within|constant)"),
    (np.random.default_rng(0).random((2, 900)), 100.0, "10 s within 0.2 s, got 900 samples at 100 Hz = 9.00 s"),
    (np.random.default_rng(0).random((2, 1000)), 19.0, r"fs must be 20..1000 Hz, got 19"),
    (np.random.default_rng(0).random((2, 1000)), float("nan"), "fs must be 20..1000"),
    (np.array([["a"] * 1000]), 100.0, "real numbers"),
])
def test_refusals(x, fs, words):
    with pytest.raises(ValueError, match=words):
        ppg_front_end(x, fs)


@pytest.mark.parametrize(("value", "words"), [(np.nan, "window 2 holds NaN"), (np.inf, "window 2 holds NaN or inf")])
def test_a_bad_window_is_named(windows, value, words):
    x = windows[:4].copy()
    x[2, 77] = value
    with pytest.raises(ValueError, match=words):
        ppg_front_end(x, 100.0)


def test_a_constant_window_is_named(windows):
    x = windows[:4].copy()
    x[1] = 512
    with pytest.raises(ValueError, match="window 1 is constant at 512"):
        ppg_front_end(x, 100.0)


def test_split_windows():
    assert np.array_equal(split_windows(np.arange(250), 10.0, 5.0)[:, 0], [0, 50, 100, 150])
    with pytest.raises(ValueError, match="at least 10 s"):
        split_windows(np.arange(99), 10.0)
    with pytest.raises(ValueError, match="step_s"):
        split_windows(np.arange(250), 10.0, 0.0)


def test_two_thousand_windows_in_two_seconds():
    """Stated for the rates of wearables and monitors; processor time, since the machine may be busy."""
    x = np.random.default_rng(0).standard_normal((2000, 1250))
    spent = []
    for _ in range(3):
        start = time.process_time()
        ppg_front_end(x, 125.0)
        spent.append(time.process_time() - start)
    assert min(spent) < 2.0
