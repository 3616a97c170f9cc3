"""GRU and LSTM as other exporters write them: axes turned, squeezed and picked; anything else is refused by name."""

import io
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.deploy.onnx import read_onnx
from edgekit.graph.run import run
from tests.deploy.onnx.test_onnx import model_of, node, session
from tests.fuzzing import mutate, survey

onnx = pytest.importorskip("onnx")
T, C, H = 7, 3, 4
EPS = np.finfo(np.float32).eps
#: the first operators of a model whose input x is (N, T, C), and of one whose input is (N, C, T); they give (T, N, C)
STEPS_FIRST = [("Transpose", ["x"], "s", {"perm": [1, 0, 2]})]
CHANNELS_FIRST = [("Transpose", ["x"], "s", {"perm": [2, 0, 1]})]


def weights(kind, biases=True, seed=0, size=H, channels=C):
    rng, rows = np.random.default_rng(seed), {"GRU": 3, "LSTM": 4}[kind] * size
    shapes = {"W": (1, rows, channels), "R": (1, rows, size), "B": (1, 2 * rows)}
    made = {name: rng.uniform(-1, 1, shape).astype(np.float32) for name, shape in shapes.items()}
    return made if biases else {name: made[name] for name in "WR"}


def layer(kind, inputs=("s", "W", "R", "B"), outputs=("Y", "Yh"), **attributes):
    extra = {"linear_before_reset": 1} if kind == "GRU" else {}
    return onnx.helper.make_node(kind, list(inputs), list(outputs), "memory",
                                 **{"hidden_size": H, **extra, **attributes})


def model(before, memory, after, constants, shape=("n", T, C)):
    """The bytes of a model: operators before, one recurrent node, operators behind it."""
    made = [[node(op, inputs, output, **attrs) for op, inputs, output, attrs in part] for part in (before, after)]
    return model_of([*made[0], memory, *made[1]], constants, shape)


def axes(*values):
    return np.array(values, np.int64)


