"""Dominance, front and hypervolume against their definitions, point by point and cell by cell."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.pareto import dominates, front, hypervolume

SIDE = 5


def clouds(costs):
    return st.lists(st.tuples(*[st.integers(0, SIDE)] * costs), min_size=1, max_size=9)


@pytest.mark.parametrize(("a", "b", "expected"), [
    ((1, 2), (1, 3), True), ((1, 3), (1, 2), False), ((1, 2), (1, 2), False), ((1, 3), (2, 2), False),
    ((0, 0, 0), (0, 0, 1), True), ((0, 0, 2), (1, 1, 1), False), ((-0.5,), (0.0,), True),
])
def test_dominance_by_hand(a, b, expected):
    assert dominates(a, b) is expected


@given(clouds(3))
def test_dominance_is_a_strict_order(points):
    for a, b, c in itertools.product(points[:4], repeat=3):
        assert not dominates(a, a)
        assert not (dominates(a, b) and dominates(b, a))
        assert dominates(a, c) or not (dominates(a, b) and dominates(b, c))


def beaten(point, points):
    """By the definition, one cost after the other."""
    return any(all(a <= b for a, b in zip(other, point, strict=True))
               and any(a < b for a, b in zip(other, point, strict=True)) for other in points)


@given(st.one_of(clouds(1), clouds(2), clouds(3)))
def test_the_front_is_what_nothing_beats(points):
    assert front(points).tolist() == [not beaten(point, points) for point in points]


@given(st.one_of(clouds(1), clouds(2), clouds(3)))
def test_the_volume_counts_cells(points):
    """On whole numbers the volume is the number of unit cells with a dominating point at or below their corner."""
    cells = itertools.product(range(SIDE), repeat=len(points[0]))
    covered = sum(any(all(p <= z for p, z in zip(point, cell, strict=True)) for point in points) for cell in cells)
    assert hypervolume(points, [SIDE] * len(points[0])) == covered


@given(clouds(2))
def test_only_the_front_counts(points):
    points = np.array(points)
    assert hypervolume(points[front(points)], [SIDE, SIDE]) == hypervolume(points, [SIDE, SIDE])


def test_points_beyond_the_reference_add_nothing():
    assert hypervolume([[1, 9], [9, 1]], [3, 3]) == 0
    assert hypervolume(np.zeros((0, 2)), [3, 3]) == 0


@pytest.mark.parametrize(("call", "message"), [
    (lambda: dominates([1, 2], [1]), "same costs"),
    (lambda: front([1, 2]), r"front: points must be finite, shape \(N, D\)"),
    (lambda: front([[1, np.nan]]), "finite"),
    (lambda: hypervolume([[1, 2]], [1, 2, 3]), "one value per cost"),
])
def test_what_cannot_be_compared_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
