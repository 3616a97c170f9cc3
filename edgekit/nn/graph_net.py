"""A float graph as a torch module: what `graph.run` computes, with gradients.

    GraphNet(graph)(x) == run(graph, x)      x (N, H, W, C) or (N, F), the batch first, as the graph takes it

Within, activations are (N, C, H, W), as torch likes them. Subclasses change `layer` (the weights of a node), `compute`
(what a node makes of its inputs), `store` and `result` (how an activation is kept and given back), which is how
quantization-aware training and pruning get in.
"""

import torch
from torch import nn
from torch.nn import functional

from edgekit.graph.operators import OPERATORS as DATA

ACTIVATIONS = {"relu": functional.relu, "relu6": functional.relu6}


class GraphNet(nn.Module):
    """The torch twin of a float `Graph`; its constants are parameters, `constant(name)` gives one.

    Raises ValueError for an integer graph and for an operator without a twin.
    """

    def __init__(self, graph):
        super().__init__()
        if graph.is_integer:
            raise ValueError(f"GraphNet: graph {graph.name!r} is integer already; give the float one")
        unknown = [node.op for node in graph.nodes if node.op not in OPERATORS]
        if unknown:
            raise ValueError(f"GraphNet: operator {unknown[0]!r} has no torch twin; there are {', '.join(OPERATORS)}")
        self.graph = graph
        self.places = {tensor.name: i for i, tensor in enumerate(graph.constants)}
        self.constants = nn.ParameterList(nn.Parameter(torch.tensor(t.data)) for t in graph.constants)

    def constant(self, name):
        """The parameter behind the constant `name` of the graph."""
        return self.constants[self.places[name]]

    def layer(self, node):
        """Weight and bias (or None) of a convolution or dense node."""
        return [self.constant(name) for name in node.inputs[1:]] + [None] * (3 - len(node.inputs))

    def compute(self, node, values):
        """What `node` makes of its inputs among `values`, before a fused activation."""
        data = node.inputs[: DATA[node.op].data]
        known = (values[name] if name in values else channels_first(self.constant(name)[None]) for name in data)
        return OPERATORS[node.op](self, node, *known)

    def store(self, name, value):
        """How the activation `name` is kept; here as it is."""
        return value

    def result(self, name, kept):
        """The real numbers of an activation that was kept."""
        return kept

    def forward(self, x):
        """The first output for a batch of the first input, both in the graph's layout."""
        source, target = self.graph.inputs[0], self.graph.outputs[0]
        values = {source: self.store(source, channels_first(x))}
        for node in self.graph.nodes:
            y, fused = self.compute(node, values), node.attrs.get("activation")
            values[node.output] = self.store(node.output, ACTIVATIONS[fused](y) if fused else y)
        return channels_last(self.result(target, values[target]))


def channels_first(x):
    """(N, H, W, C) -> (N, C, H, W); a flat batch stays."""
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


def channels_last(x):
    """(N, C, H, W) -> (N, H, W, C); a flat batch stays."""
    return x.permute(0, 2, 3, 1) if x.ndim == 4 else x


def sides(padding):
    """((top, bottom), (left, right)) in the order of torch's `pad`."""
    (top, bottom), (left, right) = padding
    return left, right, top, bottom


def plain_layer(node, x, weight, bias):
    """What a convolution or dense node with these weights makes of x, channels first."""
    attrs = node.attrs
    if node.op == "conv2d":
        x = functional.pad(x, sides(attrs["padding"]))
        weight = weight.permute(0, 3, 1, 2)
        return functional.conv2d(x, weight, bias, attrs["stride"], 0, attrs["dilation"], attrs["groups"])
    if x.ndim == 4:
        return functional.conv2d(x, weight[:, :, None, None], bias)
    return functional.linear(x, weight, bias)


def _layer(net, node, x):
    return plain_layer(node, x, *net.layer(node))


