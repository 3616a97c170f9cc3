"""Quantization-aware training: the network trains with the rounding it will have to live with.

    net = QatNet(graph, integer)      start from a float graph and what post-training quantization made of it
    train(net, x, y)                  forward on integer grids, gradients straight through
    net.to_integer()                  the integer graph with what was learned

Sources: as in `straight_through`, and Krishnamoorthi, arXiv:1806.08342, section 3.2.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from edgekit.core.integer.fixed_point import profile_of
from edgekit.core.integer.lut import make_table
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Tensor
from edgekit.graph.operators import OPERATORS, RECURRENT, TABLES, WITH_WEIGHTS
from edgekit.nn.folded_norm import norms_of
from edgekit.nn.graph_net import OPERATORS as TWINS
from edgekit.nn.graph_net import GraphNet, plain_layer
from edgekit.nn.straight_through import Grid, round_through, round_twice

INT32 = np.iinfo(np.int32)


class QatNet(GraphNet):
    """A float graph that trains as if it were the integer graph `integer`, whose grids it starts from and learns.

    `graph` may hold batch norms; they are folded into the weights in every step. Their statistics are frozen from the
    start, or follow the batches until `freeze_batch_norm`. `integer` is what `quantize_graph` made of the folded graph,
    with any bits per layer. `to_integer()` gives the integer graph with the learned weights, biases and grids.

    Activations are kept as (whole steps, scale). A layer sums products of whole steps, exactly as long as they stay
    below 2^24. While the net learns the sums are rounded once, in float32; in eval mode they are rounded twice, as the
    preset "cmsis" does (`round_twice`): every layer then gives the codes of the integer graph.

    Convolutions and dense layers train so, beside activations of 8 or 16 bits. Raises ValueError for a GRU or LSTM,
    whose weights would learn in floats only, and for tables (hard swish and its kin) of 16 bits.
    """

    def __init__(self, graph, integer, learn_steps=True):
        super().__init__(fold(graph))
        check_trainable(integer)
        self.integer = integer
        self.norms = nn.ModuleDict({key_of(name): norm for name, norm in norms_of(graph).items()})
        self.frozen = True
        for node in self.graph.nodes:  # the norms hold these weights now
            for name in node.inputs[1:] if node.op in WITH_WEIGHTS and self.norm_of(node) is not None else ():
                self.constant(name).requires_grad_(False)
        owner = shared_grids(integer)
        fixed = {owner[node.output] for node in integer.nodes if isinstance(OPERATORS[node.op].grid, tuple)}
        self.owner = {name: key_of(first) for name, first in owner.items()}
        self.grids = nn.ModuleDict({
            key_of(first): Grid(integer.tensors[first].qparams, first in fixed or not learn_steps)
            for first in sorted(set(owner.values()))
        })
        self.weight_grids = nn.ModuleDict({
            key_of(node.output): Grid(integer.tensors[node.inputs[1]].qparams, not learn_steps)
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
        w, scale_w = self.weight_grids[key_of(node.output)](weight)
        step = scale_x * scale_w
        bias = torch.zeros(len(weight)) if bias is None else bias
        sums = plain_layer(node, x, w, round_through(bias / step))
        if self.training:
            return sums * along_channels(step, sums)
        return self.rounded(node, sums, scale_x, scale_w)

    def _real(self, node, values):
        """An operator without weights, on real numbers; in eval mode rounded as integers are."""
        if not self.training and node.op in EXACT and all(name in values for name in node.inputs):
            return EXACT[node.op](self, node, *(values[name] for name in node.inputs))
        return super().compute(node, {name: self.result(name, values[name]) for name in node.inputs if name in values})

    def rounded(self, node, sums, scale_a, scale_b):
        """The whole sums or products in steps of scale_a * scale_b, rounded to the output's steps as integers are."""
        scale_y = self.grids[self.owner[node.output]].scale.double()
        real = scale_a.double() * scale_b.double() / scale_y
        return round_twice(sums.double(), along_channels(real, sums)) * scale_y

    def norm_of(self, node):
        """The batch norm folded into a layer, or None."""
        norm_key = key_of(node.inputs[1])
        return self.norms[norm_key] if norm_key in self.norms else None  # noqa: SIM401 ModuleDict has no get

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
        learned = self.weight_grids[key_of(node.output)].learned()
        codes = self.weight_grids[key_of(node.output)](weight)[0].numpy()
        bias = np.zeros(len(weight), np.float32) if bias is None else bias.numpy()
        step = (x.scale * learned.scale).astype(np.float32)  # as in the forward pass
        w, b = node.inputs[1:3]
        wide = self.integer.tensors[b].dtype  # int64 behind activations of 16 bits
        sums = np.rint(bias / step, dtype=np.float64)
        sums = np.clip(sums, INT32.min, INT32.max) if wide == "int32" else sums
        weight = Tensor(w, weight.shape, "int8", codes.astype(np.int8), learned)
        return {w: weight, b: Tensor(b, sums.shape, wide, sums.astype(wide))}