#: what comes after the operator, and the constants that it needs
AFTER = {
    "all states": ([("Squeeze", ["Y", "one"], "q", {}), ("Transpose", ["q"], "y", {"perm": [1, 0, 2]})],
                   {"one": axes(1)}),
    "all states, turned at once": ([("Transpose", ["Y"], "t", {"perm": [2, 0, 1, 3]}),
                                    ("Squeeze", ["t", "two"], "y", {})], {"two": axes(2)}),
    "all states with an axis of one": ([("Transpose", ["Y"], "y", {"perm": [2, 1, 0, 3]})], {}),
    "channels first": ([("Squeeze", ["Y"], "q", {}), ("Transpose", ["q"], "y", {"perm": [1, 2, 0]})], {}),
    "the last state": ([("Squeeze", ["Yh", "zero"], "y", {})], {"zero": axes(0)}),
    "the last state by number": ([("Gather", ["Yh", "last"], "y", {"axis": 0})], {"last": np.int64(-1)}),
    "the last state with an axis of one": ([("Transpose", ["Yh"], "y", {"perm": [1, 0, 2]})], {}),
    "the last step": ([("Squeeze", ["Y", "one"], "q", {}), ("Gather", ["q", "last"], "y", {"axis": 0})],
                      {"one": axes(1), "last": np.int64(-1)}),
    "the last step by number": ([("Transpose", ["Y"], "t", {"perm": [2, 1, 0, 3]}),
                                 ("Gather", ["t", "last"], "g", {"axis": 2}), ("Squeeze", ["g", "one"], "y", {})],
                                {"one": axes(1), "last": np.int64(T - 1)}),
    "the last step as a slice": ([("Slice", ["Y", "from", "to", "zero"], "c", {}),
                                  ("Squeeze", ["c", "both"], "y", {})],
                                 {"from": axes(-1), "to": axes(2**63 - 1), "zero": axes(0), "both": axes(0, 1)}),
    "their mean": ([("Transpose", ["Y"], "t", {"perm": [2, 0, 1, 3]}), ("ReduceMean", ["t", "both"], "y",
                                                                       {"keepdims": 0})], {"both": axes(1, 2)}),
    "their mean, kept": ([("Squeeze", ["Y", "one"], "q", {}), ("Transpose", ["q"], "t", {"perm": [1, 0, 2]}),
                          ("ReduceMean", ["t", "one"], "y", {"keepdims": 1})], {"one": axes(1)}),
    "a product along them": ([("Squeeze", ["Y", "one"], "q", {}), ("Transpose", ["q"], "t", {"perm": [1, 0, 2]}),
                              ("MatMul", ["t", "M"], "m", {}), ("Add", ["v", "m"], "a", {}),
                              ("Softmax", ["a"], "y", {"axis": 2})],
                             {"one": axes(1), "M": np.float32([[1, 2]] * H), "v": np.float32([3, 4])}),
    "rectified, doubled and flattened": ([("Squeeze", ["Y", "one"], "q", {}), ("Relu", ["q"], "r", {}),
                                          ("Tanh", ["r"], "h", {}), ("Add", ["r", "h"], "d", {}),
                                          ("Transpose", ["d"], "t", {"perm": [1, 0, 2]}),
                                          ("Flatten", ["t"], "f", {}), ("MatMul", ["f", "M"], "y", {})],
                                         {"one": axes(1), "M": np.ones((T * H, 2), np.float32)}),
    "reshaped": ([("Transpose", ["Y"], "t", {"perm": [2, 1, 0, 3]}), ("Reshape", ["t", "to"], "y", {})],
                 {"to": axes(0, T, -1)}),
    "with a new axis": ([("Squeeze", ["Yh", "zero"], "q", {}), ("Unsqueeze", ["q", "one"], "y", {})],
                        {"zero": axes(0), "one": axes(1)}),
}


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize("first", ["steps", "channels"])
def test_what_follows_gives_the_runtimes_numbers(kind, name, first):
    after, constants = AFTER[name]
    before, shape = (STEPS_FIRST, ("n", T, C)) if first == "steps" else (CHANNELS_FIRST, ("n", C, T))
    data = model(before, layer(kind), after, {**weights(kind), **constants}, shape)
    x = np.random.default_rng(1).standard_normal((5, *shape[1:])).astype(np.float32)
    if (name, first) == ("all states with an axis of one", "channels"):  # (N, C, T) in, (N, 1, T, C) out
        with pytest.raises(ValueError, match=r"have different layouts \(NCHW and NHWC\); export them alike"):
            read_onnx(data)
        return
    expected, graph = session(data).run(["y"], {"x": x})[0], read_onnx(data, "other.onnx")
    found = run(graph, x if first == "steps" else np.moveaxis(x, 1, -1)[:, None].copy())
    if found.ndim == 4 and expected.ndim == 3:  # channels first, which the commands turn
        found = np.moveaxis(found[:, 0], -1, 1)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=10 * T * (C + H) * EPS * max(1, np.abs(expected).max()))
    assert sum(n.op == kind.lower() for n in graph.nodes) == 1


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
@pytest.mark.parametrize("state", ["left out", "zeros", "of a shape"])
@pytest.mark.parametrize("biases", [True, False])
def test_biases_and_a_first_state_of_zero_may_be_left_out(kind, state, biases):
    first = {"left out": [], "zeros": ["", "z"], "of a shape": ["", "z"]}[state]
    names = ["s", "W", "R", "B" if biases else "", *first]
    constants = {**weights(kind, biases), "zero": axes(0), "one": axes(1), "rest": axes(H)}
    before = list(STEPS_FIRST)
    if state == "zeros":
        constants["z"] = np.zeros((1, 5, H), np.float32)
    if state == "of a shape":
        before += [("Shape", ["x"], "d", {}), ("Gather", ["d", "zero"], "n", {"axis": 0}),
                   ("Concat", ["one", "n", "rest"], "all", {"axis": 0}), ("ConstantOfShape", ["all"], "z", {})]
    direction = {"direction": "forward", "activations": ["Sigmoid", "Tanh", "Tanh"][: 2 + (kind == "LSTM")]}
    data = model(before, layer(kind, names, **direction), AFTER["the last state"][0], constants)
    x = np.random.default_rng(2).standard_normal((5, T, C)).astype(np.float32)
    expected = session(data).run(["y"], {"x": x})[0]
    np.testing.assert_allclose(run(read_onnx(data), x), expected, rtol=0, atol=T * (C + H) * EPS)


