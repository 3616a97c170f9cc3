"""The picture of coupled channels: every layer once, one colour for what is pruned together."""

import numpy as np
import pytest

from edgekit.graph.channels import couple
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.nn import zoo
from edgekit.ui.coupling import condensed, coupling, positions
from edgekit.ui.style import subplots


@pytest.fixture
def residual():
    """dense a, relu, dense b, a + b, dense y."""
    shapes = {"wa": (4, 3), "wb": (4, 4), "wy": (2, 4)}
    tensors = {name: Tensor(name, shape, "float32", np.ones(shape, np.float32)) for name, shape in shapes.items()}
    tensors |= {name: Tensor(name, (n,)) for name, n in {"x": 3, "a": 4, "r": 4, "b": 4, "s": 4, "y": 2}.items()}
    nodes = [Node("dense", ("x", "wa"), "a"), Node("relu", ("a",), "r"), Node("dense", ("r", "wb"), "b"),
             Node("add", ("a", "b"), "s"), Node("dense", ("s", "wy"), "y")]
    return Graph("residual", tensors, nodes, ("x",), ("y",))


def test_what_is_pruned_together_has_one_colour(residual):
    _, ax = subplots()
    assert coupling(ax, couple(residual)) is ax
    colours = {text.get_text(): patch.get_facecolor()
               for text, patch in zip([t for t in ax.texts if t.get_fontsize() == 9], ax.patches, strict=True)}
    assert list(colours) == ["input", "dense  4", "add  4", "dense  2"]  # both layers of 4 have one text and one colour
    assert colours["dense  4"] == colours["add  4"] != colours["dense  2"]
    beside = [text.get_text() for text in ax.texts if text.get_fontsize() == 8]
    assert beside == ["x", "a, group 1", "b, group 1", "s, group 1", "y"]
    assert [patch.get_linewidth() > 2 for patch in ax.patches] == [False, False, False, True, False]


def test_passing_nodes_are_left_out_and_branches_stand_beside(residual):
    from edgekit.graph.channel_scores import picture

    boxes, arrows = condensed(*picture(couple(residual)))
    assert [box["name"] for box in boxes] == ["x", "a", "b", "s", "y"]
    assert arrows == [("x", "a"), ("a", "b"), ("a", "s"), ("b", "s"), ("s", "y")]
    assert positions(boxes, arrows)["b"] == (0, -2)


def test_every_layer_of_a_real_network_is_drawn():
    coupled = couple(zoo.load("camera-presence-v1"))
    _, ax = subplots(height=9)
    coupling(ax, coupled)
    drawn = [text.get_text().split()[0] for text in ax.texts if text.get_fontsize() == 9]
    for op in ("conv2d", "dense"):
        assert drawn.count(op) == sum(node.op == op for node in coupled.graph.nodes)
