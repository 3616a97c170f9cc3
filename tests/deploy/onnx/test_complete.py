"""What the kit writes as ONNX it reads again: every operator as the first of a graph, in float, QDQ and QLinear."""

import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.deploy.onnx import from_onnx, to_onnx
from edgekit.deploy.onnx.complete import complete
from edgekit.deploy.onnx.qlinear import QLINEAR
from edgekit.deploy.onnx.read import read
from edgekit.deploy.onnx.real import REAL
from edgekit.graph import ptq
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.graph.shapes import infer
from tests.deploy.onnx.test_onnx import theirs
from tests.fuzzing import mutate, survey

onnx = pytest.importorskip("onnx")
SHAPE = (6, 4, 4)
WINDOW = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0))}
CONV = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
PAD = {"padding": ((1, 0), (2, 1))}

#: name -> the first operators of a graph: (operator, inputs, attributes, shapes of weights); "x" is the input
FIRST = {
    "conv2d": [("conv2d", ["x"], CONV, [(5, 3, 3, 4), (5,)])],
    "dense": [("reshape", ["x"], {"shape": (96,)}, []), ("dense", ["a0"], {}, [(12, 96), (12,)])],
    "dense of a map": [("dense", ["x"], {}, [(5, 4), (5,)])],
    "add": [("add", ["x", "x"], {}, [])],
    "mul": [("mul", ["x", "x"], {}, [])],
    "avg_pool2d": [("avg_pool2d", ["x"], WINDOW, [])],
    "max_pool2d": [("max_pool2d", ["x"], WINDOW, [])],
    "mean": [("mean", ["x"], {"axes": (-3, -2), "keepdims": True}, [])],
    "softmax": [("softmax", ["x"], {}, [])],
    **{op: [(op, ["x"], {}, [])] for op in ("sigmoid", "tanh", "hard_sigmoid", "hard_swish", "relu", "relu6")},
    "pad": [("pad", ["x"], PAD, [])],
    "resize_nearest": [("resize_nearest", ["x"], {"size": (12, 8)}, [])],
    "concat": [("relu", ["x"], {}, []), ("concat", ["x", "a0"], {"axis": -1}, [])],
    "reshape": [("reshape", ["x"], {"shape": (1, 24, 4)}, [])],
    "reshape to a vector and back": [("reshape", ["x"], {"shape": (96,)}, []),
                                     ("reshape", ["a0"], {"shape": (4, 6, 4)}, [])],
    "reshape of one place": [("mean", ["x"], {"axes": (-3, -2), "keepdims": True}, []),
                             ("reshape", ["a0"], {"shape": (1, 2, 2)}, [])],
    "batch_norm": [("batch_norm", ["x"], {"eps": 1e-5}, [(4,)] * 4)],
    "pads in a row": [("pad", ["x"], PAD, []), ("pad", ["a0"], PAD, []), ("max_pool2d", ["a1"], WINDOW, []),
                      ("pad", ["a2"], PAD, [])],
    "pool and pad": [("max_pool2d", ["x"], WINDOW, []), ("pad", ["a0"], PAD, [])],
    "pad after a convolution's pool": [("conv2d", ["x"], CONV, [(5, 3, 3, 4), (5,)]),
                                       ("max_pool2d", ["a0"], WINDOW, []), ("pad", ["a1"], PAD, [])],
    "pad after a rectifier": [("relu6", ["x"], {}, []), ("pad", ["a0"], PAD, [])],
    "concat of the input with its resizing": [
        ("max_pool2d", ["x"], WINDOW, []), ("resize_nearest", ["a0"], {"size": (6, 4)}, []),
        ("concat", ["a1", "x"], {"axis": -1}, [])],
    "concat of the input with its padding": [("pad", ["x"], PAD, []), ("pad", ["x"], PAD, []),
                                             ("concat", ["a0", "a1"], {"axis": -3}, [])],
}


def net(first):
    """A float graph of the operators `first` and, where they leave a map, a convolution after them."""
    rng, tensors, nodes = np.random.default_rng(0), {"x": Tensor("x", SHAPE)}, []

    def enter(op, inputs, attrs, weights):
        for place, shape in enumerate(weights):
            name = f"w{len(nodes)}.{place}"
            data = (rng.uniform(0.2, 0.6, shape) * rng.choice([-1, 1] if op != "batch_norm" else [1], shape))
            tensors[name] = Tensor(name, shape, "float32", data.astype(np.float32))
            inputs = [*inputs, name]
        output = f"a{len(nodes)}"
        tensors[output] = Tensor(output, infer(op, [tensors[name].shape for name in inputs], attrs))
        nodes.append(Node(op, inputs, output, attrs))

    for step in first:
        enter(*step)
    last = nodes[-1].output
    channels = tensors[last].shape[-1]
    if len(tensors[last].shape) == 3:
        enter("conv2d", [last], CONV, [(3, 3, 3, channels), (3,)])
    else:
        enter("dense", [last], {}, [(3, channels), (3,)])
    return Graph("first", tensors, nodes, ["x"], [nodes[-1].output])


