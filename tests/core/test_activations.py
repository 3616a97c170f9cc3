"""Activations against PyTorch; a float32 of either side carries a few units in the last place."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import activations

EPS = np.finfo(np.float32).eps
TWINS = {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "hard_sigmoid": F.hardsigmoid, "hard_swish": F.hardswish,
}


@pytest.mark.parametrize("name", TWINS)
@given(st.lists(st.floats(-200, 200, width=32), min_size=1, max_size=30))
def test_equals_torch(name, values):
    x = np.array(values, np.float32)
    y = getattr(activations, name)(x)
    expected = TWINS[name](torch.from_numpy(x)).numpy()
    assert y.dtype == np.float32
    assert (np.abs(y - expected) <= 4 * EPS * np.maximum(np.abs(expected), 1)).all()


def test_sigmoid_of_a_large_number_does_not_warn():
    with np.errstate(all="raise", under="ignore"):
        assert activations.sigmoid(np.array([-1e30, 1e30], np.float32)).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("name", "expected"), [
    ("hard_sigmoid", [0.0, 0.0, 0.5, 1.0, 1.0]), ("hard_swish", [0.0, 0.0, 0.0, 3.0, 5.0]),
])
def test_corners(name, expected):
    assert getattr(activations, name)(np.array([-5.0, -3.0, 0.0, 3.0, 5.0])).tolist() == expected
