"""Which channels live and die together: every axis of every tensor that has channels gets labels, one per channel.

    layer              its outputs are new labels; its inputs carry those of what it reads
    depthwise, norm, activation, pool, pad, resize      outputs carry the labels of the inputs
    add, mul           labels at the same place become one: a residual, squeeze and excite
    grouped            labels at the same place of every group become one
    concat, flatten    labels side by side; again and again
    gru, lstm          a state's label stands in every gate and is read by every step

What has one label in the end is one channel to be kept or removed as a whole. `core.masks` and `graph.channels` decide.
The idea is that of Fang et al., DepGraph, CVPR 2023, arXiv:2301.12900; here it is read off the graph's operators.
"""

from typing import NamedTuple

import numpy as np

from edgekit.graph.operators import OPERATORS, RECURRENT, WITH_WEIGHTS


class Lay(NamedTuple):
    """Along which axis the channels of a tensor lie, and their labels; they are the same at all other places."""

    axis: int
    labels: np.ndarray


class Couplings:
    """Labels of all tensors of a graph, found by walking through its nodes once.

    lays      {activation: Lay}
    places    {constant: {axis: labels}}: what of a weight goes with a channel
    fixed     {label: why it cannot be removed}
    ties      [(node, labels that it made one)]
    """

    def __init__(self, graph):
        self.graph, self.parent = graph, []
        self.lays, self.places, self.fixed, self.ties = {}, {}, {}, []
        if any(tensor.qparams is not None for tensor in graph.tensors.values()):
            raise ValueError(f"couple: graph {graph.name!r} is integer; prune the float graph, then quantize it")
        for name in graph.inputs:
            shape = graph.tensors[name].shape
            self.lays[name] = Lay(len(shape) - 1, self.new(shape[-1], f"{name!r} is an input of the network"))
        for node in graph.nodes:
            if node.op not in RULES:
                raise ValueError(f"couple: node {node.output!r} ({node.op}): channels cannot be followed through it")
            computed = [name for name in node.inputs[OPERATORS[node.op].data :] if not graph.tensors[name].is_constant]
            if computed:
                raise ValueError(f"couple: node {node.output!r} ({node.op}): its weight {computed[0]!r} is computed; "
                                 "only constant weights can be pruned")
            self.lays[node.output] = RULES[node.op](self, node)
        for name in graph.outputs:
            self.fix(self.lays[name].labels, f"{name!r} is an output of the network")

    def new(self, count, why=None):
        """`count` new labels; `why` they cannot be removed, if so."""
        labels = np.arange(len(self.parent), len(self.parent) + count)
        self.parent.extend(labels.tolist())
        if why:
            self.fix(labels, why)
        return labels

    def fix(self, labels, why):
        """Say that these labels must stay."""
        for label in np.unique(labels).tolist():
            self.fixed.setdefault(label, why)

    def root(self, label):
        """The label that stands for all that became one with `label`."""
        while self.parent[label] != label:
            self.parent[label] = label = self.parent[self.parent[label]]
        return label

    def roots(self, labels):
        """The roots of an array of labels."""
        unique, places = np.unique(labels, return_inverse=True)
        return np.array([self.root(label) for label in unique.tolist()], int)[places].reshape(np.shape(labels))

    def join(self, node, one, other):
        """Make labels at the same place one: `one` and `other` are broadcast."""
        pairs = np.unique(np.stack(np.broadcast_arrays(one, other)).reshape(2, -1), axis=1)
        joined = [pair for pair in pairs.T.tolist() if self.root(pair[0]) != self.root(pair[1])]
        for a, b in joined:
            self.parent[max(self.root(a), self.root(b))] = min(self.root(a), self.root(b))
        if joined:
            self.ties.append((node, np.unique(joined)))

    def place(self, node, name, **axes):
        """Say which labels the axes a0, a1 ... of a constant carry; a second reader's become one with them."""
        known = self.places.setdefault(name, {})
        for axis, labels in axes.items():
            if axis in known:
                self.join(node, known[axis], labels)
            known[axis] = labels

    def last(self, node, name):
        """The labels of a tensor along its last axis; those along another become one, for all of it is read at once."""
        lay, shape = self.lay(name), self.graph.tensors[name].shape
        if lay.axis == len(shape) - 1:
            return lay.labels
        self.join(node, lay.labels, lay.labels[0])
        return np.full(shape[-1], lay.labels[0])

    def lay(self, name):
        """The `Lay` of an activation, or of a constant that is added or multiplied like one."""
        tensor = self.graph.tensors[name]
        if tensor.is_constant and name not in self.lays:
            shape = tensor.shape or (1,)
            self.lays[name] = Lay(len(shape) - 1, self.new(shape[-1]))
            if tensor.shape:
                self.places.setdefault(name, {})[f"a{len(shape) - 1}"] = self.lays[name].labels
        return self.lays[name]


