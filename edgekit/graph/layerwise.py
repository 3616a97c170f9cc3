"""Walk a float graph and its integer twin side by side, and refit one layer after the other.

What a layer gets to see is what it will see in use: inputs that already carry the errors of the layers before it,
after these have been refitted. What it should give is what the float graph gives. Both corrections of biases and
adaptive rounding are such refits.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from edgekit.core.affine import dequantize, quantize
from edgekit.graph import kernels
from edgekit.graph.ir import Tensor
from edgekit.graph.run import as_inputs

WITH_WEIGHTS = ("conv2d", "dense")


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer between the two graphs.

    node: of the float graph, without its fused activation. weight, bias: tensors of the integer graph. floating: the
    float weight. x: batches of its inputs in the integer graph, as real numbers. y: batches of what the float graph
    gives before the activation.
    """

    node: object
    weight: Tensor
    bias: Tensor
    floating: np.ndarray
    scale_x: float
    x: list
    y: list

    @property
    def bias_scale(self):
        """The real value of one step of the bias, `scale_x * scale_w`, a scalar or (O,)."""
        return self.scale_x * self.weight.qparams.scale

    def forward(self, weight=None, bias=None):
        """What the layer gives before the activation, as real numbers, one array per batch."""
        w = dequantize((weight or self.weight).data, self.weight.qparams)
        b = ((bias or self.bias).data * self.bias_scale).astype(np.float32)
        return [kernels.FLOAT[self.node.op](None, self.node, [x, w, b], None) for x in self.x]


def refit(floating, integer, batches, fit, progress=lambda text: None):
    """Return `integer` with the constants of every layer replaced by `fit(Layer) -> (weight, bias)`, in their order.

    A layer that shares its weights with another keeps them: what fits one would not fit the other.
    floating: the folded float graph that `integer` was made from. batches: arrays (N, ...) of real inputs, or tuples of
    them for a graph of several inputs.
    Raises ValueError when the graphs do not fit together, or there is no batch.
    """
    walk = _Walk(floating, integer, [as_inputs(floating, batch) for batch in batches])
    count = sum(node.op in WITH_WEIGHTS for node in floating.nodes)
    done = 0
    for real, whole in zip(floating.nodes, integer.nodes, strict=True):
        if real.op in WITH_WEIGHTS and not walk.shares(whole):
            done += 1
            progress(f"layer {done} of {count}: {real.source or real.output}")
            walk.replace(whole, fit(walk.layer(real, whole)))
        walk.step(real, whole)
    return integer.with_tensors(**walk.tensors)


class _Walk:
    """The activations of both graphs that are still needed, batch by batch, and the integer tensors as they change."""

    def __init__(self, floating, integer, batches):
        _check(floating, integer, batches)
        self.floating, self.integer, self.tensors = floating, integer, dict(integer.tensors)
        columns = zip(*batches, strict=True)
        self.real = {name: [np.asarray(x, np.float32) for x in column]
                     for name, column in zip(floating.inputs, columns, strict=True)}
        self.codes = {name: [quantize(x, integer.tensors[name].qparams) for x in column]
                      for name, column in self.real.items()}
        self.readers = Counter(name for node in floating.nodes for name in node.inputs)

    def layer(self, real, whole):
        """The `Layer` of a node of the float graph and its twin."""
        node = replace(real, attrs={k: v for k, v in real.attrs.items() if k != "activation"})
        x, weight, bias = (self.tensors[name] for name in whole.inputs)
        constants = [self.floating.tensors[name].data for name in real.inputs[1:]]
        return Layer(
            node,
            weight,
            bias,
            constants[0],
            float(x.qparams.scale),
            [dequantize(codes, x.qparams) for codes in self.codes[real.inputs[0]]],
            [kernels.FLOAT[node.op](None, node, [x, *constants], None) for x in self.real[real.inputs[0]]],
        )

    def shares(self, whole):
        """Whether another node of the integer graph reads the weight or the bias of `whole`."""
        return any(sum(name in other.inputs for other in self.integer.nodes) > 1 for name in whole.inputs[1:])

    def replace(self, whole, constants):
        """Put the refitted weight and bias into the integer graph."""
        self.tensors.update({tensor.name: tensor for tensor in constants})
        self.integer = self.integer.with_tensors(**self.tensors)

    def step(self, real, whole):
        """Run one node in both graphs and forget what nobody reads any more."""
        self.real[real.output] = _run(self.floating, real, self.real, kernels.FLOAT)
        self.codes[real.output] = _run(self.integer, whole, self.codes, kernels.INTEGER)
        for name in real.inputs:
            self.readers[name] -= 1
            if self.readers[name] == 0 and name in self.real:
                del self.real[name], self.codes[name]


def _run(graph, node, values, table):
    constants = {name: graph.tensors[name].data for name in node.inputs if graph.tensors[name].is_constant}
    count = len(next(iter(values.values())))
    return [
        table[node.op](graph, node, [constants[n] if n in constants else values[n][i] for n in node.inputs], "cmsis")
        for i in range(count)
    ]


def _check(floating, integer, batches):
    if not batches:
        raise ValueError("refit: no batch was given; pass at least one array of shape (N, ...) with N >= 1")
    if floating.is_integer or not integer.is_integer:
        raise ValueError("refit: takes the folded float graph and then the integer graph made from it")
    if [node.output for node in floating.nodes] != [node.output for node in integer.nodes]:
        raise ValueError("refit: the two graphs differ in their nodes; quantize exactly this float graph")
    shapes = [floating.tensors[name].shape for name in floating.inputs]
    for x, shape in (pair for batch in batches for pair in zip(batch, shapes, strict=True)):
        if np.shape(x)[1:] != shape or len(x) == 0 or not np.isfinite(x).all():
            raise ValueError(f"refit: batches must be finite arrays (N, {', '.join(map(str, shape))}), got "
                             f"{np.shape(x)}")