def integer(graph):
    """The graph in int8, its weights of 7 bits, which every x86 multiplies exactly; no zero point is 0."""
    batch = np.random.default_rng(1).uniform(-1.3, 2.9, (16, *SHAPE)).astype(np.float32)
    made = ptq.post_training_quantize(graph, [batch])
    return made.with_tensors(**{
        t.name: Tensor(t.name, t.shape, "int8", (t.data // 2).astype(np.int8), t.qparams)
        for t in made.constants if t.data.dtype == np.int8
    })


def test_every_operator_of_both_forms_comes_first_in_a_net():
    assert {step[0] for steps in FIRST.values() for step in steps} == set(REAL) >= set(QLINEAR)


@pytest.mark.parametrize("name", FIRST)
def test_a_float_graph_comes_back(name):
    graph = net(FIRST[name])
    model = to_onnx(graph)
    x = np.random.default_rng(2).standard_normal((8, *SHAPE)).astype(np.float32)
    expected, back = run(graph, x), from_onnx(model)
    np.testing.assert_allclose(theirs(model, x), expected, atol=1e-5 * np.abs(expected).max())
    np.testing.assert_allclose(run(back, x), expected, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("form", ["qdq", "qlinear"])
@pytest.mark.parametrize("name", [name for name in FIRST if name != "batch_norm"])  # folded before a graph is int8
def test_an_int8_graph_comes_back(name, form):
    graph = integer(net(FIRST[name]))
    if form == "qlinear" and any(node.op not in QLINEAR for node in graph.nodes):
        pytest.skip("no qlinear form")
    model = to_onnx(graph, form)
    back = from_onnx(model, "own.onnx")
    x = np.random.default_rng(3).integers(-128, 128, (32, *SHAPE), np.int8)
    np.testing.assert_array_equal(theirs(model, x), run(graph, x, "ort"))
    # a dense layer on a map is written as a convolution and comes back as one, which "reference" rounds otherwise
    for preset in ("ort", "cmsis", *(["reference"] if name != "dense of a map" else [])):
        np.testing.assert_array_equal(run(back, x, preset), run(graph, x, preset))
    assert back.tensors["x"].qparams.zero_point == graph.tensors["x"].qparams.zero_point != 0


def test_a_reshape_comes_back_as_one():
    graph = net(FIRST["reshape"])
    assert [node.op for node in from_onnx(to_onnx(graph)).nodes] == ["reshape", "conv2d"]


def test_a_reshape_that_would_mix_places_and_channels_is_refused():
    helper = onnx.helper
    shape = onnx.numpy_helper.from_array(np.array([0, 6, 4, 4]), "s")
    ends = [helper.make_tensor_value_info(name, 1, None if name == "y" else ["n", 4, 6, 4]) for name in "xy"]
    body = helper.make_graph([helper.make_node("Reshape", ["x", "s"], ["y"])], "g", ends[:1], ends[1:], [shape])
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)]).SerializeToString()
    with pytest.raises(ValueError, match=r"mixed\.onnx: operator Reshape"):
        from_onnx(model, "mixed.onnx")


def test_a_pad_with_anything_but_real_zero_is_refused():
    graph = integer(net(FIRST["pad"]))
    q = graph.tensors["x"].qparams
    other = graph.with_tensors(x=Tensor("x", SHAPE, "int8", None, QParams(q.scale, int(q.zero_point) + 1)))
    model, wrong = (onnx.load_from_string(to_onnx(g)) for g in (graph, other))
    fill = next(t for t in model.graph.initializer if t.name == "a0/zero")
    fill.CopyFrom(next(t for t in wrong.graph.initializer if t.name == "a0/zero"))
    with pytest.raises(ValueError, match="only real zero is supported"):
        from_onnx(model.SerializeToString())


def test_what_was_complete_stays_as_it_is():
    graph = integer(net(FIRST["conv2d"]))
    for form in ("qdq", "qlinear"):
        model = to_onnx(graph, form)
        assert onnx.load_from_string(complete(model)) == onnx.load_from_string(model)
        assert from_onnx(model).nodes == read(model).nodes


@pytest.mark.parametrize("text", [b"hello world\n", b"a,b\n1,2\n", b"# Title\n\nSome words.\n", b""])
def test_a_text_file_is_told_to_be_none(text):
    with pytest.raises(ValueError, match=r"notes\.onnx: (no ONNX file|not a readable ONNX file)"):
        from_onnx(text, "notes.onnx")


def test_mutants_are_refused_or_run():
    models = [to_onnx(integer(net(FIRST[name])), form) for name in ("pads in a row", "concat", "reshape")
              for form in ("qdq", "qlinear")]
    counts = survey(from_onnx, models, [mutate], "mutant.onnx")
    assert counts["refused"] > 0.3 * sum(counts.values())
    assert counts["ran"] > 0
