"""What the studies of found networks report of two networks."""

import pytest

from edgekit.course import searched
from edgekit.nn.train import seeded
from edgekit.search.families import family


def untrained(plan):
    return seeded(plan.build, 0)


def test_a_network_gains_nothing_over_itself_and_its_macs_are_counted():
    chosen = family("acoustic-fault")
    row = searched.row("acoustic-fault", chosen.baseline, untrained, "val")
    assert set(row) == set(searched.tolerances(0.1))
    assert row["gain"] == 0
    assert row["macs_found"] == row["macs_baseline"] == 168_640


def test_the_gain_is_in_points():
    chosen = family("acoustic-fault")
    found = {**chosen.baseline, "depth": 2}
    row = searched.row("acoustic-fault", found, untrained, "val")
    assert row["gain"] == pytest.approx(100 * (row["found"] - row["baseline"]))
    assert row["macs_found"] == chosen.costs(chosen.space.code(**found))["macs"] < row["macs_baseline"]
