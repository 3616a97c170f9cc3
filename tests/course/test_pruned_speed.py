"""Widths for the study of time: thin enough, aligned, and a floor of one channel everywhere."""

from edgekit.course import pruned_speed
from edgekit.course.study_defs.pruning_speed import STUDY
from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.nn import zoo


def test_widths_are_aligned_and_thin_enough():
    whole = zoo.load("ppg-cnn")
    graphs = pruned_speed.widths(whole)
    assert list(graphs) == ["whole", "1", "4", "8", "16", "floor"]
    for key in ("1", "4", "8", "16"):
        assert macs(graphs[key]) <= macs(whole) / pruned_speed.FEWER_MACS
        assert {group.width % int(key) for group in couple(graphs[key]).prunable} == {0}
    assert {group.width for group in couple(graphs["floor"]).groups if not group.reason} <= {1}
    assert macs(graphs["floor"]) < 0.01 * macs(whole)


def test_the_networks_have_channels_to_spare_for_blocks_of_16():
    for name, graph in pruned_speed.networks().items():
        thin = pruned_speed.widths(graph, multiples=(16,))["16"]
        assert macs(thin) <= macs(graph) / pruned_speed.FEWER_MACS, name


def test_a_cell_holds_what_the_study_declares(monkeypatch):
    every = pruned_speed.networks()
    monkeypatch.setattr(pruned_speed, "networks", lambda: {name: every[name] for name in ("mobilenet", "pulse")})
    found = pruned_speed.row(0, rounds=2)
    declared = {key for key in STUDY.tolerance if "listener" not in key and "resnet" not in key}
    assert set(found) == declared
    assert all(value > 0 for value in found.values())
    speedup = found["ms_pulse_whole"] / found["ms_pulse_16"]
    assert found["ratio_pulse_16"] == speedup / found["macs_pulse_16"]
