import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.metrics import sqnr_db
from edgekit.graph import equalize
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run


def chain(seed=0, activation="relu", spread=3.0):
    """conv -> depthwise (2 per channel) -> grouped conv -> max pool -> flatten -> dense, with uneven channels."""
    rng = np.random.default_rng(seed)

    def constant(name, *shape):
        size = np.exp(rng.normal(0, spread, (shape[0], *[1] * (len(shape) - 1))))
        return Tensor(name, shape, "float32", (rng.normal(size=shape) * size).astype(np.float32))

    shapes = {"a": (4, 3, 3, 2), "b": (8, 3, 3, 1), "c": (6, 1, 1, 4), "d": (3, 24)}
    constants = [constant(f"{n}.w", *shape) for n, shape in shapes.items()]
    constants += [constant(f"{n}.b", shape[0]) for n, shape in shapes.items()]
    sizes = {"x": (6, 6, 2), "a": (6, 6, 4), "b": (4, 4, 8), "c": (4, 4, 6)}
    sizes |= {"pool": (2, 2, 6), "flat": (24,), "d": (3,)}
    tensors = {t.name: t for t in constants} | {name: Tensor(name, shape) for name, shape in sizes.items()}
    same, geometry = ((1, 1), (1, 1)), {"stride": (1, 1), "dilation": (1, 1)}

    def conv(name, source, padding, groups):
        attrs = {**geometry, "padding": padding, "groups": groups, "activation": activation}
        return Node("conv2d", (source, f"{name}.w", f"{name}.b"), name, attrs)

    none = ((0, 0), (0, 0))
    nodes = [conv("a", "x", same, 1), conv("b", "a", none, 4), conv("c", "b", none, 2),
             Node("max_pool2d", ("c",), "pool", {"kernel": (2, 2), "stride": (2, 2), "padding": none}),
             Node("reshape", ("pool",), "flat", {"shape": (24,)}),
             Node("dense", ("flat", "d.w", "d.b"), "d")]
    return Graph("chain", tensors, nodes, ("x",), ("d",))


X = np.random.default_rng(9).normal(size=(5, 6, 6, 2)).astype(np.float32)


def readers_by_loop(graph, link):
    """max |w| over the weights that read each channel, one weight at a time."""
    nodes = {node.output: node for node in graph.nodes}
    node, channels = nodes[link.reader], graph.tensors[link.activation].shape[-1]
    w, found = graph.tensors[node.inputs[1]].data, np.zeros(graph.tensors[link.activation].shape[-1])
    for index, value in np.ndenumerate(w):
        if node.op == "dense":
            channel = index[-1] % channels
        else:
            groups = node.attrs["groups"]
            channel = index[0] // (len(w) // groups) * w.shape[-1] + index[-1]
        found[channel] = max(found[channel], abs(value))
    return found


def test_every_link_of_the_chain_is_found():
    assert [(link.activation, link.reader) for link in equalize.links(chain())] == [("a", "b"), ("b", "c"), ("c", "d")]


def test_one_link_by_hand():
    """Channel ranges 8 and 2 meet 2 and 8: s = 2 and 1/2, and all ranges become 4."""
    tensors = {
        "w1": Tensor("w1", (2, 1), "float32", np.array([[8], [-2]], np.float32)),
        "b1": Tensor("b1", (2,), "float32", np.array([4, 1], np.float32)),
        "w2": Tensor("w2", (1, 2), "float32", np.array([[2, -8]], np.float32)),
        "x": Tensor("x", (1,)), "h": Tensor("h", (2,)), "y": Tensor("y", (1,)),
    }
    nodes = [Node("dense", ("x", "w1", "b1"), "h", {"activation": "relu"}), Node("dense", ("h", "w2"), "y")]
    graph = Graph("two", tensors, nodes, ("x",), ("y",))
    np.testing.assert_allclose(equalize.factors(graph)["h"], [2, 0.5])
    equal = equalize.equalize(graph)
    assert {name: equal.tensors[name].data.ravel().tolist() for name in ("w1", "b1", "w2")} == {
        "w1": [4, -4], "b1": [2, 2], "w2": [4, -4]}


@given(st.integers(0, 1000))
def test_ranges_become_equal_and_the_function_stays(seed):
    graph = chain(seed)
    equal = equalize.equalize(graph)
    assert sqnr_db(run(graph, X), run(equal, X)) > 100
    nodes = {node.output: node for node in equal.nodes}
    for link in equalize.links(equal):
        made = np.abs(equal.tensors[nodes[link.activation].inputs[1]].data).reshape(len(equal.tensors[
            nodes[link.activation].inputs[1]].data), -1).max(axis=1)
        np.testing.assert_allclose(made, readers_by_loop(equal, link), rtol=1e-3)


