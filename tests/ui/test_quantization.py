"""What the widget computes, against core: grid, error, clipping, bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from edgekit.core.affine import fake_quantize, quantize
from edgekit.core.lowbit import pack
from edgekit.core.metrics import sqnr_db
from edgekit.ui.quantization import channel_grid, quantize_tensor

VALUES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=3, max_side=6),
    elements=st.floats(-4, 4, width=32).filter(lambda v: v == 0 or abs(v) > 1e-3),
)
SETTINGS = st.tuples(
    st.integers(2, 8),
    st.sampled_from(["affine", "symmetric"]),
    st.sampled_from([("minmax", 100.0), ("percentile", 100.0), ("percentile", 90.0)]),
    st.sampled_from([None, 0, -1]),
)


@given(VALUES, SETTINGS)
def test_error_bound_clipping_and_bytes(x, setting):
    num_bits, scheme, (observer, percent), axis = setting
    axis = axis if axis != -1 else x.ndim - 1
    outcome = quantize_tensor(x, num_bits, scheme, observer, percent, axis)
    q = quantize(x, outcome.qparams)
    np.testing.assert_array_equal(outcome.error, fake_quantize(x, outcome.qparams) - x)
    assert np.all(np.abs(outcome.error_steps[~outcome.is_clipped]) <= 0.5 + 1e-4)
    assert np.isin(q[outcome.is_clipped], (outcome.qparams.qmin, outcome.qparams.qmax)).all()
    codes = q if scheme == "symmetric" else q.astype(int)
    assert outcome.payload_bytes == pack(codes, num_bits).size
    scales = 1 if axis is None else x.shape[axis]
    assert outcome.scale_bytes == 4 * scales
    assert outcome.zero_point_bytes in (0, 4 * scales)
    assert outcome.num_bytes == outcome.payload_bytes + outcome.scale_bytes + outcome.zero_point_bytes


def test_sqnr_is_that_of_core():
    x = np.random.default_rng(0).normal(size=(6, 40)).astype(np.float32)
    outcome = quantize_tensor(x, 5)
    np.testing.assert_allclose(outcome.sqnr_db, sqnr_db(x, fake_quantize(x, outcome.qparams)), rtol=1e-6)


@pytest.mark.parametrize("observer", ["minmax", "percentile"])
def test_per_channel_is_each_channel_by_itself(observer):
    x = np.random.default_rng(1).normal(size=(5, 300)) * np.arange(1, 6)[:, None]
    together = quantize_tensor(x, 4, "affine", observer, 98.0, axis=0)
    for channel, part in enumerate(x):
        alone = quantize_tensor(part, 4, "affine", observer, 98.0)
        np.testing.assert_array_equal(together.error[channel], alone.error)
        grid = channel_grid(together.qparams, channel)
        assert (float(grid.scale), int(grid.zero_point)) == (alone.qparams.scale, alone.qparams.zero_point)


def test_clipping_is_seen_where_the_code_leaves_the_grid():
    x = np.append(np.linspace(-1, 1, 999), 30.0)[None]
    outcome = quantize_tensor(x, 4, "symmetric", "percentile", 99.0)
    assert outcome.is_clipped[0, -1]
    assert 0 < outcome.is_clipped.sum() <= 12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_bits": 1}, "num_bits must be 2..16"),
        ({"observer": "guess"}, "kind must be one of"),
        ({"scheme": "log"}, "scheme must be one of"),
        ({"observer": "percentile", "percent": 10.0}, "percent must be 50..100"),
        ({"axis": 7}, "axis 7"),
    ],
)
def test_wrong_settings_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        quantize_tensor(np.ones((2, 3)), **{"num_bits": 4} | change)
