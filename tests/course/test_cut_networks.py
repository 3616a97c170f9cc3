"""What a study of a network cut out of the shipped one reports."""

from edgekit.course import cut_networks, searched
from edgekit.nn import cut_healing
from edgekit.search.cut_family import FAMILY


def test_the_whole_gains_nothing_over_itself(monkeypatch):
    monkeypatch.setattr(cut_healing, "lessons", lambda seed: seed)
    healed = []
    monkeypatch.setattr(cut_healing, "healed", lambda net, side, data, seed: healed.append((side, data, seed)) or net)
    row = cut_networks.row(FAMILY.baseline, 7, 3, "val")
    assert set(row) == set(searched.tolerances(0.1))
    assert abs(row["gain"]) <= 0.5  # fitted once more, to itself
    assert row["macs_found"] == row["macs_baseline"] == 2_795_584
    assert 0.7 < row["baseline"] < 0.85
    assert healed == [(96, 7, 3)] * 2
