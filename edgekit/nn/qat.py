"""Quantization-aware training: the network trains with the rounding it will have to live with.

    y = scale * (clip(round(x / scale) + zero_point, qmin, qmax) - zero_point)        forward
    dy/dx = 1 within the grid, 0 beyond                                               straight-through estimator
    dy/dscale = (y - x) / scale within the grid, the clipped code - zero_point beyond learned step size

Sources: Bengio et al., arXiv:1308.3432 (straight-through); Esser et al., ICLR 2020, arXiv:1902.08153 (learned step
size); Krishnamoorthi, arXiv:1806.08342, section 3.2.2 (batch norm folded in training, then frozen).
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from edgekit.core.affine import QParams
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Tensor
from edgekit.graph.operators import OPERATORS, WITH_WEIGHTS
from edgekit.nn.graph_net import OPERATORS as TWINS
from edgekit.nn.graph_net import GraphNet, plain_layer

INT32 = np.iinfo(np.int32)


def round_through(x):
    """Return round(x), half to even, whose gradient is that of x.

    >>> x = torch.tensor([0.4, 2.6], requires_grad=True)
    >>> round_through(x).sum().backward()
    >>> x.grad.tolist()
    [1.0, 1.0]
    """
    return x + (torch.round(x) - x).detach()


def steps(x, scale, zero_point=0, qmin=-128, qmax=127):
    """Return x in whole steps of the grid, clip(round(x / scale), qmin - zero_point, qmax - zero_point)."""
    return torch.clamp(round_through(x / scale), qmin - zero_point, qmax - zero_point)


def fake_quantize(x, scale, zero_point=0, qmin=-128, qmax=127):
    """Return x rounded to the grid scale * (q - zero_point), qmin <= q <= qmax; gradients as above.

    >>> fake_quantize(torch.tensor([0.3, 9.0]), torch.tensor(0.5), 0, -8, 7).tolist()
    [0.5, 3.5]
    """
    return scale * steps(x, scale, zero_point, qmin, qmax)


def round_twice(sums, real):
    """Return sums * real as profile A rounds it: to whole numbers before the right shift, half up; after it, half away.

        real = m * 2^(shift - 31), m of 31 bits;   high = floor(sums * m * 2^-31 + 1/2);   round(high * 2^shift)

    float64, exact for |sums| < 2^21 and real < 1; the definition is `core.integer.fixed_point.requantize`.

    >>> round_twice(torch.tensor([-6.0, -2.0, 2.0, 6.0], dtype=torch.float64), torch.tensor(0.25)).tolist()
    [-2.0, -1.0, 1.0, 2.0]
    """
    fraction, shift = torch.frexp(real.double())
    m = torch.floor(fraction * 2.0**31 + 0.5)
    high = torch.floor(sums * (m * 2.0**-31) + 0.5) * torch.exp2(shift.double())
    return torch.trunc(high + torch.copysign(torch.full_like(high, 0.5), high))


def scaled_gradient(x, factor):
    """Return x; its gradient is multiplied by `factor`."""
    return x * factor + (x * (1 - factor)).detach()


class Grid(nn.Module):
    """A learned integer grid: turns numbers into whole steps, and steps back into numbers.

    The step is exp(log_scale), so that it stays positive. Its gradient is divided by sqrt(count * qmax), as learned step
    size does, where `count` numbers share the step. A fixed grid does not learn.
    """

    def __init__(self, qparams, fixed=False):
        super().__init__()
        scale = torch.tensor(np.log(qparams.scale), dtype=torch.float32)
        self.log_scale = nn.Parameter(scale, requires_grad=not fixed)
        self.qparams = qparams

    @property
    def scale(self):
        """The step, in float32."""
        return self.log_scale.exp()

    def forward(self, x):
        """Return (whole steps, scale) of x; their product is x on the grid. Several scales lie along axis 0."""
        q = self.qparams
        factor = 1 / max(x.numel() / self.log_scale.numel() * q.qmax, 1) ** 0.5
        scale = scaled_gradient(self.scale, factor)
        along = scale.reshape(-1, *[1] * (x.ndim - 1)) if scale.ndim else scale
        return steps(x, along.to(x.dtype), int(np.ravel(q.zero_point)[0]), q.qmin, q.qmax), scale

    def learned(self):
        """The `QParams` as they are now."""
        return replace(self.qparams, scale=self.scale.detach().numpy().astype(np.float32))


class QatNet(GraphNet):
    """A float graph that trains as if it were the integer graph `integer`, whose grids it starts from and learns.

    `graph` may hold batch norms; they are folded into the weights in every step. Their statistics are frozen from the
    start, or follow the batches until `freeze_batch_norm`. `integer` is what `quantize_graph` made of the folded graph,
    with any bits per layer. `to_integer()` gives the integer graph with the learned weights, biases and grids.

    Activations are kept as (whole steps, scale). A layer sums products of whole steps, exactly as long as they stay below
    2^24. While the net learns the sums are rounded once, in float32; in eval mode they are rounded twice, as the preset
    "cmsis" does (`round_twice`): every layer then gives the codes of the integer graph.
    """

    def __init__(self, graph, integer, learn_steps=True):
        super().__init__(fold(graph))
        self.integer = integer
        self.norms = nn.ModuleDict({_key(name): norm for name, norm in _norms(graph).items()})
        self.frozen = True
        owner = shared_grids(integer)
        fixed = {owner[node.output] for node in integer.nodes if isinstance(OPERATORS[node.op].grid, tuple)}
        self.owner = {name: _key(first) for name, first in owner.items()}
        self.grids = nn.ModuleDict({
            _key(first): Grid(integer.tensors[first].qparams, first in fixed or not learn_steps)
            for first in sorted(set(owner.values()))
        })
        self.weight_grids = nn.ModuleDict({
            _key(node.output): Grid(integer.tensors[node.inputs[1]].qparams, not learn_steps)
            for node in integer.nodes if node.op in WITH_WEIGHTS
        })

    def freeze_batch_norm(self, frozen=True):
        """Keep the statistics of all batch norms as they are, or let them follow the batches again."""
        self.frozen = frozen
        return self

    def store(self, name, value):
        """Whole steps and scale of an activation."""
        whole, scale = self.grids[self.owner[name]](value)
        return whole.float(), scale

    def result(self, name, kept):
        """The real numbers of (whole steps, scale)."""
        whole, scale = kept
        return whole * scale

    def compute(self, node, values):
        """A layer works on whole steps; every other operator on real numbers."""
        if node.op not in WITH_WEIGHTS:
            return self._real(node, values)
        x, scale_x = values[node.inputs[0]]
        if self.training and not self.frozen and self.norm_of(node) is not None:
            self.norm_of(node).follow(node, x * scale_x)
        weight, bias = self.layer(node)
        w, scale_w = self.weight_grids[_key(node.output)](weight)
        step = scale_x * scale_w
        bias = torch.zeros(len(weight)) if bias is None else bias
        sums = plain_layer(node, x, w, round_through(bias / step))
        if self.training:
            return sums * (step.reshape(-1, *[1] * (sums.ndim - 2)) if step.ndim else step)
        return self.rounded(node, sums, scale_x, scale_w)

    def _real(self, node, values):
        """An operator without weights, on real numbers; a product in eval mode is rounded as that of integers."""
        if node.op == "mul" and not self.training:
            (a, scale_a), (b, scale_b) = (values[name] for name in node.inputs)
            return self.rounded(node, TWINS["mul"](self, node, a, b), scale_a, scale_b)
        return super().compute(node, {name: self.result(name, values[name]) for name in node.inputs if name in values})

    def rounded(self, node, sums, scale_a, scale_b):
        """The whole sums or products in steps of scale_a * scale_b, rounded to the output's steps as integers are."""
        scale_y = self.grids[self.owner[node.output]].scale.double()
        real = scale_a.double() * scale_b.double() / scale_y
        real = real.reshape(-1, *[1] * (sums.ndim - 2)) if real.ndim else real
        return round_twice(sums.double(), real) * scale_y

    def norm_of(self, node):
        """The batch norm folded into a layer, or None."""
        key = _key(node.inputs[1])
        return self.norms[key] if key in self.norms else None

    def layer(self, node):
        """Weight and bias of a layer in float, batch norm included."""
        norm = self.norm_of(node)
        return super().layer(node) if norm is None else norm()

    @torch.no_grad()
    def to_integer(self):
        """Return the integer `Graph`: learned codes, biases and grids, everything else as in `integer`."""
        tensors = dict(self.integer.tensors)
        for name, key in self.owner.items():
            tensors[name] = replace(tensors[name], qparams=self.grids[key].learned())
        for node in self.integer.nodes:
            if node.op in WITH_WEIGHTS:
                tensors |= self._codes(node, tensors[node.inputs[0]].qparams)
        graph = self.integer
        return Graph(graph.name, tensors, graph.nodes, graph.inputs, graph.outputs, graph.metadata)

    def _codes(self, node, x):
        """The weight and bias tensors of a layer as integers."""
        weight, bias = self.layer(next(n for n in self.graph.nodes if n.output == node.output))
        learned = self.weight_grids[_key(node.output)].learned()
        codes = self.weight_grids[_key(node.output)](weight)[0].numpy()
        bias = np.zeros(len(weight)) if bias is None else bias.numpy()
        sums = np.clip(np.rint(bias / (x.scale * learned.scale)), INT32.min, INT32.max).astype(np.int32)
        w, b = node.inputs[1:3]
        return {w: Tensor(w, weight.shape, "int8", codes.astype(np.int8), learned), b: Tensor(b, sums.shape, "int32", sums)}


