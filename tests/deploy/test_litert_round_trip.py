"""Random integer graphs over all operators: LiteRT gives the interpreter's codes for every tensor, in each resolver.

A delegate hides what lies between its operators, so each graph is written with every tensor as an output.
"""
import os
from dataclasses import replace

import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.core.windows import resolve_padding
from edgekit.deploy import litert, litert_run
from edgekit.graph import ptq
from edgekit.graph.integer_kernels import INTEGER
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.graph.shapes import infer

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

#: operators that LiteRT, or a table of its making, has for int8 alone
EIGHT_BITS_ONLY = ("hard_sigmoid", "hard_swish")
GRAPHS = int(os.environ.get("EDGEKIT_ROUND_TRIPS", "60"))


class Maker:
    """A random float graph, operator by operator; `x` is the activation at hand."""

    def __init__(self, rng):
        self.rng, self.tensors, self.nodes = rng, {}, []
        shape = (int(rng.choice([1, 5, 8])), int(rng.integers(6, 14)), int(rng.choice([1, 3, 8, 16])))
        self.x = self.tensors.setdefault("x", Tensor("x", shape))

    def emit(self, op, *inputs, **attrs):
        name = f"t{len(self.nodes)}"
        shape = infer(op, [tensor.shape for tensor in inputs], attrs)
        self.nodes.append(Node(op, [tensor.name for tensor in inputs], name, attrs))
        return self.tensors.setdefault(name, Tensor(name, shape))

    def constant(self, *shape):
        data = (self.rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
        return self.tensors.setdefault(f"c{len(self.tensors)}", Tensor(f"c{len(self.tensors)}", shape, "float32", data))

    def fused(self):
        return {"activation": str(name)} if (name := self.rng.choice(["", "relu", "relu6"])) else {}

    def graph(self, steps=5, without=()):
        for _ in range(steps):
            fitting = [make for op, make in MAKERS.items() if op not in without]
            self.x = fitting[self.rng.integers(len(fitting))](self)
        outputs = [node.output for node in self.nodes]
        return Graph("random", self.tensors, self.nodes, ("x",), outputs)


def window(maker, square=False):
    """A kernel that fits, a stride, and a padding: SAME, VALID or neither."""
    rng, size = maker.rng, maker.x.shape[:2]
    kernel = tuple(int(rng.integers(1, min(4, n) + 1)) for n in size)
    stride = tuple(int(n) for n in rng.integers(1, 3, 2))
    word = str(rng.choice(["same", "valid", "own"]))
    if word != "own":
        return kernel, stride, resolve_padding(word, size, kernel, stride)
    return kernel, stride, tuple(tuple(int(rng.integers(0, k)) for _ in range(2)) for k in kernel)


def conv2d(maker, groups=1, depthwise=False):
    channels = maker.x.shape[2]
    kernel, stride, padding = window(maker)
    dilation = (1, 1)
    if stride == (1, 1) and maker.rng.random() < 0.3:
        dilation = (1, 2)
        padding = resolve_padding("same", maker.x.shape[:2], kernel, stride, dilation)
    outputs = channels * int(maker.rng.integers(1, 3)) if depthwise else groups * int(maker.rng.integers(1, 9))
    weights = maker.constant(outputs, *kernel, channels // groups), maker.constant(outputs)
    return maker.emit("conv2d", maker.x, *weights, stride=stride, padding=padding, dilation=dilation, groups=groups,
                      **maker.fused())


def depthwise(maker):
    return conv2d(maker, maker.x.shape[2], depthwise=True)


def grouped(maker):
    return conv2d(maker, 2 if maker.x.shape[2] % 2 == 0 and maker.x.shape[2] > 2 else 1)


def dense(maker):
    outputs = int(maker.rng.integers(1, 20))
    return maker.emit("dense", maker.x, maker.constant(outputs, maker.x.shape[-1]), maker.constant(outputs),
                      **maker.fused())


def pool(op):
    def make(maker):
        kernel, stride, padding = window(maker)
        if op == "avg_pool2d":
            padding = resolve_padding(str(maker.rng.choice(["same", "valid"])), maker.x.shape[:2], kernel, stride)
        return maker.emit(op, maker.x, kernel=kernel, stride=stride, padding=padding)

    return make


def binary(op):
    """With an earlier activation of one shape, or a convolution of 1x1 that makes one."""

    def make(maker):
        earlier = [t for t in maker.tensors.values() if t.shape == maker.x.shape and not t.is_constant]
        other = earlier[maker.rng.integers(len(earlier))]
        return maker.emit(op, maker.x, other, **maker.fused())

    return make


def excite(maker):
    """Squeeze and excite: every channel times a number of its own."""
    squeezed = maker.emit("mean", maker.x, axes=(-3, -2), keepdims=True)
    return maker.emit("mul", maker.x, maker.emit("sigmoid", squeezed))


def pad(maker):
    return maker.emit("pad", maker.x, padding=tuple(tuple(int(n) for n in maker.rng.integers(0, 3, 2)) for _ in "hw"))


def concat(maker):
    twice = maker.emit("relu", maker.x)
    return maker.emit("concat", maker.x, twice, axis=-int(maker.rng.integers(1, 4)))


def resize(maker):
    height, width = maker.x.shape[:2]
    mode = [{}, {"half_pixel": True}, {"align_corners": True}][maker.rng.integers(3)]
    return maker.emit("resize_nearest", maker.x, size=(height + 2, 2 * width), **mode)


def reshape(maker):
    height, width, channels = maker.x.shape
    return maker.emit("reshape", maker.x, shape=(1, height * width, channels))


def mean(maker):
    axes = [(-2,), (-3, -2), (-3,)][maker.rng.integers(3)]
    return maker.emit("mean", maker.x, axes=axes, keepdims=True)


def unary(op):
    return lambda maker: maker.emit(op, maker.x)


MAKERS = {
    "conv2d": conv2d, "depthwise": depthwise, "grouped": grouped, "dense": dense, "avg_pool2d": pool("avg_pool2d"),
    "max_pool2d": pool("max_pool2d"), "add": binary("add"), "mul": binary("mul"), "pad": pad, "concat": concat,
    "resize_nearest": resize, "reshape": reshape, "mean": mean,
    **{op: unary(op) for op in ("relu", "relu6", "sigmoid", "tanh", "hard_sigmoid", "hard_swish", "softmax")},
}  # fmt: skip


def integer_graph(seed, bits=8):
    """The integer graph of a random one; every second has scales that are powers of two, so that sums end in ties.

    bits: of the activations; "mixed" gives 16 to every second layer.
    """
    rng = np.random.default_rng(seed)
    graph = Maker(rng).graph(without=() if bits == 8 else EIGHT_BITS_ONLY)
    x = rng.normal(size=(8, *graph.tensors["x"].shape)).astype(np.float32)
    layers = [node.output for node in graph.nodes if node.op in ("conv2d", "dense")]
    widths = dict.fromkeys(layers[::2], 16) if bits == "mixed" else bits
    graph = ptq.post_training_quantize(graph, [x], per_channel=bool(rng.integers(2)), activation_bits=widths)
    return powers_of_two(graph) if seed % 2 else graph


def powers_of_two(graph):
    """The same graph with every scale rounded to a power of two."""
    def rounded(q):
        return QParams(2.0 ** np.round(np.log2(q.scale)), q.zero_point, q.num_bits, q.axis, q.signed, q.narrow)

    return graph.with_tensors(**{t.name: replace(t, qparams=rounded(t.qparams)) for t in graph.tensors.values()
                                 if t.qparams is not None})


@pytest.mark.parametrize("bits", [8, 16, "mixed"])
@pytest.mark.parametrize("resolver", litert_run.RESOLVERS)
def test_every_tensor_of_random_graphs(resolver, bits):
    compared, used = 0, set()
    for seed in range(GRAPHS):
        graph = integer_graph(seed, bits)
        data = litert.write(graph)
        source = graph.tensors["x"].qparams
        x = np.random.default_rng(seed).integers(source.qmin, source.qmax + 1, (5, *graph.tensors["x"].shape),
                                                 source.dtype)
        theirs = litert_run.run(data, x, resolver)
        ours = run(graph, x, resolver, all_tensors=True)
        back = run(litert.read(data), x, resolver, all_outputs=True)
        made = {node.output: node for node in graph.nodes}
        for node, tensor, again in zip(map(made.get, graph.outputs), theirs, back, strict=True):
            wrong = np.count_nonzero(tensor != ours[node.output])
            assert wrong == 0, f"seed {seed}: {node.op} {dict(node.attrs)}: {wrong} of {tensor.size} differ"
            assert np.array_equal(again, ours[node.output]), f"seed {seed}: {node.op} read back differs"
            compared, used = compared + tensor.size, used | {node.op}
    assert used >= set(INTEGER) - {"gru", "lstm", "quantize"} - (set() if bits == 8 else {*EIGHT_BITS_ONLY})
    print(f"{resolver}: {compared} outputs of {len(used)} operators")
