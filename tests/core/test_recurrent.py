"""Recurrent operators against torch, against the equations by hand, and with shapes that do not fit."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.core import recurrent

GATES = {"gru": 3, "lstm": 4}


def weights(op, channels, size, seed=0):
    """w_input, w_hidden, b_input, b_hidden, float32, of a layer whose gates are neither open nor shut."""
    rng, rows = np.random.default_rng(seed), GATES[op] * size
    shapes = (rows, channels), (rows, size), (rows,), (rows,)
    return [(rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32) for shape in shapes]


def torch_layer(op, arrays):
    size, channels = arrays[1].shape[1], arrays[0].shape[1]
    layer = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[op](channels, size, batch_first=True)
    with torch.no_grad():
        for parameter, array in zip(layer.parameters(), arrays, strict=True):
            parameter.copy_(torch.from_numpy(array))
    return layer


@settings(max_examples=30)
@given(st.sampled_from(["gru", "lstm"]), *[st.integers(1, n) for n in (4, 20, 6, 8)], st.integers(0, 2**32 - 1))
def test_equal_to_torch(op, batch, steps, channels, size, seed):
    """float32 has 6e-8 per operation; states stay within 1, and the gates damp what earlier steps left."""
    arrays = weights(op, channels, size, seed)
    x = np.random.default_rng(seed).standard_normal((batch, 1, steps, channels)).astype(np.float32)
    wanted = torch_layer(op, arrays)(torch.from_numpy(x[:, 0]))[0].detach().numpy()
    found = getattr(recurrent, op)(x, *arrays)
    assert found.dtype == np.float32
    assert np.abs(found[:, 0] - wanted).max() < 1e-6
    assert np.array_equal(getattr(recurrent, op)(x, *arrays, return_sequence=False), found[:, 0, -1])


def test_gru_by_hand():
    """One unit, two steps: r = s(.5), z = s(-.5), n = tanh(1 + r .25); then the same with h."""
    w = np.array([[0.5], [-0.5], [1.0]]), np.array([[1.0], [2.0], [-1.0]])
    b = np.zeros(3), np.array([0.0, 0.0, 0.25])
    s = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731 - the equation reads best so
    h = (1 - s(-0.5)) * np.tanh(1 + s(0.5) * 0.25)
    r, z = s(0.5 + h), s(-0.5 + 2 * h)
    second = (1 - z) * np.tanh(1 + r * (0.25 - h)) + z * h
    assert np.allclose(recurrent.gru(np.ones((1, 1, 2, 1)), *w, *b).ravel(), [h, second], rtol=0, atol=1e-12)


def test_lstm_by_hand_and_its_cells():
    w = np.array([[0.5], [-0.5], [1.0], [2.0]]), np.zeros((4, 1))
    b = np.zeros(4), np.array([0.0, 0.25, 0.0, 0.0])
    s = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    c1 = s(0.5) * np.tanh(1)
    c2 = s(-0.25) * c1 + s(0.5) * np.tanh(1)
    x = np.ones((1, 1, 2, 1))
    assert np.allclose(recurrent.lstm(x, *w, *b).ravel(), s(2) * np.tanh([c1, c2]), rtol=0, atol=1e-12)
    assert np.allclose(recurrent.lstm_cells(x, *w, *b).ravel(), [c1, c2], rtol=0, atol=1e-12)


@pytest.mark.parametrize("op", ["gru", "lstm"])
def test_examples_of_a_batch_do_not_meet(op):
    arrays = weights(op, 3, 4)
    x = np.random.default_rng(1).standard_normal((5, 1, 6, 3)).astype(np.float32)
    alone = np.concatenate([getattr(recurrent, op)(row[None], *arrays) for row in x])
    assert np.allclose(getattr(recurrent, op)(x, *arrays), alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("op", ["gru", "lstm"])
@pytest.mark.parametrize(("place", "shape", "words"), [
    (0, (2, 6, 3), r"x must be \(N, 1, T, C\)"), (0, (2, 2, 6, 3), r"x must be \(N, 1, T, C\)"),
    (0, (2, 1, 6, 2), "w_input must be"), (1, (5, 3), "w_input must be"), (2, (5, 4), "w_input must be"),
    (2, (16,), "w_input must be"), (3, (4,), "b_input must be"), (4, (1, 1), "b_hidden must be")])
def test_shapes_that_do_not_fit_are_named(op, place, shape, words):
    arrays = [np.zeros((2, 1, 6, 3), np.float32), *weights(op, 3, 4)]
    arrays[place] = np.zeros(shape, np.float32)
    with pytest.raises(ValueError, match=f"{op}: {words}"):
        getattr(recurrent, op)(*arrays)


@pytest.mark.parametrize("op", ["gru", "lstm"])
def test_huge_inputs_saturate_and_stay_finite(op):
    found = getattr(recurrent, op)(np.full((1, 1, 3, 3), 1e30, np.float32), *weights(op, 3, 4))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1
