"""Speeds are ratios of bests taken in turn; the break-even lies where they pass 1; wrong products are not timed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.course import sparse_speed
from edgekit.nn import zoo


class Clock:
    """A clock that only the work moves."""

    def __init__(self):
        self.now = 0.0

    def work(self, *costs):
        costs = list(costs)

        def run():
            self.now += costs[0] if len(costs) == 1 else costs.pop(0)
        return run


def test_the_best_of_all_turns_counts_for_each(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(sparse_speed.time, "perf_counter", lambda: clock.now)
    taken = sparse_speed.best_seconds({"even": clock.work(0.5), "late": clock.work(9.0, 0.25, 8.0)}, 3, least_s=0.1)
    assert taken == {"even": 0.5, "late": 0.25}


def test_a_short_work_is_repeated_until_the_clock_is_fine_enough(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(sparse_speed.time, "perf_counter", lambda: clock.now)
    calls = []
    work = clock.work(0.001)
    sparse_speed.best_seconds({"short": lambda: (calls.append(1), work())}, 1, least_s=0.0095)
    assert len(calls) == 10


@pytest.mark.parametrize(("ratios", "expected"), [
    ((0.1, 0.2, 0.5), 1.0),
    ((1.0, 2.0, 4.0), 0.0),
    ((0.5, 1.0, 2.0), 0.9),
    ((0.25, 0.5, 2.0), 1 - (0.1 * 0.01) ** 0.5),
])
def test_the_break_even_by_hand(ratios, expected):
    assert sparse_speed.break_even((0.5, 0.9, 0.99), ratios) == pytest.approx(expected)


@given(st.floats(-6, 6), st.floats(0.3, 3))
def test_a_power_law_is_crossed_where_it_says(log_a, power):
    """Speed-up a / density^power is 1 at density a^(1 / power)."""
    steps = (0.5, 0.8, 0.9, 0.95, 0.99)
    ratios = [np.exp(log_a) * (1 - q) ** -power for q in steps]
    density = np.exp(log_a / power)
    expected = 0.0 if ratios[0] >= 1 else 1.0 if ratios[-1] < 1 else 1 - density
    assert sparse_speed.break_even(steps, ratios) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("shape", [(6, 20, 1), (6, 20, 5)])
def test_speed_ups_are_positive_for_every_way(shape):
    found = sparse_speed.speed_ups(shape, 0.8, np.random.default_rng(0), rounds=1, least_s=0.0)
    assert set(found) == set(sparse_speed.WAYS)
    assert min(found.values()) > 0


def test_a_wrong_product_is_refused(monkeypatch):
    import edgekit.core.sparse_product as sparse_product

    monkeypatch.setattr(sparse_product, "csr_matvec", lambda matrix, x: np.zeros(6, np.float32))
    with pytest.raises(ValueError, match="the product 'ours' is not the dense one"):
        sparse_speed.speed_ups((6, 20, 1), 0.5, np.random.default_rng(0), rounds=1, least_s=0.0)


def test_a_network_is_timed_against_itself():
    graph, x = zoo.load("acoustic-student"), np.zeros((1, 32, 40, 1), np.float32)
    assert 0.1 < sparse_speed.network_ratio(graph, graph, x, rounds=3) < 10
