"""What a network would cost, before it is built: a graph with the shapes of its layers and weights of ones.

A skeleton goes through the same quantizer and the same counting (`graph.cost`, `graph.memory`) as a trained network.
There is no second formula that could drift from the first; a test compares it with traced torch networks.
"""

import numpy as np

from edgekit.graph import cost
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.memory import plan
from edgekit.graph.ptq import quantize_graph
from edgekit.graph.shapes import infer


class Skeleton:
    """A chain of layers that grows by its methods, for an input of `shape` (H, W, C); signals have H = 1.

    >>> net = Skeleton((1, 1000, 1)).conv(16, (1, 9), stride=(1, 4)).pool().dense(6)
    >>> costs(net.graph())["macs"]
    36096
    """

    def __init__(self, shape):
        self.tensors, self.nodes, self.last = {"x": Tensor("x", shape)}, [], "x"

    @property
    def shape(self):
        """(H, W, C) of the last activation."""
        return self.tensors[self.last].shape

    def conv(self, channels, kernel=(1, 1), stride=(1, 1), dilation=(1, 1), activation="relu"):
        """A convolution with `channels` outputs, padded so that stride 1 keeps H and W."""
        return self._conv((channels, *kernel, self.shape[2]), 1, stride, dilation, activation)

    def depthwise(self, kernel, stride=(1, 1), dilation=(1, 1), activation="relu"):
        """A convolution that keeps every channel to itself."""
        return self._conv((self.shape[2], *kernel, 1), self.shape[2], stride, dilation, activation)

    def _conv(self, weight, groups, stride, dilation, activation):
        pads = tuple((d * (k - 1) // 2,) * 2 for k, d in zip(weight[1:3], dilation, strict=True))
        attrs = {"stride": stride, "padding": pads, "dilation": dilation, "groups": groups}
        return self._weighted("conv2d", weight, attrs | ({"activation": activation} if activation else {}))

    def add(self, name):
        """Add the activation `name`, as a residual does."""
        return self._append("add", (self.last, name), {})

    def pool(self):
        """The mean over H and W, as a vector of channels."""
        size, channels = self.shape[:2], self.shape[2]
        self._append("avg_pool2d", (self.last,), {"kernel": size, "stride": size, "padding": ((0, 0), (0, 0))})
        return self._append("reshape", (self.last,), {"shape": (channels,)})

    def mean(self):
        """The mean over H and W, on a grid of its own."""
        return self._append("mean", (self.last,), {"axes": (-3, -2), "keepdims": False})

    def swish(self):
        """Hard swish."""
        return self._append("hard_swish", (self.last,), {})

    def flat(self):
        """All numbers as one vector."""
        return self._append("reshape", (self.last,), {"shape": (int(np.prod(self.shape)),)})

    def dense(self, outputs, activation=None):
        """A dense layer."""
        return self._weighted("dense", (outputs, self.shape[-1]), {"activation": activation} if activation else {})

    def _weighted(self, op, weight, attrs):
        names = tuple(f"{kind}{len(self.nodes)}" for kind in ("weight", "bias"))
        for name, shape in zip(names, (weight, weight[:1]), strict=True):
            self.tensors[name] = Tensor(name, shape, data=np.ones(shape, np.float32))
        return self._append(op, (self.last, *names), attrs)

    def _append(self, op, inputs, attrs):
        shape = infer(op, [self.tensors[name].shape for name in inputs], attrs)
        self.last = f"y{len(self.nodes)}"
        self.nodes.append(Node(op, inputs, self.last, attrs))
        self.tensors[self.last] = Tensor(self.last, shape)
        return self

    def graph(self):
        """The float graph."""
        return Graph("skeleton", self.tensors, self.nodes, ("x",), (self.last,))


def costs(graph, num_bits=8):
    """Return {"macs", "weight_bytes", "peak_ram_bytes"} of a folded float `graph` made integer with `num_bits`.

    Bytes depend on shapes and bits alone, so any range of the activations will do.
    """
    ranges = {tensor.name: (-1.0, 1.0) for tensor in graph.tensors.values() if not tensor.is_constant}
    integer = quantize_graph(graph, ranges, num_bits=num_bits)
    return {"macs": cost.macs(integer), "weight_bytes": cost.weight_bytes(integer),
            "peak_ram_bytes": plan(integer).peak_ram_bytes}
