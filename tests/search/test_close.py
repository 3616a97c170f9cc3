"""Searches close to the hand-made network: which networks stay, and what judges them."""

import numpy as np
import pytest

from edgekit.deploy.devices import device
from edgekit.search import close
from edgekit.search.close import MachinesJudge, band, choosing, narrowed
from edgekit.search.families import family

FAULT = family("acoustic-fault")
NARROW = narrowed(FAULT, bits=(8,), depth=(5, 4))


def test_a_narrowed_family_has_the_same_networks_and_fewer_of_them():
    assert NARROW.space.name == "acoustic-fault, bits 8, depth 5/4"
    assert {choice.name: choice.options for choice in NARROW.space.choices}["depth"] == (4, 5)
    kept = narrowed(FAULT, depth=(4, 5)).space.size
    assert FAULT.space.size > kept == 2 * NARROW.space.size
    rng = np.random.default_rng(0)
    for code in [NARROW.space.sample(rng) for _ in range(20)]:
        settings = NARROW.space.settings(code)
        assert settings["bits"] == 8
        assert settings["depth"] > 3
        assert NARROW.costs(code) == FAULT.costs(FAULT.space.code(**settings))
    assert NARROW.plan().costs == FAULT.plan().costs


@pytest.mark.parametrize(("options", "words"), [
    ({"bits": (2,)}, r"bits must be some of \(4, 8\), got \(2,\)"),
    ({"bits": ()}, "bits must be some of"),
    ({"stride": (2,)}, "stride must be some of no options: there is no such choice"),
])
def test_what_the_family_does_not_have_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        narrowed(FAULT, **options)


def test_a_band_refuses_the_dear_the_cheap_and_what_the_card_refuses():
    whole = FAULT.plan().costs
    limits = band(FAULT, device("cortex-m4"), 0.6, 0.9)
    for share, inside in ((0.59, False), (0.61, True), (0.89, True), (0.91, False)):
        assert limits.allow(whole | {"macs": round(share * whole["macs"])}) is inside
    assert not limits.allow(whole | {"macs": round(0.8 * whole["macs"]), "peak_ram_bytes": 10**9})
    assert limits.most["latency_ms"] == pytest.approx(0.9 * device("cortex-m4").latency(whole["macs"]).value)


def test_machines_made_for_choosing_stand_beside_those_of_the_validation_split(monkeypatch):
    x, y = choosing(machines=2)
    assert x.shape == (630 + 48, 32, 40, 1)
    assert y.shape == (678,)
    monkeypatch.setattr(close, "TRAINING_SEED", close.CHOOSING_SEED)  # two machines for both
    judge = MachinesJudge(NARROW, epochs=8, size=2, judged=(x, y))
    small, large = NARROW.space.code(), NARROW.space.code(**FAULT.baseline)
    assert judge(large) == judge(large) != judge(small)