class Norm(nn.Module):
    """A convolution's weight with the batch norm behind it: w' = g w, b' = beta + g (b - mean), g = gamma / sqrt(var + eps).

    `mean` and `variance` are buffers; `follow` moves them towards those of a batch.
    """

    def __init__(self, weight, bias, gamma, beta, mean, variance, eps, momentum=0.1):
        super().__init__()
        self.weight, self.gamma, self.beta = (nn.Parameter(torch.tensor(a)) for a in (weight, gamma, beta))
        self.bias = None if bias is None else nn.Parameter(torch.tensor(bias))
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("variance", torch.tensor(variance))
        self.eps, self.momentum = eps, momentum

    def forward(self):
        """The folded (weight, bias)."""
        gain = self.gamma / torch.sqrt(self.variance + self.eps)
        bias = 0 if self.bias is None else self.bias
        return self.weight * gain.reshape(-1, *[1] * (self.weight.ndim - 1)), self.beta + gain * (bias - self.mean)

    @torch.no_grad()
    def follow(self, node, x):
        """Move the statistics towards those of what the layer makes of the batch x (N, C, H, W)."""
        y = plain_layer(node, x, self.weight, self.bias)
        axes = [axis for axis in range(y.ndim) if axis != 1]
        self.mean.lerp_(y.mean(axes), self.momentum)
        self.variance.lerp_(y.var(axes), self.momentum)


