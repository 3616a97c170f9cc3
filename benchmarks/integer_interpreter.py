"""How fast our NumPy interpreter runs an int8 network beside LiteRT's kernels, on one thread, in one run.

    OMP_NUM_THREADS=1 python -m benchmarks.integer_interpreter [--repeats N] [--batches 1 16]

The network is as large as ResNet-8 of MLPerf Tiny: 32 x 32 x 3, three residual stages, up to the logits, 12.5 M
multiply-accumulates. Its weights are random, and its outputs are checked equal to the reference kernels' before
anything is timed. Rounds take turns, and times are those of this thread on the processor, so that a busy computer slows
both alike. Measured on this host.
"""

import argparse
import time

import numpy as np

from edgekit.core.affine import QParams
from edgekit.core.windows import resolve_padding
from edgekit.deploy import litert
from edgekit.deploy.litert_run import make_interpreter
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run


class Builder:
    """Adds one integer node after another, with random weights and grids that keep codes spread out."""

    def __init__(self, shape, seed=0):
        self.rng, self.tensors, self.nodes = np.random.default_rng(seed), {}, []
        self.tensors["x"] = Tensor("x", shape, "int8", None, QParams(0.02, -3))

    def node(self, op, inputs, output_shape, qparams, **attrs):
        """Add a node and return the name of its output."""
        name = f"t{len(self.nodes)}"
        self.tensors[name] = Tensor(name, output_shape, "int8", None, qparams)
        self.nodes.append(Node(op, tuple(inputs), name, attrs))
        return name

    def weighted(self, op, x, shape, weights, **attrs):
        """Add a convolution or a dense layer with weights of the given shape."""
        q_w, scale_x = self.rng.integers(-127, 128, weights, np.int8), float(self.tensors[x].qparams.scale)
        scale_w = self.rng.uniform(0.5, 1.5, weights[0]) / (74 * np.sqrt(q_w[0].size))
        bias = self.rng.integers(-2000, 2000, weights[0], np.int32)
        names, last = [f"w{len(self.nodes)}", f"b{len(self.nodes)}"], np.float32(scale_w).astype(np.float64)
        zeros = np.zeros(weights[0], np.int64)
        self.tensors[names[0]] = Tensor(names[0], weights, "int8", q_w, QParams(last, zeros, axis=0, narrow=True))
        self.tensors[names[1]] = Tensor(names[1], weights[:1], "int32", bias)
        return self.node(op, (x, *names), shape, QParams(np.float32(0.8 * scale_x), -5), **attrs)

    def conv(self, x, outputs, kernel=3, stride=1, activation=None):
        """Add a convolution with padding 'same'."""
        height, width, channels = self.tensors[x].shape
        attrs = {"activation": activation} if activation else {}
        attrs["padding"] = resolve_padding("same", (height, width), kernel, stride)
        return self.weighted("conv2d", x, (-(-height // stride), -(-width // stride), outputs),
                             (outputs, kernel, kernel, channels), stride=(stride, stride), dilation=(1, 1), groups=1,
                             **attrs)


def resnet8():
    """Return the integer graph."""
    build = Builder((32, 32, 3))
    x = build.conv("x", 16, activation="relu")
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        y = build.conv(build.conv(x, channels, 3, stride, "relu"), channels)
        x = x if stride == 1 else build.conv(x, channels, 1, stride)
        grid = QParams(np.float32(2 * float(build.tensors[y].qparams.scale)), 3)
        x = build.node("add", (x, y), build.tensors[y].shape, grid, activation="relu")
    grid = build.tensors[x].qparams
    x = build.node("avg_pool2d", (x,), (1, 1, 64), grid, kernel=(8, 8), stride=(8, 8),
                   padding=((0, 0), (0, 0)))
    x = build.weighted("dense", build.node("reshape", (x,), (64,), grid, shape=(64,)), (10,), (10, 64))
    return Graph("resnet8", build.tensors, build.nodes, ("x",), (x,))


def litert_runner(model, x, resolver):
    """Return a function that runs LiteRT once on `x`, everything allocated before."""
    interpreter = make_interpreter(model, resolver)
    index = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(index, x.shape)
    interpreter.allocate_tensors()
    output = interpreter.get_output_details()[0]["index"]

    def once():
        interpreter.set_tensor(index, x)
        interpreter.invoke()
        return interpreter.get_tensor(output)

    return once


def measure(runners, repeats):
    """Return {name: times in ms}, one of each in turn, after one round that warms up."""
    times = {name: [] for name in runners}
    for _ in range(repeats + 1):
        for name, once in runners.items():
            start = time.thread_time()
            once()
            times[name].append(1e3 * (time.thread_time() - start))
    return {name: np.array(row[1:]) for name, row in times.items()}


def compare(batch, repeats):
    """Return times of ours and of LiteRT's three sets of kernels; raise AssertionError if an output differs."""
    graph = resnet8()
    model, x = litert.write(graph), np.random.default_rng(1).integers(-128, 128, (batch, 32, 32, 3), np.int8)
    runners = {"edgekit": lambda: run(graph, x, "reference")}
    runners |= {resolver: litert_runner(model, x, resolver) for resolver in ("reference", "builtin", "xnnpack")}
    assert np.array_equal(runners["edgekit"](), runners["reference"]()), "ours differs from LiteRT's reference kernels"
    return measure(runners, repeats)


def main():
    """Print a line for each batch size and set of kernels."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    arguments = parser.parse_args()
    for batch in arguments.batches:
        times = compare(batch, arguments.repeats)
        ours = np.median(times["edgekit"])
        for name, row in times.items():
            print(f"batch {batch:3d}  {name:10s} median {np.median(row) / batch:7.3f} ms an image, least "
                  f"{row.min() / batch:7.3f}, {np.median(row) / ours:5.2f} times ours (measured)")


if __name__ == "__main__":
    main()
