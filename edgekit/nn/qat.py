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
from edgekit.graph.operators import OPERATORS
from edgekit.nn.graph_net import GraphNet

INT32 = np.iinfo(np.int32)


def round_through(x):
    """Return round(x), half to even, whose gradient is that of x.

    >>> x = torch.tensor([0.4, 2.6], requires_grad=True)
    >>> round_through(x).sum().backward()
    >>> x.grad.tolist()
    [1.0, 1.0]
    """
    return x + (torch.round(x) - x).detach()


def fake_quantize(x, scale, zero_point=0, qmin=-128, qmax=127):
    """Return x rounded to the grid scale * (q - zero_point), qmin <= q <= qmax; gradients as above.

    >>> fake_quantize(torch.tensor([0.3, 9.0]), torch.tensor(0.5), 0, -8, 7).tolist()
    [0.5, 3.5]
    """
    return scale * (torch.clamp(round_through(x / scale) + zero_point, qmin, qmax) - zero_point)


def scaled_gradient(x, factor):
    """Return x; its gradient is multiplied by `factor`."""
    return x * factor + (x * (1 - factor)).detach()


class Grid(nn.Module):
    """A learned integer grid: fake-quantizes what passes.

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

    def forward(self, x, axis=None):
        """Fake-quantize x; with `axis` the steps lie along that axis."""
        q = self.qparams
        factor = 1 / max(x.numel() / self.log_scale.numel() * q.qmax, 1) ** 0.5
        scale = scaled_gradient(self.scale, factor)
        if axis is not None and self.log_scale.ndim:
            scale = scale.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
        return fake_quantize(x, scale, int(np.ravel(q.zero_point)[0]), q.qmin, q.qmax)

    def learned(self):
        """The `QParams` as they are now."""
        return replace(self.qparams, scale=self.scale.detach().numpy().astype(np.float32))


class QatNet(GraphNet):
    """A float graph that trains as if it were the integer graph `integer`, whose grids it starts from and learns.

    `graph` may hold batch norms; they are folded into the weights in every step. Their statistics are frozen from the
    start, or follow the batches until `freeze_batch_norm`. `integer` is what `quantize_graph` made of the folded graph,
    with any bits per layer. `to_integer()` gives the integer graph with the learned weights, biases and grids.
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
            for node in integer.nodes if node.op in ("conv2d", "dense")
        })

    def freeze_batch_norm(self, frozen=True):
        """Keep the statistics of all batch norms as they are, or let them follow the batches again."""
        self.frozen = frozen
        return self

    def activation(self, name, value):
        """The value on its grid."""
        return self.grids[self.owner[name]](value)

    def layer(self, node, x):
        """Weight on its grid and bias on the grid scale_x * scale_w, both after folding."""
        weight, bias = self.folded(node, x)
        grid = self.weight_grids[_key(node.output)]
        step = self.grids[self.owner[node.inputs[0]]].scale * grid.scale
        bias = torch.zeros(len(weight)) if bias is None else bias
        return grid(weight, axis=0), round_through(bias / step) * step

    def folded(self, node, x=None):
        """Weight and bias of a layer in float, batch norm included."""
        weight, bias = super().layer(node, x)
        norm = self.norms[_key(node.inputs[1])] if _key(node.inputs[1]) in self.norms else None
        if norm is None:
            return weight, bias
        if self.training and not self.frozen and x is not None:
            norm.follow(node, x)
        return norm()

    @torch.no_grad()
    def to_integer(self):
        """Return the integer `Graph`: learned codes, biases and grids, everything else as in `integer`."""
        tensors = dict(self.integer.tensors)
        for name, key in self.owner.items():
            tensors[name] = replace(tensors[name], qparams=self.grids[key].learned())
        for node in self.integer.nodes:
            if node.op in ("conv2d", "dense"):
                tensors |= self._codes(node, tensors[node.inputs[0]].qparams)
        graph = self.integer
        return Graph(graph.name, tensors, graph.nodes, graph.inputs, graph.outputs, graph.metadata)

    def _codes(self, node, x):
        """The weight and bias tensors of a layer as integers."""
        weight, bias = self.folded(next(n for n in self.graph.nodes if n.output == node.output))
        learned = self.weight_grids[_key(node.output)].learned()
        steps = learned.scale.reshape(-1, *[1] * (weight.ndim - 1)) if learned.scale.ndim else learned.scale
        codes = np.clip(np.rint(weight.numpy() / steps.astype(np.float32)), learned.qmin, learned.qmax)
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
        from edgekit.nn.graph_net import plain_layer

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
