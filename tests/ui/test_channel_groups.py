"""What the ChannelGroupExplorer shows of coupled channels."""

import time

import numpy as np
import pytest

from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.nn import zoo
from edgekit.ui.channel_groups import ALL, ChannelGroupExplorer
from edgekit.ui.style import PALETTE
from edgekit.ui.thinned import costs_of


def residual():
    """dense a, relu, dense b, dense c, a + c, dense y: a and c are one group."""
    shapes = {"wa": (8, 3), "wb": (6, 8), "wc": (8, 6), "wy": (2, 8)}
    rng = np.random.default_rng(0)
    tensors = {name: Tensor(name, shape, "float32", rng.normal(size=shape).astype(np.float32))
               for name, shape in shapes.items()}
    tensors |= {name: Tensor(name, (n,)) for name, n in {"x": 3, "a": 8, "b": 6, "c": 8, "s": 8, "y": 2}.items()}
    nodes = [Node("dense", ("x", "wa"), "a"), Node("dense", ("a", "wb"), "b"), Node("dense", ("b", "wc"), "c"),
             Node("add", ("a", "c"), "s"), Node("dense", ("s", "wy"), "y")]
    return Graph("residual", tensors, nodes, ("x",), ("y",))


@pytest.fixture(scope="module")
def explorer():
    return ChannelGroupExplorer({"residual": residual(), "pulse": zoo.load("ppg-cnn")})


def test_one_group_shrinks_its_makers_and_its_readers(explorer):
    state = explorer.compute("residual", "a", 0.5, 1)
    assert [(layer.label, layer.before, layer.after, layer.reads) for layer in state.layers] == [
        ("a", 8, 4, False), ("b", 6, 6, True), ("c", 8, 4, False), ("y", 2, 2, True)]
    assert state.costs["MACs"] == (3 * 8 + 8 * 6 + 6 * 8 + 8 * 2, 3 * 4 + 4 * 6 + 6 * 4 + 4 * 2)
    assert len(state.shrinking) == 4
    inner = explorer.compute("residual", "b", 0.5, 1)
    assert [layer.label for layer in inner.shrinking] == ["b", "c"]
    assert [layer.group for layer in state.layers] == ["a", "b", "a", ""]


def test_costs_are_those_of_the_smaller_graph(explorer):
    state = explorer.compute("pulse", ALL, 0.5, 8)
    assert {layer.after % 8 for layer in state.layers[:-1]} == {0}
    assert state.costs["MACs"][0] == macs(zoo.load("ppg-cnn"))
    assert state.left("MACs") == pytest.approx(0.25, abs=0.02)
    assert costs_of(zoo.load("ppg-cnn")) == {name: before for name, (before, _) in state.costs.items()}
    nothing = explorer.compute("pulse", ALL, 0.0, 1)
    assert [nothing.left(cost) for cost in nothing.costs] == [1, 1, 1]
    assert nothing.shrinking == []


def test_no_group_vanishes_at_the_end_of_the_slider(explorer):
    state = explorer.compute("residual", ALL, 0.9, 1)
    assert [layer.after for layer in state.layers] == [1, 1, 1, 2]


def test_the_groups_follow_the_network():
    explorer = ChannelGroupExplorer({"residual": residual(), "pulse": zoo.load("ppg-cnn")})
    explorer.set(group="b")
    explorer.set(model="pulse")
    assert explorer.values["group"] == ALL
    assert [name for _, name in explorer.controls["group"].options] == [
        ALL, *(group.name for group in couple(zoo.load("ppg-cnn")).prunable)]
    assert "pulse, all groups, 40 % of the channels gone: 7 of 7 layers" in explorer.headline.value


def test_the_figure_shows_the_layers(explorer):
    explorer.set(model="residual", group="a", ratio=0.5, multiple=1)
    figure = explorer.figure
    shown = [(name.get_text(), width.get_text()) for name, width in zip(figure.names, figure.widths, strict=True)
             if width.get_visible()]
    assert shown == [("1 · a", "8 → 4"), ("2 · b", "6"), ("1 · c", "8 → 4"), ("y", "2")]
    colours = [figure.kept[i].get_facecolor() for i in range(3)]
    assert colours[0] == colours[2] != colours[1]
    assert list(figure.readers.get_ydata()) == [1, 3]
    assert [words for words, _ in explorer.controls["group"].options] == [ALL, "group 1: a", "group 2: b"]
    assert "residual, group 1: a, 50 % of the channels gone" in explorer.headline.value
    assert all(name.get_text() == "" for name in figure.names[4:])  # those of the larger network are gone


def test_groups_beyond_the_colours_have_numbers_of_their_own():
    explorer = ChannelGroupExplorer({"camera": zoo.load("camera-presence-v1")})
    prunable = couple(zoo.load("camera-presence-v1")).prunable
    assert len(prunable) > len(PALETTE)
    names = explorer.figure.names
    numbers = {text.get_text().split(" · ")[0] for text in names if " · " in text.get_text()}
    assert numbers == {str(i + 1) for i in range(len(prunable))}
    assert min(text.get_window_extent().x0 for text in names if text.get_text()) > 0  # the longest is not cut off


def test_every_move_takes_less_than_a_tenth_of_a_second():
    explorer = ChannelGroupExplorer({"camera": zoo.load("camera-presence-v1"), "pulse": zoo.load("ppg-cnn")})
    taken = {}
    for name, way in {"ratio": [0.1, 0.5, 0.9], "multiple": [8, 16, 1], "model": ["pulse", "camera"]}.items():
        for value in way:
            start = time.process_time()  # of this process alone, however busy the machine
            explorer.set(**{name: value})
            taken[name] = min(taken.get(name, 1), time.process_time() - start)
    assert taken.pop("model") < 0.2  # another network: everything is drawn anew
    assert max(taken.values()) < 0.1, taken


@pytest.mark.parametrize(("networks", "message"), [
    ({}, "no networks"),
    ({"thin": Graph("thin", {"x": Tensor("x", (2,)), "w": Tensor("w", (1, 2), "float32", np.ones((1, 2), np.float32)),
                             "y": Tensor("y", (1,))}, [Node("dense", ("x", "w"), "y")], ("x",), ("y",))},
     "nothing of 'thin' can be pruned"),
])
def test_networks_that_do_not_fit(networks, message):
    with pytest.raises(ValueError, match=message):
        ChannelGroupExplorer(networks)