def _conv2d(c, node):
    x, (weight, *bias) = c.last(node, node.inputs[0]), node.inputs[1:]
    groups, outputs = node.attrs["groups"], c.graph.tensors[weight].shape[0]
    each = len(x) // groups
    if each == 1 and groups > 1:  # depthwise: each output belongs to its one input
        out, axes = np.repeat(x, outputs // groups), {}
    elif groups == 1:
        out, axes = c.new(outputs), {"a3": x}
    else:
        c.join(node, x.reshape(groups, each), x[:each])
        out, axes = np.tile(c.new(outputs // groups), groups), {"a3": x[:each]}
    c.place(node, weight, a0=out, **axes)
    for name in bias:
        c.place(node, name, a0=out)
    return Lay(2, out)


def _dense(c, node):
    x, out = c.last(node, node.inputs[0]), c.new(c.graph.tensors[node.inputs[1]].shape[0])
    c.place(node, node.inputs[1], a0=out, a1=x)
    for name in node.inputs[2:]:
        c.place(node, name, a0=out)
    return Lay(len(c.graph.tensors[node.output].shape) - 1, out)


def _recurrent(c, node):
    x, (w_input, w_hidden, *biases) = c.last(node, node.inputs[0]), node.inputs[1:]
    rows, hidden = c.graph.tensors[w_hidden].shape
    state = c.new(hidden)
    gates = np.tile(state, rows // hidden)
    c.place(node, w_input, a0=gates, a1=x)
    c.place(node, w_hidden, a0=gates, a1=state)
    for name in biases:
        c.place(node, name, a0=gates)
    return Lay(len(c.graph.tensors[node.output].shape) - 1, state)


def _batch_norm(c, node):
    x = c.last(node, node.inputs[0])
    for name in node.inputs[1:]:
        c.place(node, name, a0=x)
    return Lay(len(c.graph.tensors[node.output].shape) - 1, x)


def _same(c, node):
    return c.lay(node.inputs[0])


def _spatial(c, node):
    return Lay(2, c.last(node, node.inputs[0]))


def _together(c, node):
    """add, mul: what meets at one place is one; what is stretched over all channels goes with none of them."""
    shape = c.graph.tensors[node.output].shape
    lays = [(c.lay(name), c.graph.tensors[name].shape) for name in node.inputs]
    whole = [Lay(lay.axis - max(len(own), 1) + len(shape), lay.labels) for lay, own in lays]  # as the output counts
    spread = [len(lay.labels) == 1 < shape[lay.axis] for lay in whole]
    kept = [lay for lay, wide in zip(whole, spread, strict=True) if not wide] or whole[:1]
    if kept[0].axis != kept[-1].axis:
        for lay in kept:
            c.join(node, lay.labels, lay.labels[0])
        c.join(node, kept[0].labels[0], kept[-1].labels[0])
        return Lay(len(shape) - 1, np.full(shape[-1], kept[0].labels[0]))
    c.join(node, kept[0].labels, kept[-1].labels)
    return kept[0]


def _concat(c, node):
    shape = c.graph.tensors[node.output].shape
    parts = [c.last(node, name) for name in node.inputs]
    if node.attrs["axis"] == -1:
        return Lay(len(shape) - 1, np.concatenate(parts))
    for part in parts[1:]:
        c.join(node, parts[0], part)
    return Lay(len(shape) - 1, parts[0])


def _mean(c, node):
    shape, out = c.graph.tensors[node.inputs[0]].shape, c.graph.tensors[node.output].shape
    lay, gone = c.lay(node.inputs[0]), {axis % len(shape) for axis in node.attrs["axes"]}
    if lay.axis in gone and len(lay.labels) > 1:
        c.fix(lay.labels, f"node {node.output!r} (mean) averages over the channels")
    if lay.axis in gone:
        return Lay(max(len(out) - 1, 0), c.new(out[-1] if out else 1, f"node {node.output!r} (mean) has no channels"))
    return lay if node.attrs["keepdims"] else Lay(lay.axis - sum(axis < lay.axis for axis in gone), lay.labels)


def _softmax(c, node):
    lay = c.lay(node.inputs[0])
    if lay.axis == len(c.graph.tensors[node.output].shape) - 1:
        c.fix(lay.labels, f"node {node.output!r} (softmax) divides by the sum over the channels")
    return lay


def _reshape(c, node):
    """Spread the labels over all places, see along which axis of the new shape they change; if along several, join."""
    shape, out = c.graph.tensors[node.inputs[0]].shape, c.graph.tensors[node.output].shape
    lay = c.lay(node.inputs[0])
    along = np.reshape(lay.labels, [-1 if axis == lay.axis else 1 for axis in range(len(shape))])
    full = np.broadcast_to(along, shape).reshape(out)
    for axis in reversed(range(len(out))):
        first = np.moveaxis(full, axis, -1).reshape(-1, out[axis])
        if (first == first[0]).all():
            return Lay(axis, first[0].copy())
    rows = full.reshape(-1, out[-1])
    c.join(node, rows, rows[0])
    return Lay(len(out) - 1, rows[0].copy())


RULES = {
    "conv2d": _conv2d, "dense": _dense, "batch_norm": _batch_norm, "gru": _recurrent, "lstm": _recurrent,
    "add": _together, "mul": _together, "concat": _concat, "mean": _mean, "softmax": _softmax, "reshape": _reshape,
    **dict.fromkeys(("avg_pool2d", "max_pool2d", "pad", "resize_nearest"), _spatial),
    **dict.fromkeys(("relu", "relu6", "sigmoid", "tanh", "hard_sigmoid", "hard_swish"), _same),
}
#: operators whose outputs are channels of their own
PRODUCERS = (*WITH_WEIGHTS, *RECURRENT)
