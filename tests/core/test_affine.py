"""The affine map: the published values of the one-page quantizer, the six traps, the properties that rule them out."""
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.affine import QParams, choose_qparams, dequantize, fake_quantize, quantize

PUBLISHED = np.array([-1.0, -0.5, 0.0, 0.3, 0.8, 1.2])
REALS = st.floats(-1e6, 1e6, width=32)
RANGES = st.tuples(REALS, REALS).map(sorted)
BITS = st.integers(2, 16)
SCHEMES = st.sampled_from(["affine", "symmetric"])


def per_channel(channels, axis=0):
    return QParams(np.ones(channels), np.zeros(channels), axis=axis)


def test_the_published_codes():
    qparams = choose_qparams(PUBLISHED.min(), PUBLISHED.max())
    codes = quantize(PUBLISHED, qparams)
    assert codes.tolist() == [-128, -70, -12, 23, 81, 127]
    assert codes.dtype == np.int8
    assert np.float32(qparams.scale) == np.float32(0.008627451)
    assert int(qparams.zero_point) == -12


def test_trap_1_the_divisor_is_255_not_256():
    qparams = choose_qparams(0.0, 255.0)
    assert qparams.scale == 1.0  # 256 would give 0.99609375 and send 255 to code 128
    assert quantize(np.arange(256.0), qparams).tolist() == list(range(-128, 128))


def test_trap_2_a_range_without_zero_is_widened_first():
    x = np.array([10.0, 11.0, 12.0])
    qparams = choose_qparams(x.min(), x.max())
    assert (float(qparams.scale), int(qparams.zero_point)) == (12 / 255, -128)
    assert quantize(x, qparams).tolist() == [84, 106, 127]
    assert np.abs(fake_quantize(x, qparams) - x).max() <= qparams.scale / 2


def test_trap_3_the_difference_is_not_taken_in_int8():
    qparams = choose_qparams(-1.0, 1.2)
    restored = dequantize(np.array([-128, -70, -12, 23, 81, 127], np.int8), qparams)
    assert restored.dtype == np.float32
    expected = np.float32([-1.0007843, -0.50039214, 0.0, 0.3019608, 0.80235296, 1.1992157])
    np.testing.assert_allclose(restored, expected, rtol=1e-6)


def test_trap_4_a_constant_has_a_scale_and_nan_is_refused():
    for value in (2.0, -2.0, 0.0):
        qparams = choose_qparams(value, value)
        assert fake_quantize(np.full(2, value), qparams).tolist() == pytest.approx([value] * 2, abs=qparams.scale / 2)
    assert choose_qparams(0.0, 0.0).scale == 1.0
    with pytest.raises(ValueError, match=r"quantize: x must be finite, got nan at index \(1,\); clean"):
        quantize(np.array([1.0, np.nan, -1.0]), choose_qparams(-1, 1))
    with pytest.raises(ValueError, match="choose_qparams: need finite low <= high"):
        choose_qparams(np.nan, 1.0)


def test_trap_5_symmetric_means_zero_point_zero_and_equal_arms():
    qparams = choose_qparams(-1.0, 1.2, scheme="symmetric")
    assert (int(qparams.zero_point), qparams.qmin, qparams.qmax) == (0, -127, 127)
    codes = quantize(PUBLISHED, qparams)
    assert np.array_equal(quantize(-PUBLISHED, qparams), -codes)


def test_trap_6_the_error_bound_is_half_a_step_not_a_quarter():
    """A 3-bit grid passes `error < 0.25` on these values; it does not pass scale / 2 of 8 bits."""
    errors = [np.abs(fake_quantize(PUBLISHED, choose_qparams(-1.0, 1.2, bits)) - PUBLISHED).max() for bits in (8, 3)]
    half_step = float(choose_qparams(-1.0, 1.2).scale) / 2
    assert errors[0] <= half_step < errors[1] < 0.25


@given(RANGES, BITS, SCHEMES, st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_error_is_at_most_half_a_step_inside_the_range(ends, bits, scheme, shares):
    low, high = ends
    qparams = choose_qparams(low, high, bits, scheme)
    x = np.clip(np.array([low + s * (high - low) for s in shares]), low, high)
    x = np.append(x, [low, high, 0.0])
    restored = qparams.scale * (quantize(x, qparams).astype(np.float64) - qparams.zero_point)
    slack = 1 + 1e-9 if scheme == "symmetric" else 2 + 1e-9  # nudging moves an affine grid by up to half a step
    assert np.abs(restored - x).max() <= slack * qparams.scale / 2
    assert restored[-1] == 0


@given(RANGES, BITS, SCHEMES)
def test_every_code_survives_a_round_trip(ends, bits, scheme):
    qparams = choose_qparams(*ends, bits, scheme)
    codes = np.unique(np.linspace(qparams.qmin, qparams.qmax, 300).round().astype(np.int64))
    restored = qparams.scale * (codes - qparams.zero_point)
    assert np.array_equal(quantize(restored, qparams), codes)
    assert np.array_equal(quantize(dequantize(codes, qparams), qparams), codes)


@given(RANGES, BITS, SCHEMES, st.lists(REALS, min_size=2, max_size=20))
def test_quantize_is_monotone_and_stays_on_the_grid(ends, bits, scheme, values):
    qparams = choose_qparams(*ends, bits, scheme)
    codes = quantize(np.sort(values), qparams).astype(np.int64)
    assert (np.diff(codes) >= 0).all()
    assert qparams.qmin <= codes.min() <= codes.max() <= qparams.qmax
    assert len(set(codes.tolist())) <= 2**bits


@given(RANGES, st.lists(REALS, min_size=1, max_size=20))
def test_codes_equal_torch(ends, values):
    """Torch multiplies by 1 / scale in float32 and so may differ by one step next to a tie, nowhere else."""
    qparams = choose_qparams(*ends)
    scale = float(np.float32(qparams.scale))
    x = np.array(values, np.float32)
    zero_point = int(qparams.zero_point)
    theirs = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), scale, zero_point, -128, 127).double().numpy()
    ours = quantize(x, QParams(scale, zero_point)).astype(int)
    theirs = np.rint(theirs / scale).astype(int) + zero_point
    unsure = np.abs(np.abs(x / scale % 1) - 0.5) < 1e-4
    assert np.array_equal(ours[~unsure], theirs[~unsure])