def check_trainable(integer):
    """Raise ValueError for operators of an integer graph whose rounding does not train."""
    for node in integer.nodes:
        place = f"QatNet: node {node.source or node.output!r} ({node.op})"
        if node.op in RECURRENT:
            raise ValueError(f"{place} has weights that do not train on grids; leave it out of what trains, or "
                             "quantize it after training")
        if node.op in TABLES and integer.tensors[node.output].dtype == "int16":
            raise ValueError(f"{place} has a table of 8 bits only; quantize with activation_bits=8")


def along_channels(scales, y):
    """Scales (O,) shaped to go along the channels of y: axis 1 of an image, else the last."""
    return scales.reshape(-1, 1, 1) if scales.ndim and y.ndim == 4 else scales


def _product(net, node, a, b):
    """A product of whole steps, rounded like a layer's sums."""
    return net.rounded(node, TWINS["mul"](net, node, a[0], b[0]), a[1], b[1])


def _mean_code(net, node, x):
    """The mean of a window of codes, half away from zero, as integer division gives it."""
    zero_point = float(net.grids[net.owner[node.output]].qparams.zero_point)
    mean = TWINS[node.op](net, node, x[0].double()) + zero_point
    return (torch.trunc(mean + torch.copysign(torch.full_like(mean, 0.5), mean)) - zero_point) * x[1].double()


def _mean_of_steps(net, node, x):
    """A sum of whole steps, divided and put on the output's grid in one rounding."""
    mean = TWINS["mean"](net, node, x[0].double())
    count = x[0].numel() // mean.numel()
    return net.rounded(node, torch.round(mean * count), x[1], torch.tensor(1.0 / count, dtype=torch.float64))


def _looked_up(net, node, x):
    """The code that the integer graph's table holds for every code."""
    source, target = (net.grids[net.owner[name]].learned() for name in (node.inputs[0], node.output))
    table = make_table(node.op, scale_x=source.scale, zero_point_x=source.zero_point, scale_y=target.scale,
                       zero_point_y=target.zero_point, profile=profile_of("cmsis", node.op))
    codes = torch.tensor(table.astype(np.float64))[(x[0] + float(source.zero_point)).long() + 128]
    return (codes - float(target.zero_point)) * net.grids[net.owner[node.output]].scale.double()


#: operators whose rounding in integers differs from rounding their real result once
EXACT = {"mul": _product, "avg_pool2d": _mean_code, "mean": _mean_of_steps, **dict.fromkeys(TABLES, _looked_up)}


def shared_grids(graph):
    """Return {activation: the first activation that lies on the same grid}: a copying operator does not change it."""
    owner = {name: name for name, tensor in graph.tensors.items() if not tensor.is_constant}
    for node in graph.nodes:
        if OPERATORS[node.op].grid != "input":
            continue
        ends = [owner[name] for name in (*node.inputs, node.output) if name in owner]
        owner = {name: ends[0] if first in ends else first for name, first in owner.items()}
    return owner


def key_of(name):
    """A tensor name as torch's containers take it: without dots."""
    return name.replace(".", "/")
