"""What the CalibrationExplorer computes: ranges, the two parts of the error, and the curve between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.observers import observe
from edgekit.ui.calibration import SHARES, calibrated, error_curve, parts, share_of, thinned
from edgekit.ui.calibration_explorer import OBSERVERS, CalibrationExplorer

X = np.random.default_rng(0).exponential(size=(16, 400)).astype(np.float32)


@given(st.sampled_from(sorted(OBSERVERS.values())), st.integers(2, 8), st.integers(1, 16))
def test_the_two_parts_are_the_whole_error(observer, num_bits, examples):
    outcome = calibrated(X, examples, observer, 99.0, num_bits)
    rounding, clipping = parts(outcome)
    assert rounding + clipping == pytest.approx(np.mean(outcome.error.astype(float) ** 2))
    assert (clipping > 0) == outcome.is_clipped.any()
    assert rounding <= (float(outcome.qparams.scale) / 2) ** 2 * (1 + 1e-4)


def test_only_the_first_examples_are_seen():
    grown = np.concatenate([X, 10 * X])
    few, all_of_them = (calibrated(grown, n, "minmax", 100.0, 8) for n in (16, 32))
    assert float(few.qparams.scale) * 255 == pytest.approx(observe(X, "minmax")[1], rel=1e-6)
    assert all_of_them.qparams.scale == pytest.approx(10 * few.qparams.scale, rel=1e-6)
    assert few.is_clipped.any()


@pytest.mark.parametrize("num_bits", [3, 8])
def test_the_curve_is_the_error_of_the_values_themselves(num_bits):
    """Bins are 1/2048 of the range wide; a value moves by at most half a bin, and so does its error."""
    curve = error_curve(X, num_bits)
    half_bin = float(np.ptp(X)) / 2048 / 2
    for i in (0, 30, 60):
        end = SHARES[i] * float(X.max())
        step = (end - min(0, SHARES[i] * float(X.min()))) / (2**num_bits - 1)
        error = np.clip(np.rint(X.astype(float) / step) * step, 0, end) - X
        assert np.sqrt(curve.total[i]) == pytest.approx(np.sqrt(np.mean(error**2)), abs=half_bin)
    assert np.all(np.diff(curve.clipping) <= 1e-12)
    assert curve.clipping[-1] == 0


def test_share_of_the_range():
    outcome = calibrated(X, 16, "minmax", 100.0, 8)
    assert share_of(outcome) == pytest.approx(1)
    assert share_of(calibrated(X, 16, "percentile", 90.0, 8)) < 0.6
    assert share_of(calibrated(np.zeros((2, 3), np.float32), 2, "minmax", 100.0, 8)) == 1


def test_large_activations_are_thinned_the_same_way_for_every_example():
    x = np.arange(8 * 30_000).reshape(8, 30_000)
    rows = thinned(x)
    assert rows.size <= 1 << 16
    np.testing.assert_array_equal(rows[3] - rows[0], np.full(rows.shape[1], 90_000))


def test_fewer_bits_want_a_smaller_range():
    explorer = CalibrationExplorer({"relu": X})
    best = [SHARES[np.argmin(explorer.compute(**explorer.values | {"num_bits": n}).curve.total)] for n in (2, 4, 8)]
    assert best == sorted(best)
    assert best[0] < best[-1]


@pytest.mark.parametrize(("activations", "message"), [
    ({}, "no activations"), ({"a": np.zeros(3)}, "'a'"), ({"a": np.full((2, 2), np.nan)}, "'a'"),
    ({"a": np.zeros((0, 4))}, "'a'"),
])
def test_unusable_activations_are_named(activations, message):
    with pytest.raises(ValueError, match=message):
        CalibrationExplorer(activations)
