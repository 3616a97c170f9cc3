"""The shape of a data set: what it refuses, and that picking examples keeps columns together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data.dataset import Dataset


def small(**changes) -> Dataset:
    fields = {"name": "toy", "split": "train", "x": np.arange(12.0).reshape(3, 4), "y": np.array([0, 1, 1]),
              "class_names": ("off", "on"), "fs": 4.0, "group": np.array([5, 5, 6]),
              "extras": {"bpm": np.array([60.0, 70.0, 80.0])}}
    return Dataset(**(fields | changes))


@pytest.mark.parametrize(("changes", "words"), [
    ({"x": np.zeros((0, 4))}, "x is empty"),
    ({"split": "trian"}, "split must be one of"),
    ({"y": np.array([0, 1])}, r"y has shape \(2,\), but x has 3"),
    ({"group": np.array([1])}, "group has shape"),
    ({"extras": {"bpm": np.zeros(2)}}, "bpm has shape"),
    ({"y": np.array([0.0, 1.0, 1.0])}, "vector of integers"),
    ({"y": np.array([0, 2, 1])}, r"y\[1\] is 2, expected 0..1"),
    ({"y": np.array([0, 1, -1])}, r"y\[2\] is -1"),
    ({"class_names": ("on", "on")}, "class_names repeat"),
    ({"fs": 0}, "fs must be a positive rate"),
    ({"fs": float("nan")}, "fs must be a positive rate"),
    ({"x": np.array([[1.0], [np.nan], [2.0]])}, r"x\[1\] holds NaN"),
    ({"x": np.array([[1.0], [2.0], [np.inf]])}, r"x\[2\] holds NaN or infinite"),
    ({"x": np.array(["a", "b", "c"])}, "real numbers"),
])
def test_refuses_with_the_offender_named(changes, words):
    with pytest.raises(ValueError, match=words):
        small(**changes)


def test_is_frozen_and_counts():
    data = small()
    assert data.counts() == {"off": 1, "on": 2}
    with pytest.raises(AttributeError):
        data.name = "other"


@given(st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_subset_keeps_columns_together(index):
    data = small()
    part = data.subset(index)
    for i, j in enumerate(index):
        assert np.array_equal(part.x[i], data.x[j])
        assert (part.y[i], part.group[i], part.extras["bpm"][i]) == (data.y[j], data.group[j], data.extras["bpm"][j])
