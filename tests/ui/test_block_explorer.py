"""What the BlockExplorer counts is what the traced block costs, and its marks stand where they should."""

import numpy as np
import pytest
import torch

from benchmarks.block_times import build
from edgekit.graph import cost, memory
from edgekit.graph.fold import fold
from edgekit.nn.trace import trace
from edgekit.ui.block_explorer import BlockExplorer, host_text, millions, seen
from edgekit.ui.blocks import FACTORS, Block, every, stored


@pytest.mark.parametrize("kind", FACTORS)
@pytest.mark.parametrize(("channels", "kernel", "side"), [(16, 3, 12), (32, 5, 6)])
def test_counts_are_those_of_the_traced_block(kind, channels, kernel, side):
    block = Block(kind, channels, kernel, FACTORS[kind][1][-1], side)
    graph = fold(trace(build(block).eval(), torch.zeros(1, channels, side, side)))
    assert cost.macs(graph) == block.macs
    assert sum(t.data.size for t in graph.constants if t.data.ndim == 4) == block.weights
    assert block.ram == memory.plan(graph).peak_ram_bytes // 4  # the planned maps are floats
    assert block.moved == sum(layer.reads + layer.writes for layer in block.layers) + block.weights


def test_every_block_has_a_measured_time():
    assert set(stored()["ms"]) == {block.key for block in every()}
    assert all(0 < ms < 1000 for ms in stored()["ms"].values())
    assert "ONNX Runtime" in host_text()
    assert "one thread" in host_text()


@pytest.mark.parametrize(("kind", "slabs", "lines", "bars"), [
    ("standard", 2, 64, 1), ("grouped", 2, 16, 1), ("separable", 3, 72, 2), ("inverted", 4, 136, 3),
    ("excited", 4, 136, 5)])
def test_the_drawing_shows_maps_and_who_sees_whom(kind, slabs, lines, bars):
    explorer = BlockExplorer()
    explorer.set(kind=kind)
    drawing, layers, _ = explorer.figure.panels
    assert sum(slab.get_visible() for slab in drawing.slabs) == slabs
    assert len(drawing.lines.get_segments()) == lines
    shown = [bar.get_width() for bar in layers.bars if bar.get_visible()]
    assert len(shown) == bars
    assert sum(shown) == pytest.approx(1)
    assert drawing.detour.get_visible() == (kind in ("inverted", "excited"))


def test_the_marks_stand_at_macs_and_time():
    explorer = BlockExplorer()
    explorer.set(kind="separable", channels=64, kernel=3, side=24)
    time = explorer.figure.panels[2]
    block = Block("separable", 64, 3, 1, 24)
    assert (time.here.get_xdata()[0], time.here.get_ydata()[0]) == (block.macs, stored()["ms"]["separable 64 3 1 24"])
    assert time.plain.get_xdata()[0] == 9 * 64 * 64 * 24 * 24
    assert "0.13 times the MACs of the standard block" in explorer.headline.value
    assert time.plain.get_markerfacecolor() == "none"  # so that it shows where both marks stand at one place
    assert time.plain.get_markersize() > time.here.get_markersize()


def test_only_the_factor_that_counts_is_switched_on():
    explorer = BlockExplorer()
    for kind, on in (("standard", set()), ("grouped", {"groups"}), ("excited", {"expansion"})):
        explorer.set(kind=kind)
        assert {name for name in ("groups", "expansion") if not explorer.controls[name].disabled} == on


def test_lanes_of_groups():
    layers = [Block("grouped", 16, 3, groups, 6).layers[0] for groups in (2, 4, 8)]
    assert [len(seen(layer)) for layer in layers] == [32, 16, 8]
    assert all(i // 4 == j // 4 for i, j in seen(layers[0]))


def test_words():
    assert (millions(999_999), millions(12_345_678)) == ("999,999", "12.3 million")
    assert np.isclose(Block("standard", 16, 3, 1, 6).milliseconds, stored()["ms"]["standard 16 3 1 6"])