def _batch_norm(net, node, x):
    gamma, beta, mean, variance = (net.constant(name) for name in node.inputs[1:])
    return functional.batch_norm(x, mean.detach(), variance.detach(), gamma, beta, eps=node.attrs["eps"])


def _mul(net, node, a, b):
    a, b = (x[:, :, None, None] if x.ndim < max(a.ndim, b.ndim) else x for x in (a, b))
    return a * b


def _avg_pool(net, node, x):
    kernel, stride, padding = node.attrs["kernel"], node.attrs["stride"], sides(node.attrs["padding"])
    total = functional.avg_pool2d(functional.pad(x, padding), kernel, stride)
    if not any(padding):
        return total
    return total / functional.avg_pool2d(functional.pad(torch.ones_like(x[:1]), padding), kernel, stride)


def _max_pool(net, node, x):
    padded = functional.pad(x, sides(node.attrs["padding"]), value=float("-inf"))
    return functional.max_pool2d(padded, node.attrs["kernel"], node.attrs["stride"])


def _mean(net, node, x):
    axes = [{-1: 1, -2: 3, -3: 2}[axis] if x.ndim == 4 else axis for axis in node.attrs["axes"]]
    y = x.mean(dim=axes, keepdim=True)
    return y if node.attrs["keepdims"] else _shaped(y, net.graph.tensors[node.output].shape)


def _reshape(net, node, x):
    return _shaped(x, node.attrs["shape"])


def _shaped(x, shape):
    """The numbers of x, channels last, in another shape, which may be an image again."""
    return channels_first(channels_last(x).reshape(len(x), *shape))


def _concat(net, node, *parts):
    axis = node.attrs["axis"]
    return torch.cat(parts, dim={-1: 1, -2: 3, -3: 2}[axis] if parts[0].ndim == 4 else axis)


def _pad(net, node, x):
    return functional.pad(x, sides(node.attrs["padding"]))


def _resize(net, node, x):
    if node.attrs.get("align_corners"):
        raise ValueError(f"GraphNet: resize_nearest {node.output!r} with align_corners has no torch twin")
    mode = "nearest-exact" if node.attrs.get("half_pixel") else "nearest"
    return functional.interpolate(x, size=tuple(node.attrs["size"]), mode=mode)


def _recurrent(function, states):
    """A recurrent node; torch wants (N, T, C) and gives (N, T, H) and the last state, of which there are `states`."""

    def twin(net, node, x):
        weights = [net.constant(name) for name in node.inputs[1:]]
        first = x.new_zeros(1, len(x), weights[1].shape[1])
        steps = x[:, :, 0].transpose(1, 2)
        sequence, *_ = function(steps, first if states == 1 else (first,) * states, weights, True, 1, 0.0, net.training,
                                False, True)
        return sequence.transpose(1, 2)[:, :, None] if node.attrs["return_sequence"] else sequence[:, -1]

    return twin


def _softmax(net, node, x):
    return x.softmax(dim=1)


def _element(function):
    return lambda net, node, x: function(x)


OPERATORS = {
    "conv2d": _layer,
    "dense": _layer,
    "batch_norm": _batch_norm,
    "add": lambda net, node, a, b: a + b,
    "mul": _mul,
    "avg_pool2d": _avg_pool,
    "max_pool2d": _max_pool,
    "mean": _mean,
    "reshape": _reshape,
    "concat": _concat,
    "pad": _pad,
    "resize_nearest": _resize,
    "gru": _recurrent(torch.gru, 1),
    "lstm": _recurrent(torch.lstm, 2),
    "softmax": _softmax,
    "relu": _element(functional.relu),
    "relu6": _element(functional.relu6),
    "sigmoid": _element(torch.sigmoid),
    "tanh": _element(torch.tanh),
    "hard_sigmoid": _element(functional.hardsigmoid),
    "hard_swish": _element(functional.hardswish),
}
