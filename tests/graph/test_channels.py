"""Coupled channels by hand; a graph without channels computes what the graph with zeros in their place computes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.core.masks import top
from edgekit.graph.channel_scores import (
    activation_scores,
    gamma_scores,
    picture,
    random_scores,
    scores_of,
    through_scores,
    to_macs,
    weight_scores,
    weights_left,
)
from edgekit.graph.channels import choose, couple, masked, over_groups, remove, rounded
from edgekit.graph.cost import macs, weight_bytes
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn import zoo

FLAT = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
#: float32 sums of the same terms in another order, of numbers whose size the test knows
SAME = 1e-5


class Maker:
    """Builds small graphs: names and shapes, random weights."""

    def __init__(self, **inputs):
        self.rng, self.tensors, self.nodes = np.random.default_rng(0), {}, []
        self.inputs = list(inputs)
        self.tensors.update({name: Tensor(name, shape) for name, shape in inputs.items()})

    def weight(self, name, *shape):
        data = (self.rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
        self.tensors[name] = Tensor(name, shape, "float32", data)
        return name

    def node(self, op, inputs, output, dims, /, **attrs):
        self.tensors[output] = Tensor(output, dims)
        self.nodes.append(Node(op, inputs, output, attrs))
        return output

    def conv(self, x, output, channels, groups=1, kernel=1):
        h, w, c = self.tensors[x].shape
        weight = self.weight(f"{output}.w", channels, kernel, kernel, c // groups)
        bias = self.weight(f"{output}.b", channels)
        return self.node("conv2d", (x, weight, bias), output, (h - kernel + 1, w - kernel + 1, channels), groups=groups,
                         **FLAT)

    def dense(self, x, output, channels):
        *lead, c = self.tensors[x].shape
        return self.node("dense", (x, self.weight(f"{output}.w", channels, c)), output, (*lead, channels))

    def graph(self, *outputs):
        return Graph("made", self.tensors, self.nodes, self.inputs, outputs)


def agree(graph, kept, coupling=None):
    """`remove` and `masked` compute the same; returns the smaller graph."""
    coupling = coupling or couple(graph)
    x = tuple(np.random.default_rng(1).normal(size=(3, *graph.tensors[n].shape)).astype(np.float32)
              for n in graph.inputs)
    smaller = remove(coupling, kept)
    for ours, zeros in zip(run(smaller, x, all_outputs=True), run(masked(coupling, kept), x, all_outputs=True),
                           strict=True):
        np.testing.assert_allclose(ours, zeros, rtol=0, atol=SAME * max(1, np.abs(zeros).max()))
    return smaller


def every_other(coupling):
    return {group.name: np.arange(group.width) % 2 == 0 for group in coupling.prunable}


def names(coupling):
    return {group.name: (group.width, group.layers) for group in coupling.prunable}


def test_a_residual_couples_its_ends():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "a", 6), m.conv("a", "b", 5), m.conv("b", "c", 6)
    m.node("add", ("c", "a"), "s", (4, 4, 6)), m.conv("s", "y", 2)
    coupling = couple(m.graph("y"))
    assert names(coupling) == {"a": (6, ("a", "c")), "b": (5, ("b",))}
    assert coupling["a"].readers == ("b", "y")
    assert coupling["a"].ties == ("s",)
    assert coupling["y"].reason == "'y' is an output of the network"
    smaller = agree(m.graph("y"), {"a": [1, 0, 1, 1, 0, 0]})
    assert smaller.tensors["c.w"].shape == (3, 1, 1, 5)
    np.testing.assert_array_equal(smaller.tensors["c.w"].data, m.tensors["c.w"].data[[0, 2, 3]])


def test_concatenation_keeps_the_sides_apart_until_a_sum_ties_them():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "a", 4), m.conv("x", "b", 2)
    m.node("concat", ("a", "b"), "c", (4, 4, 6), axis=-1), m.conv("c", "y", 2)
    assert names(couple(m.graph("y"))) == {"a": (4, ("a",)), "b": (2, ("b",))}
    smaller = agree(m.graph("y"), {"a": [0, 1, 1, 0], "b": [0, 1]})
    np.testing.assert_array_equal(smaller.tensors["y.w"].data, m.tensors["y.w"].data[..., [1, 2, 5]])
    m.conv("x", "d", 6), m.node("add", ("c", "d"), "e", (4, 4, 6)), m.conv("e", "z", 2)
    tied = couple(m.graph("y", "z"))
    assert names(tied) == {"a": (4, ("a", "d")), "b": (2, ("b", "d"))}
    agree(m.graph("y", "z"), {"a": [0, 1, 1, 0], "b": [0, 1]})


def test_groups_that_begin_in_one_layer_have_names_of_their_own():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "d", 6), m.conv("x", "a", 4), m.conv("x", "b", 2)
    m.node("concat", ("a", "b"), "c", (4, 4, 6), axis=-1), m.node("add", ("c", "d"), "e", (4, 4, 6))
    coupling = couple(m.graph(m.conv("e", "y", 2)))
    assert names(coupling) == {"d": (4, ("d", "a")), "b": (2, ("d", "b"))}
    agree(m.graph("y"), {"d": [0, 1, 1, 0], "b": [0, 1]})
    m = Maker(x=(4, 4, 3))
    m.conv("x", "d", 6), m.conv("x", "a", 6), m.conv("x", "z", 2)
    m.node("add", ("d", "a"), "e", (4, 4, 6)), m.node("concat", ("d", "z"), "f", (4, 4, 8), axis=-1)
    m.weight("offset", 6), m.node("add", ("e", "offset"), "g", (4, 4, 6))
    assert len(set(names(couple(m.graph(m.conv("g", "y", 2), m.conv("f", "w", 2)))))) == 2


def test_scalars_and_computed_weights():
    m = Maker(x=(4, 4, 3))
    m.tensors["half"] = Tensor("half", (), "float32", np.array(0.5, np.float32))
    m.conv("x", "a", 6), m.node("mul", ("a", "half"), "b", (4, 4, 6)), m.conv("b", "y", 2)
    agree(m.graph("y"), {"a": [1, 0, 0, 1, 1, 0]})
    m = Maker(x=(4,), w=(2, 4))
    m.node("dense", ("x", "w"), "y", (2,))
    with pytest.raises(ValueError, match=r"node 'y' \(dense\): its weight 'w' is computed"):
        couple(m.graph("y"))


def test_depthwise_follows_and_grouped_loses_the_same_place_of_every_group():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "a", 6), m.conv("a", "depth", 12, groups=6, kernel=3)
    m.conv("depth", "grouped", 8, groups=4), m.conv("grouped", "y", 2)
    coupling = couple(m.graph("y"))
    assert names(coupling)["grouped"] == (2, ("grouped",))
    # 12 = 2 x 6 channels in 4 groups of 3: place j of each group, two neighbours of depth share one of a
    assert coupling["a"].reason == "node 'grouped' ties all its channels together"
    smaller = agree(m.graph("y"), {"grouped": [0, 1]})
    assert smaller.nodes[2].attrs["groups"] == 4
    np.testing.assert_array_equal(smaller.tensors["grouped.w"].data, m.tensors["grouped.w"].data[1::2])
    plain = Maker(x=(4, 4, 3))
    plain.conv("x", "a", 6), plain.conv("a", "depth", 12, groups=6, kernel=3), plain.conv("depth", "y", 2)
    smaller = agree(plain.graph("y"), {"a": [1, 0, 0, 1, 1, 0]})
    assert smaller.nodes[1].attrs["groups"] == 3
    assert smaller.tensors["depth"].shape == (2, 2, 6)


def test_flattening_repeats_the_channels_at_every_place():
    m = Maker(x=(3, 2, 3))
    m.conv("x", "a", 4), m.node("reshape", ("a",), "f", (24,), shape=(24,)), m.dense("f", "y", 2)
    smaller = agree(m.graph("y"), {"a": [0, 1, 0, 1]})
    assert smaller.nodes[1].attrs["shape"] == (12,)
    np.testing.assert_array_equal(smaller.tensors["y.w"].data, m.tensors["y.w"].data[:, 1::2])


def test_channels_that_a_reshape_turns_into_places_are_tied():
    m = Maker(x=(5,))
    m.dense("x", "a", 12), m.node("reshape", ("a",), "r", (2, 3, 2), shape=(2, 3, 2)), m.conv("r", "y", 3)
    coupling = couple(m.graph("y"))
    assert names(coupling) == {"a": (2, ("a",))}
    agree(m.graph("y"), {"a": [0, 1]})
    m = Maker(x=(5,))
    m.dense("x", "a", 12), m.node("reshape", ("a",), "r", (4, 3, 1), shape=(4, 3, 1)), m.conv("r", "y", 3)
    assert couple(m.graph("y"))["a"].reason == "node 'r' ties all its channels together"


@pytest.mark.parametrize(("op", "gates"), [("gru", 3), ("lstm", 4)])
@pytest.mark.parametrize("whole", [True, False])
def test_a_state_stands_in_every_gate(op, gates, whole):
    m = Maker(x=(1, 9, 2))
    m.conv("x", "a", 4)
    weights = [m.weight("wi", gates * 5, 4), m.weight("wh", gates * 5, 5), m.weight("bi", gates * 5),
               m.weight("bh", gates * 5)]
    m.node(op, ("a", *weights), "h", (1, 9, 5) if whole else (5,), return_sequence=whole), m.dense("h", "y", 2)
    coupling = couple(m.graph("y"))
    assert names(coupling) == {"a": (4, ("a",)), "h": (5, ("h",))}
    assert coupling["a"].readers == ("h",)
    smaller = agree(m.graph("y"), {"h": [1, 1, 0, 0, 1], "a": [0, 1, 1, 1]})
    rows = np.add.outer(5 * np.arange(gates), [0, 1, 4]).ravel()
    np.testing.assert_array_equal(smaller.tensors["wi"].data, m.tensors["wi"].data[rows][:, 1:])
    np.testing.assert_array_equal(smaller.tensors["wh"].data, m.tensors["wh"].data[rows][:, [0, 1, 4]])


def test_a_gate_of_one_channel_stretches_over_all():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "a", 6), m.conv("a", "g", 1), m.node("sigmoid", ("g",), "h", (4, 4, 1))
    m.node("mul", ("a", "h"), "s", (4, 4, 6)), m.conv("s", "y", 2)
    coupling = couple(m.graph("y"))
    assert names(coupling) == {"a": (6, ("a",))}
    assert coupling["g"].reason == "it has one channel only"
    agree(m.graph("y"), {"a": [1, 0, 0, 1, 1, 0]})


def test_constants_that_are_added_and_weights_that_are_shared_follow():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "a", 6), m.weight("offset", 1, 1, 6), m.weight("one", 1), m.weight("shared", 6, 6)
    m.node("mul", ("a", "one"), "o", (4, 4, 6)), m.node("mul", ("o", "offset"), "b", (4, 4, 6))
    m.node("dense", ("b", "shared"), "c", (4, 4, 6)), m.node("dense", ("c", "shared"), "d", (4, 4, 6))
    m.dense("d", "y", 2)
    assert names(couple(m.graph("y"))) == {"a": (6, ("a", "c", "d"))}
    smaller = agree(m.graph("y"), {"a": [1, 0, 0, 1, 1, 0]})
    assert smaller.tensors["offset"].shape == (1, 1, 3)
    assert smaller.tensors["shared"].shape == (3, 3)


def test_what_mixes_channels_says_why_they_stay():
    m = Maker(x=(4, 4, 3))
    m.conv("x", "a", 6), m.node("softmax", ("a",), "s", (4, 4, 6)), m.conv("s", "b", 6)
    m.node("mean", ("b",), "m", (4, 4, 1), axes=(-1,), keepdims=True), m.conv("m", "y", 2)
    coupling = couple(m.graph("y"))
    assert coupling["a"].reason == "node 's' (softmax) divides by the sum over the channels"
    assert coupling["b"].reason == "node 'm' (mean) averages over the channels"
    assert coupling.prunable == ()
    with pytest.raises(ValueError, match=r"(?s)nothing can be pruned:.*softmax"):
        over_groups(coupling, {}, 0.5)
    with pytest.raises(ValueError, match="group 'a' cannot be pruned: node 's'"):
        choose(coupling, {"a": np.ones(6)}, {"a": 0.5})
    with pytest.raises(ValueError, match="group 'a' cannot be pruned: node 's'"):
        remove(coupling, {"a": [1, 1, 1, 0, 0, 0]})


def test_every_operator_is_followed(every_operator):
    assert couple(every_operator)["a"].reason == "'c' is an output of the network"
    inner = replace(every_operator, outputs=("y",))
    coupling = couple(inner)
    assert names(coupling) == {"a": (8, ("a", "d", "h")), "z": (6, ("z",))}
    smaller = agree(inner, every_other(coupling), coupling)
    assert smaller.tensors["c"].shape == (8, 8, 12)


FLOAT = [name for name in zoo.names() if not name.endswith("-int8")]


@pytest.mark.parametrize("name", FLOAT)
def test_every_shipped_model_without_channels_equals_the_one_with_zeros(name):
    for graph in (zoo.load(name), fold(zoo.load(name))):
        coupling = couple(graph)
        assert len(coupling.prunable) == len(coupling.groups) - len(graph.outputs)
        smaller = agree(graph, choose(coupling, weight_scores(coupling), 0.5), coupling)
        assert macs(smaller) < 0.6 * macs(graph)
        assert weight_bytes(smaller) < 0.6 * weight_bytes(graph)


@pytest.mark.parametrize("task", ["camera-presence", "camera-detect"])
def test_squeeze_and_excite_loses_channels_too(task):
    import torch

    from edgekit.nn.camera import build
    from edgekit.nn.trace import trace
    from edgekit.nn.train import seeded

    graph = trace(seeded(lambda: build(task, "v3"), 0).eval(), torch.zeros(2, 3, 96, 96))
    coupling = couple(graph)
    gates = [node for node in graph.nodes if node.op == "mul"]
    excited = [group for group in coupling.prunable if {node.output for node in gates} & set(group.ties)]
    assert len(excited) == len(gates) == 6
    smaller = agree(graph, choose(coupling, weight_scores(coupling), 0.4, multiple=4), coupling)
    widths = {smaller.tensors[name].shape[-1] for group in coupling.prunable for name in group.layers}
    assert {width % 4 for width in widths} == {0}


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_random_networks_agree(seed):
    """Chains of convolutions with residuals, concatenations, gates and depthwise layers, cut at random."""
    rng = np.random.default_rng(seed)
    m, x = Maker(x=(3, 3, 2)), "x"
    for i in range(int(rng.integers(2, 6))):
        y = m.conv(x, f"c{i}", int(rng.integers(1, 7)))
        kind, (h, w, c) = int(rng.integers(5)), m.tensors[y].shape
        if kind == 0:
            y = m.node("add", (y, m.conv(y, f"r{i}", c)), f"s{i}", (h, w, c))
        elif kind == 1:
            side = m.conv(x, f"p{i}", int(rng.integers(1, 5)))
            y = m.node("concat", (y, side), f"k{i}", (h, w, c + m.tensors[side].shape[2]), axis=-1)
        elif kind == 2:
            y = m.conv(y, f"d{i}", 2 * c, groups=c)
        elif kind == 3:
            mean = m.node("mean", (y,), f"m{i}", (1, 1, c), axes=(-3, -2), keepdims=True)
            gate = m.node("sigmoid", (m.dense(mean, f"g{i}", c),), f"h{i}", (1, 1, c))
            y = m.node("mul", (y, gate), f"x{i}", (h, w, c))
        x = y
    graph = m.graph(m.conv(x, "y", 2))
    coupling = couple(graph)
    kept = {}
    for group in coupling.prunable:
        kept[group.name] = rng.random(group.width) < 0.6
        kept[group.name][rng.integers(group.width)] = True
    smaller = agree(graph, kept, coupling)
    for group in coupling.prunable:  # what is left couples as before
        assert couple(smaller)[group.name].width == kept[group.name].sum()


def test_scores_rank_channels_by_hand():
    m = Maker(x=(2, 2, 1))
    m.conv("x", "a", 3), m.conv("a", "y", 1)
    m.tensors["a.w"].data[:, 0, 0, 0] = [3, -1, 2]
    coupling = couple(m.graph("y"))
    np.testing.assert_allclose(weight_scores(coupling)["a"], [1.5, 0.5, 1.0])
    np.testing.assert_allclose(weight_scores(coupling, 2)["a"], [1.5, 0.5, 1.0])
    np.testing.assert_allclose(scores_of(coupling, {"a.w": np.array([0, 2, 1.0]).reshape(3, 1, 1, 1)})["a"], [0, 2, 1])
    m.tensors["a.b"].data[:] = 0
    np.testing.assert_allclose(activation_scores(coupling, np.ones((1, 2, 2, 1), np.float32))["a"], [1.5, 0.5, 1.0])
    assert random_scores(coupling, np.random.default_rng(0))["a"].shape == (3,)
    with pytest.raises(ValueError, match="nothing is known of group 'a'"):
        gamma_scores(coupling)
    with pytest.raises(ValueError, match=r"'a.w' has shape \(3, 1, 1, 1\)"):
        scores_of(coupling, {"a.w": np.ones(3)})


def test_gamma_scores_are_those_of_the_batch_norms():
    graph = zoo.load("ppg-cnn")
    coupling = couple(graph)
    gamma = np.abs(next(t.data for t in graph.constants if t.data.ndim == 1))
    first = coupling.prunable[0]
    np.testing.assert_allclose(gamma_scores(coupling)[first.name], gamma / gamma.mean(), rtol=1e-6)


def test_what_passes_through_a_channel_by_hand():
    m = Maker(x=(2, 2, 1))
    m.conv("x", "a", 3), m.conv("a", "y", 1)
    m.tensors["a.w"].data[:, 0, 0, 0] = [3, -1, 2]
    m.tensors["y.w"].data[0, 0, 0] = [1, 8, -3]
    scores = through_scores(couple(m.graph("y")))["a"]  # rows over their mean 2, columns over their mean 4
    np.testing.assert_allclose(scores, [3 / 2 * 1 / 4, 1 / 2 * 8 / 4, 2 / 2 * 3 / 4], rtol=1e-6)


@pytest.mark.parametrize("name", ["ppg-cnn", "ppg-gru", "camera-presence-v1", "camera-presence-v3"])
def test_what_passes_through_does_not_depend_on_folding(name):
    graph = zoo.load(name)
    pairs = zip(through_scores(couple(graph)).values(), through_scores(couple(fold(graph))).values(), strict=True)
    for norms, folded in pairs:  # float32 products of three factors, over their mean
        np.testing.assert_allclose(norms, folded, rtol=1e-5)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_what_passes_through_ranks_alike_wherever_the_size_is(seed):
    """Rows times k and columns over k: a network of ReLUs computes the same, and the product of norms stays."""
    rng = np.random.default_rng(seed)
    m = Maker(x=(2, 2, 2))
    m.conv("x", "a", 6), m.node("relu", ("a",), "r", (2, 2, 6)), m.conv("r", "y", 2)
    made, read = (m.tensors[name].data for name in ("a.w", "y.w"))
    before = through_scores(couple(m.graph("y")))["a"]
    size = rng.uniform(0.1, 10, 6).astype(np.float32)
    made *= size[:, None, None, None]
    read /= size
    after = through_scores(couple(m.graph("y")))["a"]
    np.testing.assert_allclose(after / after.sum(), before / before.sum(), rtol=1e-5)


@pytest.mark.parametrize("multiple", [1, 4, 8, 16])
def test_widths_are_multiples_and_macs_fit(multiple):
    graph = zoo.load("ppg-cnn")
    coupling = couple(graph)
    scores = weight_scores(coupling)
    limit = macs(graph) / 2.5
    kept = to_macs(coupling, scores, limit, multiple)
    smaller = agree(graph, kept, coupling)
    assert all(mask.sum() % multiple == 0 for mask in kept.values())
    assert macs(smaller) <= limit
    assert macs(smaller) > (0.99 if multiple == 1 else 0.5) * limit
    for name, mask in kept.items():  # not one more would fit
        more = int(mask.sum()) + multiple
        if more <= mask.size:
            assert macs(remove(coupling, kept | {name: top(scores[name], more)})) > limit
    spared = to_macs(coupling, scores, limit, multiple, {coupling.prunable[0].name: 0.0})
    assert spared[coupling.prunable[0].name].all()
    with pytest.raises(ValueError, match="more than the limit 10"):
        to_macs(coupling, scores, 10, multiple)


def test_over_all_groups_the_budget_is_met_and_every_group_keeps_one():
    coupling = couple(zoo.load("ppg-cnn"))
    scores = weight_scores(coupling)
    width = sum(group.width for group in coupling.prunable)
    kept = over_groups(coupling, scores, 0.6)
    assert sum(int(mask.sum()) for mask in kept.values()) == width - round(0.6 * width)
    assert all(mask.any() for mask in kept.values())
    with pytest.raises(ValueError, match="leaves 2 weights, but 6 layers keep at least 1 each"):
        over_groups(coupling, scores, 1 - 2 / width)


@pytest.mark.parametrize(("pruning_ratio", "message"), [
    (1.0, r"pruning_ratio must be a number in \[0, 1\), got 1.0"),
    (-0.5, r"pruning_ratio must be a number in \[0, 1\), got -0.5"),
    (0.99, "leaves none of the 16 channels of group 'conv1d', which would vanish"),
    ({"nothing": 0.5}, "no group 'nothing'; there are conv1d"),
])
def test_ratios_that_cannot_be(pruning_ratio, message):
    coupling = couple(zoo.load("ppg-cnn"))
    with pytest.raises(ValueError, match=message):
        choose(coupling, weight_scores(coupling), pruning_ratio)


def test_other_mistakes_say_what_is_wrong():
    coupling = couple(zoo.load("ppg-cnn"))
    first = coupling.prunable[0]
    with pytest.raises(ValueError, match=r"the mask of 'conv1d' has shape \(3,\), its weight \(16,\)"):
        remove(coupling, {first.name: np.ones(3)})
    with pytest.raises(ValueError, match="group 'conv1d' would vanish and cut the network"):
        remove(coupling, {first.name: np.zeros(16)})
    for multiple in (0, -8, 2.5, "8"):
        with pytest.raises(ValueError, match=f"multiple must be a whole number of at least 1, got {multiple!r}"):
            choose(coupling, weight_scores(coupling), 0.5, multiple=multiple)
    with pytest.raises(ValueError, match=r"has 16 channels, its scores shape \(0,\)"):
        to_macs(coupling, {}, 1_000_000)
    with pytest.raises(ValueError, match=r"has 16 channels, its scores shape \(2,\)"):
        choose(coupling, {first.name: np.ones(2)}, {first.name: 0.5})
    with pytest.raises(ValueError, match="is integer; prune the float graph"):
        couple(zoo.load("ppg-cnn-int8"))


@pytest.mark.parametrize(("limit", "shares", "message"), [
    (0, {}, "limit must be a number of MACs above 0, got 0"),
    (float("nan"), {}, "limit must be a number of MACs above 0, got nan"),
    ("few", {}, "limit must be a number of MACs above 0, got 'few'"),
    (1_500_000, {"nothing": 1.0}, "shares need numbers of at least 0 for groups among conv1d, .*; got 1.0 for"),
    (1_500_000, {"conv1d": -1.0}, "got -1.0 for 'conv1d'"),
    (1_500_000, {"conv1d": float("nan")}, "got nan for 'conv1d'"),
    (1_500_000, {"linear": 1.0}, "got 1.0 for 'linear'"),  # an output of the network
])
def test_budgets_that_cannot_be(limit, shares, message):
    coupling = couple(zoo.load("ppg-cnn"))
    with pytest.raises(ValueError, match=message):
        to_macs(coupling, weight_scores(coupling), limit, shares=shares)


def test_rounding_by_hand():
    assert [rounded(n, 32, 8) for n in (1, 8, 11, 12, 20, 32)] == [8, 8, 8, 16, 24, 32]
    assert rounded(1, 6, 8) == 6
    assert weights_left(0.25) == 0.5625


def test_the_picture_shows_every_node_and_its_groups(small_graph):
    boxes, arrows = picture(couple(small_graph))
    assert [box["name"] for box in boxes] == ["x", *(node.output for node in small_graph.nodes)]
    assert boxes[1] == {"name": "conv", "label": "features.conv", "op": "conv2d", "ties": False, "groups": {"conv": 4}}
    assert boxes[-1]["groups"] == {"y": 3}
    assert boxes[0]["groups"] == {}
    assert arrows == [("x", "conv"), ("conv", "norm"), ("norm", "relu"), ("relu", "pool"), ("pool", "flat"),
                      ("flat", "y")]