@given(st.integers(0, 1000), st.lists(st.floats(1e-3, 1e3), min_size=8, max_size=8))
def test_rescaling_divides_the_activation_and_nothing_behind_it(seed, s):
    graph = chain(seed, spread=1.0)
    before, after = (run(g, X, all_tensors=True) for g in (graph, equalize.rescale(graph, {"b": np.array(s)})))
    np.testing.assert_allclose(after["b"] * np.array(s, np.float32), before["b"], rtol=1e-4, atol=1e-6)
    assert sqnr_db(before["d"], after["d"]) > 90


def test_a_dead_channel_keeps_its_weights():
    graph = chain()
    data = graph.tensors["a.w"].data.copy()
    data[1] = 0
    graph = graph.with_tensors(**{"a.w": Tensor("a.w", data.shape, "float32", data)})
    found = equalize.factors(graph)
    assert found["a"][1] == 1
    assert all(np.isfinite(s).all() for s in found.values())


def test_relu6_is_left_alone_and_said_so():
    graph = chain(activation="relu6")
    assert all("corner" in link.reason for link in equalize.links(graph))
    with pytest.raises(ValueError, match=r"no two layers of 'chain' can be equalized .*relu6"):
        equalize.equalize(graph)


def test_what_is_read_twice_or_given_away_is_left_alone():
    graph = chain()
    read = Node("relu", ("b",), "again")
    tensors = {**graph.tensors, "again": Tensor("again", (4, 4, 8))}
    twice = Graph("twice", tensors, (*graph.nodes, read), ("x",), ("d", "again"))
    assert [link.reason for link in equalize.links(twice)] == ["", "b is read by 2 operators", ""]
    given_away = Graph("out", graph.tensors, graph.nodes, ("x",), ("d", "pool"))
    assert "is an output" in equalize.links(given_away)[2].reason


def twice():
    """One dense layer used two times over, as a loop unrolled: y = relu(w relu(w x))."""
    w = np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32)
    tensors = {"w": Tensor("w", (3, 3), "float32", w), **{name: Tensor(name, (3,)) for name in "xhy"}}
    nodes = [Node("dense", (a, "w"), b, {"activation": "relu"}) for a, b in ("xh", "hy")]
    return Graph("twice", tensors, nodes, ("x",), ("y",))


def test_weights_that_serve_two_layers_are_left_alone():
    assert [link.reason for link in equalize.links(twice())] == ["its weights serve another layer too"]


def test_an_addition_between_is_named(small_graph):
    graph = fold(small_graph)
    assert [(link.activation, link.reader) for link in equalize.links(graph)] == [("relu", "y")]
    with pytest.raises(ValueError, match="'y' cannot be rescaled"):
        equalize.rescale(graph, {"y": np.ones(3)})


@pytest.mark.parametrize("bad", [np.ones(3), np.array([1, 1, 0, 1.0]), np.array([1, np.nan, 1, 1])])
def test_factors_that_do_not_fit(bad):
    with pytest.raises(ValueError, match="needs 4 finite factors above 0"):
        equalize.rescale(chain(), {"a": bad})


@pytest.mark.parametrize(("shape", "through"), [((24,), True), ((4, 1, 6), True), ((1, 2, 12), False),
                                                ((2, 12), False)])
def test_a_reshape_lets_through_whole_places_only(shape, through):
    """Another map has another number of channels: its reader would take a factor for a channel of its own."""
    rng, graph = np.random.default_rng(0), chain()
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name not in ("d", "d.w", "flat")}
    weight = rng.normal(size=(3, shape[-1])).astype(np.float32)
    tensors |= {"flat": Tensor("flat", shape), "d.w": Tensor("d.w", weight.shape, "float32", weight),
                "d": Tensor("d", (*shape[:-1], 3))}
    reshape = Node("reshape", ("pool",), "flat", {"shape": shape})
    changed = Graph("changed", tensors, (*graph.nodes[:4], reshape, graph.nodes[5]), ("x",), ("d",))
    assert equalize.links(changed)[2].reason == ("" if through else "reshape lies between")
    expected = run(changed, X)
    np.testing.assert_allclose(run(equalize.equalize(changed), X), expected, atol=1e-4 * np.abs(expected).max())
