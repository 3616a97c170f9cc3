"""Log-mel features against the definition, loop by loop, and in integers against CMSIS-DSP."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data import logmel
from edgekit.data import logmel_q15 as q15


def sound(seed=0, rows=1, samples=2048, rms=3000):
    """Noise with more low than high, as int16."""
    white = np.random.default_rng(seed).standard_normal((rows, samples))
    red = np.cumsum(white, axis=1) * 0.1 + white
    red -= red.mean(axis=1, keepdims=True)
    return np.clip(np.round(rms * red / red.std()), -32768, 32767).astype(np.int16)


# --- float -----------------------------------------------------------------------------------------------------------

def test_equals_the_definition_loop_by_loop():
    x = sound(samples=1024 + 480)[0] / 32768
    weights = logmel.mel_weights()
    for t in range(2):
        n = np.arange(1024)
        piece = x[480 * t:480 * t + 1024] * (0.5 - 0.5 * np.cos(2 * np.pi * n / 1024))
        for band in (0, 7, 39):
            total = 0.0
            for k in np.flatnonzero(weights[band]):
                total += weights[band, k] * abs(np.sum(piece * np.exp(-2j * np.pi * k * n / 1024))) ** 2
            assert logmel.power_db(x)[t, band] == pytest.approx(10 * np.log10(total / 256 ** 2), abs=1e-9)


@pytest.mark.parametrize(("hz", "expected"), [(0.0, 0.0), (700.0, 781.1728), (1000.0, 999.9856), (8000.0, 2840.0231)])
def test_mel_scale(hz, expected):
    assert logmel.mel(hz) == pytest.approx(expected, abs=1e-3)


def test_triangles_meet_at_half_height_and_touch_every_bin_but_the_lowest():
    weights = logmel.mel_weights()
    assert weights.shape == (40, 513)
    assert weights.max() <= 1
    middle = weights.sum(axis=0)[6:480]
    assert np.allclose(middle, 1.0)  # neighbouring triangles add up to one between the first and the last top


def test_twice_as_loud_is_six_decibels_more():
    x = sound()[0] / 32768
    assert np.allclose(logmel.power_db(x) - logmel.power_db(x / 2), 20 * np.log10(2), atol=1e-9)


def test_model_input_does_not_hear_the_gain():
    features = logmel.power_db(sound(samples=16000, rms=300) / 32768.0)
    assert np.allclose(logmel.model_input(features), logmel.model_input(features + 17.0), atol=1e-5)
    assert logmel.model_input(features).shape == (1, 32, 40, 1)


@given(st.integers(0, 255))
def test_codes_return(code):
    assert logmel.to_codes(logmel.from_codes(code)) == code


@pytest.mark.parametrize(("call", "message"), [
    (lambda: logmel.frames(np.zeros(1000)), "1000 samples, expected at least 1024"),
    (lambda: logmel.mel_weights(bands=300), "holds no bin"),
    (lambda: logmel.mel_weights(high_hz=9000.0), "expected 0 <= low_hz < high_hz"),
    (lambda: logmel.windows(np.zeros((1, 31, 40))), "less than one second"),
    (lambda: q15.codes(np.zeros(2048)), "must be int16"),
    (lambda: q15.fft(np.zeros(12, int), np.zeros(12, int)), "power of two"),
])
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- integers --------------------------------------------------------------------------------------------------------

def test_fft_of_an_impulse_and_of_a_constant():
    impulse = np.zeros((1, 8), int)
    impulse[0, 0] = 8000
    re, im = q15.fft(impulse, np.zeros((1, 8), int))
    assert re.tolist() == [[1000] * 8]
    assert im.tolist() == [[0] * 8]
    re, im = q15.fft(np.full((1, 8), 8000), np.zeros((1, 8), int))
    assert re.tolist() == [[8000] + [0] * 7]


@given(st.integers(0, 2 ** 32 - 1), st.sampled_from([8, 64, 512]), st.integers(1, 16383))
def test_fft_is_within_one_code_per_stage(seed, samples, peak):
    rng = np.random.default_rng(seed)
    re, im = rng.integers(-peak, peak + 1, (2, 1, samples))
    exact = np.fft.fft(re + 1j * im) / samples
    got_re, got_im = q15.fft(re, im)
    # half a code of rounding per stage, and 2^-16 of the amplitude by each rounded twiddle factor
    bound = np.log2(samples) * (0.5 * np.sqrt(2) + peak * 2 ** -15)
    assert np.abs(got_re - exact.real).max() <= bound
    assert np.abs(got_im - exact.imag).max() <= bound


@given(st.integers(0, 2 ** 32 - 1), st.sampled_from(["noise", "square", "top", "bottom"]))
def test_every_intermediate_fits_its_register(seed, kind):
    rng = np.random.default_rng(seed)
    x = {"noise": rng.integers(-32768, 32768, 1024), "square": 32767 * np.sign(rng.standard_normal(1024)),
         "top": np.full(1024, 32767), "bottom": np.full(1024, -32768)}[kind].astype(np.int16)
    q, _ = q15.normalise(x)
    assert np.abs(q).max() <= 2 ** 14
    re, im = q15.rfft(q15.window(q))
    assert max(np.abs(re).max(), np.abs(im).max()) <= 2 ** 15 - 1
    power = q15.power_q(re, im)
    assert power.max() < 2 ** 32
    assert (power @ q15.mel_weights_q15().T).max() < 2 ** 62


@given(st.integers(1, 2 ** 61))
def test_log2_is_within_two_steps(value):
    # a straight line over 1/128 misses log2 by at most 1.4427 / (8 * 128^2) = 0.73 / 2^16; roundings add 1.2
    assert abs(int(q15.log2_q16(np.array(value))) / 2 ** 16 - np.log2(value)) <= 2 / 2 ** 16


@given(st.integers(0, 2 ** 32 - 1), st.floats(8.0, 9000.0))
def test_codes_agree_with_float_to_one_code(seed, rms):
    x = sound(seed % 1000, rows=2, rms=rms)
    x = np.clip(x, -32767, 32767).astype(np.int16)
    expected = logmel.to_codes(logmel.power_db(x / 32768.0)).astype(int)
    difference = np.abs(q15.codes(x).astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.25


def test_silence_is_code_zero():
    assert q15.codes(np.zeros(2048, np.int16)).max() == 0


# --- the outside oracle ----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def cmsis():
    return pytest.importorskip("cmsisdsp", reason="cmsisdsp is not installed: pip install cmsisdsp")


def test_window_agrees_with_cmsis(cmsis):
    q, _ = q15.normalise(sound(samples=1024)[0])
    theirs = np.array(cmsis.arm_mult_q15(q.astype(np.int16), q15.hann_q15().astype(np.int16)))
    assert np.abs(q15.window(q) - theirs).max() <= 1  # they cut off, we round


@pytest.mark.parametrize("seed", range(5))
def test_fft_agrees_with_cmsis(cmsis, seed):
    q, _ = q15.normalise(sound(seed, samples=1024)[0])
    q = q15.window(q)
    instance = cmsis.arm_rfft_instance_q15()
    assert cmsis.arm_rfft_init_q15(instance, 1024, 0, 1) == 0
    theirs = 2 * np.array(cmsis.arm_rfft_q15(instance, q.astype(np.int16)), dtype=int)[:1026]  # they halve once more
    ours = np.stack(q15.rfft(q), axis=1).ravel()
    exact = np.fft.rfft(q) / 512
    exact = np.stack([exact.real, exact.imag], axis=1).ravel()
    # they cut off in every stage (a bias of half a code each, doubled here), we round: nearer to the exact result
    assert np.abs(ours - theirs).max() <= 2 * 2 * np.log2(1024)
    assert np.std(ours - exact) < np.std(theirs - exact)


def test_power_agrees_with_cmsis(cmsis):
    re, im = np.random.default_rng(0).integers(-32767, 32768, (2, 500))
    theirs = np.array(cmsis.arm_cmplx_mag_squared_q15(np.stack([re, im], 1).ravel().astype(np.int16)), dtype=int)
    ours = q15.power_q(re, im) >> 17  # their results are Q13
    assert np.abs(ours - theirs).max() <= 1


def test_mel_sums_agree_with_cmsis(cmsis):
    spectrum = np.random.default_rng(0).integers(0, 32768, 513).astype(np.int16)
    for band in range(0, 40, 7):
        weights = np.minimum(q15.mel_weights_q15()[band], 32767).astype(np.int16)
        theirs = int(cmsis.arm_dot_prod_q15(spectrum, weights))  # Q30 in 64 bits: exact
        assert theirs == int(spectrum.astype(np.int64) @ weights.astype(np.int64))


def test_logarithm_agrees_with_cmsis(cmsis):
    x = np.random.default_rng(0).integers(1, 2 ** 31 - 1, 200).astype(np.int32)
    theirs = np.array(cmsis.arm_vlog_q31(x), dtype=np.float64) / 2 ** 26  # natural logarithm in Q26 of x / 2^31
    ours = (q15.log2_q16(x.astype(np.int64)) / 2 ** 16 - 31) * np.log(2)
    assert np.abs(ours - theirs).max() <= 2 / 2 ** 16