def test_ties_go_to_the_even_code_before_the_zero_point_is_added():
    ties = np.array([-1.5, -0.5, 0.5, 1.5, 2.5])
    assert quantize(ties, QParams(1.0, 3)).tolist() == [1, 3, 3, 5, 5]  # 3 + (-2, 0, 0, 2, 2)


def test_one_scale_per_channel():
    x = np.array([[1.0, -2.0], [100.0, 50.0]])
    qparams = choose_qparams(x.min(1), x.max(1), scheme="symmetric", axis=0)
    assert qparams.scale.tolist() == [2 / 127, 100 / 127]
    expected = [quantize(row, choose_qparams(row.min(), row.max(), scheme="symmetric")) for row in x]
    assert np.array_equal(quantize(x, qparams), expected)
    assert np.array_equal(quantize(x.T, choose_qparams(x.min(1), x.max(1), scheme="symmetric", axis=-1)).T, expected)


@pytest.mark.parametrize(("bits", "signed", "narrow", "ends", "dtype"), [
    (8, True, False, (-128, 127), "int8"), (8, True, True, (-127, 127), "int8"), (8, False, False, (0, 255), "uint8"),
    (2, True, True, (-1, 1), "int8"), (2, True, False, (-2, 1), "int8"), (4, True, True, (-7, 7), "int8"),
    (9, True, False, (-256, 255), "int16"), (16, False, False, (0, 65535), "uint16"),
])
def test_grids(bits, signed, narrow, ends, dtype):
    qparams = QParams(1.0, 0, bits, None, signed, narrow)
    assert (qparams.qmin, qparams.qmax) == ends
    assert qparams.dtype == np.dtype(dtype)
    assert quantize(np.array([-1e9, 1e9]), qparams).tolist() == list(ends)


@pytest.mark.parametrize("ends", [(-1e-45, 1e-45), (-1e-310, 0), (-1e38, 1e38), (0, 1e38), (-1e-30, 1e30)])
@pytest.mark.parametrize("scheme", ["affine", "symmetric"])
def test_extreme_ranges_give_scales_that_float32_can_hold(ends, scheme):
    qparams = choose_qparams(*ends, scheme=scheme)
    assert np.isfinite(np.float32(qparams.scale))
    assert np.float32(qparams.scale) > 0
    assert np.isfinite(fake_quantize(np.array(ends), qparams)).all()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: choose_qparams(0, 1, 1), "choose_qparams: num_bits must be 2..16, got 1; for 1 bit use lowbit.binarize"),
    (lambda: choose_qparams(0, 1, 8.0), "num_bits must be 2..16, got 8.0"),
    (lambda: choose_qparams(0, 1, True), "num_bits must be 2..16, got True"),
    (lambda: choose_qparams(1, 0), "need finite low <= high within .*, got low=1.0, high=0.0"),
    (lambda: choose_qparams(0, np.inf), "need finite low <= high"),
    (lambda: choose_qparams(0, 1e39), r"within \+-1e\+38, got low=0.0, high=1e\+39"),
    (lambda: choose_qparams([], [], axis=0), "must both be scalars, or both"),
    (lambda: choose_qparams([0, 1], [1, 2]), r"shape \(channels,\) with an axis; got axis=None"),
    (lambda: choose_qparams(0, 1, scheme="log"), "scheme must be one of"),
    (lambda: choose_qparams(0, 1, scheme="symmetric", signed=False), "symmetric scheme needs a signed grid"),
    (lambda: QParams(0.0, 0), "QParams: scale must be finite and positive, got 0.0"),
    (lambda: QParams(np.nan, 0), "scale must be finite and positive"),
    (lambda: QParams(1.0, 128), "zero_point must lie on the grid -128..127, got 128"),
    (lambda: QParams(np.ones(3), np.zeros(2), axis=0), "must both be"),
    (lambda: quantize(np.ones(3), per_channel(3, 1)), "quantize: qparams have 3 channels along axis 1"),
    (lambda: quantize(np.ones((2, 4)), per_channel(3)), r"along axis 0, the array has shape \(2, 4\)"),
    (lambda: dequantize(np.ones((2, 4), np.int8), per_channel(3)), "dequantize: qparams have 3 channels"),
    (lambda: dequantize(np.array([0.5]), QParams(1.0, 0)), "dequantize: expected integer codes, got float64"),
    (lambda: QParams(1.0, 0.5), "QParams: zero_point must be whole"),
])
def test_errors_name_the_call_the_offender_and_the_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()
