import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.search.solve import Candidate, cheapest, feasible

SHELF = [
    Candidate(name, value, {"weight_bytes": size, "peak_ram_bytes": ram})
    for name, value, size, ram in (
        ("float", 0.93, 400, 64),
        ("int8", 0.928, 110, 16),
        ("4 bits", 0.915, 60, 16),
        ("2 bits", 0.61, 40, 16),
    )
]


@pytest.mark.parametrize(
    ("delta", "budget", "expected"),
    [
        (0.0, None, "float"),
        (0.01, None, "int8"),
        (0.02, None, "4 bits"),
        (1.0, None, "2 bits"),
        (0.02, {"weight_bytes": 100}, "4 bits"),
        (0.01, {"peak_ram_bytes": 20}, "int8"),
    ],
)
def test_cheapest(delta, budget, expected):
    assert cheapest(SHELF, 0.93, delta, budget=budget).name == expected


def test_ties_go_to_the_better_value():
    twins = [Candidate("a", 0.9, {"weight_bytes": 5}), Candidate("b", 0.92, {"weight_bytes": 5})]
    assert all(cheapest(order, 0.93, 0.1).name == "b" for order in itertools.permutations(twins))


def test_nothing_feasible_says_why():
    with pytest.raises(ValueError, match=r"no candidate reaches 0.92 within budget .*best is .*float"):
        cheapest(SHELF, 0.93, 0.01, budget={"weight_bytes": 50})
    with pytest.raises(ValueError, match=r"delta must be >= 0, got -0.1"):
        feasible(SHELF, 0.93, -0.1)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 99)), min_size=1, max_size=8), st.floats(0, 1))
def test_no_feasible_candidate_is_cheaper(rows, delta):
    shelf = [Candidate(str(i), value, {"weight_bytes": size}) for i, (value, size) in enumerate(rows)]
    baseline = max(c.value for c in shelf)
    chosen = cheapest(shelf, baseline, delta)
    assert chosen.value >= baseline - delta
    assert all(chosen.costs["weight_bytes"] <= c.costs["weight_bytes"] for c in shelf if c.value >= baseline - delta)
