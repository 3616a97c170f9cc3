"""Resampling and filtering: against closed forms, the loop definition and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from edgekit.data.signal import bandpass, resample


def tone(fs, hz, seconds=10.0, phase=0.3):
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * fs)) / fs + phase)


@pytest.mark.parametrize("fs_in", [20, 25, 26.7, 33.3, 64, 100.4, 117, 125, 250, 1000])
def test_a_tone_stays_the_same_tone(fs_in):
    """Inside 1 s from the ends the error is below 1 % of the amplitude, whatever the ratio."""
    found = resample(tone(fs_in, 1.5), fs_in, 100.0)
    wanted = np.sin(2 * np.pi * 1.5 * np.arange(len(found)) / 100 + 0.3)
    assert abs(len(found) - 1000) <= 1
    assert np.abs(found - wanted)[100:-100].max() < 0.01


def test_what_lies_above_the_new_nyquist_is_removed():
    mixed = tone(250, 2.0) + tone(250, 70.0)
    found = resample(mixed, 250, 100)
    assert np.abs(found - resample(tone(250, 2.0), 250, 100))[100:-100].max() < 0.01


def test_equals_scipy_in_the_middle():
    rng = np.random.default_rng(0)
    x = scipy_signal.lfilter(*scipy_signal.butter(3, 5, fs=125), rng.standard_normal(1250))
    ours, theirs = resample(x, 125, 100), scipy_signal.resample_poly(x, 4, 5)
    assert np.abs(ours - theirs)[100:-100].max() < 0.01 * np.abs(x).max()


@given(st.floats(20, 1000), st.floats(20, 1000), st.integers(2, 300))
def test_length_and_constant(fs_in, fs_out, length):
    found = resample(np.full((2, length), 7.5), fs_in, fs_out)
    assert found.shape == (2, max(1, round(length * fs_out / fs_in)))
    assert np.allclose(found, 7.5)


def test_rows_do_not_mix():
    x = np.random.default_rng(1).standard_normal((3, 500))
    assert np.allclose(resample(x, 50, 100)[1], resample(x[1], 50, 100))
    assert np.allclose(bandpass(x, 50, 0.5, 8)[2], bandpass(x[2], 50, 0.5, 8))


@pytest.mark.parametrize(("hz", "gain"), [(0.5, 2 ** -0.5), (2.0, 1.0), (8.0, 2 ** -0.5), (0.05, 0.01)])
def test_gain_of_the_band_pass(hz, gain):
    """Literal gains: 1/sqrt 2 at both corners, (f/low)^2 far below."""
    found = bandpass(tone(100, hz, 60), 100, 0.5, 8.0)[1000:-1000]
    assert np.abs(found).max() == pytest.approx(gain, abs=0.02)


def test_the_band_pass_does_not_shift():
    x = tone(100, 2.0, 20)
    lag = np.argmax(np.correlate(bandpass(x, 100, 0.5, 8), x, "full")) - (len(x) - 1)
    assert lag == 0


def test_the_low_pass_has_the_butterworth_gain():
    """The analogue second-order Butterworth of SciPy has the same magnitude."""
    fs, f = 100.0, np.array([1.0, 2.0, 4.0])
    _, h = scipy_signal.freqs(*scipy_signal.butter(2, 2 * np.pi * 8.0, analog=True), worN=2 * np.pi * f)
    for hz, wanted in zip(f, np.abs(h), strict=True):
        found = bandpass(tone(fs, hz, 60), fs, 0, 8.0)[1000:-1000]
        assert np.abs(found).max() == pytest.approx(wanted, abs=0.005)


@pytest.mark.parametrize("call", [
    lambda: resample(np.ones(5), 0, 100), lambda: resample(np.ones(5), 100, float("nan")),
    lambda: bandpass(np.ones(50), -1, 1, 2), lambda: bandpass(np.ones(50), 100, 3, 2),
    lambda: bandpass(np.ones(50), 100, -1, 2)])
def test_bad_rates_and_bands(call):
    with pytest.raises(ValueError, match=r"(must be a positive rate|expected 0 <= low < high)"):
        call()