def shared_grids(graph):
    """Return {activation: the first activation that lies on the same grid}: a copying operator does not change it."""
    owner = {name: name for name, tensor in graph.tensors.items() if not tensor.is_constant}
    for node in graph.nodes:
        if OPERATORS[node.op].grid != "input":
            continue
        ends = [owner[name] for name in (*node.inputs, node.output) if name in owner]
        owner = {name: ends[0] if first in ends else first for name, first in owner.items()}
    return owner


def _norms(graph):
    """{name of the folded weight: Norm} of every layer in `graph` with a batch norm that folding takes in."""
    writer = {node.output: node for node in graph.nodes}
    kept = {name for node in fold(graph).nodes for name in node.inputs}
    norms = {}
    for node in graph.nodes:
        layer = writer.get(node.inputs[0]) if node.op == "batch_norm" else None
        if layer is not None and f"{layer.inputs[1]}.folded" in kept:
            weight, bias = [graph.tensors[name].data for name in layer.inputs[1:]] + [None] * (3 - len(layer.inputs))
            statistics = (graph.tensors[name].data for name in node.inputs[1:])
            norms[f"{layer.inputs[1]}.folded"] = Norm(weight, bias, *statistics, node.attrs["eps"])
    return norms


def _key(name):
    """A tensor name as torch's containers take it: without dots."""
    return name.replace(".", "/")