REFUSED = [
    ({"direction": "reverse"}, "has direction 'reverse', which is not supported; supported is 'forward'"),
    ({"clip": 3.0}, "has clip 3.0, which is not supported; leave it out"),
    ({"layout": 1}, "has layout 1, which is not supported; supported is 0"),
    ({"activations": ["Relu", "Tanh", "Tanh"]}, r"has activations \['relu', 'tanh', 'tanh'\], .* is \['sigmoid',"),
    ({"activation_alpha": [0.5]}, r"has activation_alpha \[0.5\]"),
    ({"hidden_size": 5}, "and hidden_size 4, got .* and 5"),
    ({"inputs": ("s", "W", "R", "B", "lengths")}, "lengths of sequences or peepholes"),
    ({"inputs": ("s", "W", "R", "B", "", "B")}, "starts from a given state, which is not supported"),
    ({"inputs": ("s", "s", "R", "B")}, "needs constant float32 weights"),
    ({"inputs": ("s", "W", "R", "W")}, "needs constant float32 W, R and B of the shapes"),
    ({"inputs": ("W", "W", "R", "B")}, "needs an activation at input 0"),
    ({"inputs": ("x", "W", "R", "B")}, r"takes \(T, N, C\), steps before batch, got the axes NCT; export"),
]


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
@pytest.mark.parametrize(("change", "words"), REFUSED)
def test_another_kind_is_refused_by_name(kind, change, words):
    if kind == "GRU" and "activations" in change:
        change, words = {"activations": ["Relu", "Tanh"]}, r"has activations \['relu', 'tanh'\], .* is \['sigmoid',"
    constants = {**weights(kind), "lengths": np.full(5, T, np.int32)}
    data = model(STEPS_FIRST, layer(kind, **change), AFTER["the last state"][0],
                 {**constants, **AFTER["the last state"][1]})
    with pytest.raises(ValueError, match=rf"odd\.onnx: operator {kind} \(node 'memory'\) (.*{words})"):
        read_onnx(data, "odd.onnx")


def test_what_one_of_both_alone_has_is_refused():
    for kind, change, words in [
            ("GRU", {"linear_before_reset": 0}, "resets the state before its product; supported is 1"),
            ("LSTM", {"input_forget": 1}, "has input_forget 1, which is not supported; supported is 0"),
            ("LSTM", {"inputs": ("s", "W", "R", "B", "", "", "", "P")}, "lengths of sequences or peepholes")]:
        constants = {**weights(kind), "P": np.zeros((1, 3 * H), np.float32), **AFTER["the last state"][1]}
        data = model(STEPS_FIRST, layer(kind, **change), AFTER["the last state"][0], constants)
        with pytest.raises(ValueError, match=words):
            read_onnx(data)
    two = onnx.helper.make_node("GRU", ["s", "W", "R"], ["Y", "Yh"], hidden_size=H, direction="bidirectional",
                                linear_before_reset=1)
    both = {name: np.concatenate([array, array]) for name, array in weights("GRU", False).items()}
    with pytest.raises(ValueError, match="has direction 'bidirectional', which is not supported; supported is 'forw"):
        read_onnx(model(STEPS_FIRST, two, AFTER["all states, turned at once"][0], both))


@pytest.mark.parametrize(("after", "constants", "words"), [
    ([("Gather", ["Y", "i"], "y", {"axis": 0})], {"i": np.int64(2)}, "picks along axis T of T1NC"),
    ([("Gather", ["Y", "i"], "y", {"axis": 3})], {"i": np.int64(0)}, "picks along axis C of T1NC"),
    ([("Gather", ["Y", "i"], "y", {"axis": 0})], {"i": axes(5, 6)}, "picks 2 entries"),
    ([("Slice", ["Y", "a", "b", "i"], "y", {})], {"a": axes(-2), "b": axes(9), "i": axes(0)}, "picks along axis T"),
    ([("Relu", ["Y"], "r", {}), ("Gather", ["r", "i"], "y", {"axis": 0})], {"i": np.int64(-1)}, "step of what is no"),
    ([("Squeeze", ["Y", "i"], "y", {})], {"i": axes(0)}, "operator Squeeze"),
    ([("Identity", ["Y"], "y", {})], {}, "output 'y' must be .* the batch first .*; got the axes T1NC"),
    ([("Identity", ["Yh"], "y", {})], {}, "got the axes 1NC"),
    ([("Add", ["Y", "Yh"], "y", {})], {}, "they must be alike"),
    ([("Transpose", ["Y"], "t", {"perm": [2, 1, 3, 0]}), ("MatMul", ["t", "M"], "y", {})],
     {"M": np.ones((T, 2), np.float32)}, "the channels last beside a constant"),
    ([("Squeeze", ["Y"], "q", {}), ("ReduceMean", ["q", "i"], "y", {"keepdims": 0})], {"i": axes(2)}, "averages TNC"),
    ([("Softmax", ["Y"], "y", {"axis": 0})], {}, "runs along axis T of T1NC"),
    ([("Reshape", ["Y", "i"], "y", {})], {"i": axes(-1, H)}, "operator Reshape"),
    ([("Conv", ["Y", "K"], "y", {})], {"K": np.ones((2, 1, 1, 1), np.float32)}, "operator Conv .*got T1NC"),
    ([("Shape", ["Y"], "d", {}), ("Relu", ["d"], "y", {})], {}, "got sizes of an activation"),
    ([("Shape", ["Y"], "d", {}), ("Expand", ["Yh", "d"], "y", {})], {}, "operator Expand .*zeros of the first state"),
    ([("ConstantOfShape", ["i"], "y", {"value": onnx.numpy_helper.from_array(np.float32([1]))})], {"i": axes(2)},
     "fills a shape with another number than 0"),
    ([("Sin", ["Y"], "y", {})], {}, "operator Sin .* supported are Add, .*GRU, .*LSTM"),
])
def test_what_cannot_follow_is_refused_by_name(after, constants, words):
    data = model(STEPS_FIRST, layer("GRU"), after, {**weights("GRU"), **constants})
    with pytest.raises(ValueError, match=rf"odd\.onnx.*{words}"):
        read_onnx(data, "odd.onnx")


def test_cells_are_refused_where_they_are_read():
    after = [("Squeeze", ["c"], "y", {})]
    data = model(STEPS_FIRST, layer("LSTM", outputs=("", "", "c")), after, weights("LSTM"))
    with pytest.raises(ValueError, match=r"operator Squeeze .* got cells of an LSTM"):
        read_onnx(data)


def test_a_float_layer_beside_integers_is_refused():
    grids = ["scale", "zero"]
    before = [("QuantizeLinear", ["x", *grids], "q", {}), ("DequantizeLinear", ["q", *grids], "r", {}),
              ("Transpose", ["r"], "s", {"perm": [2, 0, 1]})]
    grid = {"scale": np.float32(0.1), "zero": np.int8(3)}
    with pytest.raises(ValueError, match=r"operator (GRU|Transpose)"):
        read_onnx(model(before, layer("GRU"), AFTER["the last state"][0], {**weights("GRU"), **grid}, ("n", C, T)))
    direct = [*before[:2], ("Identity", ["r"], "s", {})]
    with pytest.raises(ValueError, match="stands beside integers, and is float itself"):
        read_onnx(model(direct, layer("GRU"), AFTER["the last state"][0], {**weights("GRU"), **grid}, ("n", C, T)))


class Net(nn.Module):
    """A recurrent layer of torch, batch first, and what `pick` takes of its results."""

    def __init__(self, kind, pick, turned, **options):
        super().__init__()
        self.recur, self.pick, self.turned = getattr(nn, kind)(C, H, batch_first=True, **options), pick, turned
        self.dense = nn.Linear(H, 2)

    def forward(self, x):
        states, last = self.recur(x.transpose(1, 2) if self.turned else x)
        return self.pick(self, states, last[0] if isinstance(last, tuple) else last)


PICKS = {
    "all": lambda net, states, last: net.dense(states),
    "turned": lambda net, states, last: net.dense(states).transpose(1, 2),
    "last step": lambda net, states, last: net.dense(states[:, -1]),
    "last layer": lambda net, states, last: net.dense(last[-1]),
    "mean": lambda net, states, last: net.dense(states.mean(1)),
}


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
@pytest.mark.parametrize(("pick", "turned", "open_batch", "options"), [
    ("all", False, True, {}), ("turned", True, False, {"bias": False}), ("last step", False, False, {}),
    ("last layer", True, True, {"num_layers": 3}), ("mean", False, True, {"num_layers": 2}),
])
def test_what_torch_exports_gives_its_numbers(kind, pick, turned, open_batch, options):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        net, x = Net(kind, PICKS[pick], turned, **options).eval(), torch.randn(4, *((C, T) if turned else (T, C)))
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that its other exporter, which needs a further package, is newer
        torch.onnx.export(net, (x,), buffer, dynamo=False, input_names=["x"], output_names=["y"], opset_version=17,
                          dynamic_axes={"x": {0: "n"}} if open_batch else None, verbose=False)
    graph = read_onnx(buffer.getvalue(), "torch.onnx")
    assert sum(n.op == kind.lower() for n in graph.nodes) == options.get("num_layers", 1)
    found = run(graph, np.moveaxis(x.numpy(), 1, -1)[:, None].copy() if turned else x.numpy())
    expected = net(x).detach().numpy()
    found = np.moveaxis(found[:, 0], -1, 1) if found.ndim == 4 else found
    np.testing.assert_allclose(found, expected, rtol=0, atol=10 * T * (C + H) * EPS)


def test_mutants_are_refused_or_run():
    sound = [model(STEPS_FIRST, layer(kind), AFTER[name][0], {**weights(kind), **AFTER[name][1]})
             for kind in ("GRU", "LSTM") for name in ("a product along them", "the last step as a slice", "reshaped")]
    counts = survey(read_onnx, sound, [mutate], "mutant.onnx")
    assert counts["refused"] > 0.3 * sum(counts.values())
    assert counts["ran"] > 0
