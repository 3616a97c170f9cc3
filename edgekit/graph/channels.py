"""Structured pruning: whole channels go, with everything that belongs to them, and a smaller graph stays.

    coupling = couple(graph)                            groups of channels, and why some cannot be pruned
    scores = weight_scores(coupling)                    what each channel is worth
    kept = choose(coupling, scores, 0.5, multiple=8)    {group: mask}, 1 = keep
    remove(coupling, kept)                              the smaller Graph;  masked(coupling, kept): the same, with zeros

Of p of the channels removed everywhere, about (1 - p)^2 of the weights stay: each layer loses rows and columns.
"""

from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np

from edgekit.core.masks import check_masks, check_ratio, over_layers, top
from edgekit.graph.coupling import PRODUCERS, Couplings
from edgekit.graph.ir import Graph, Tensor
from edgekit.graph.shapes import check_shapes


@dataclass(frozen=True)
class Group:
    """Channels that stand in the same layers; channel i of the group is one to be kept or removed as a whole.

    name      output of a layer that makes it, the first       channels   labels, one for each of the group's channels
    layers    outputs of the layers that make it               readers    outputs of the layers that read it
    ties      outputs of the nodes that tie channels together  reason     why it cannot be pruned, or ""
    """

    name: str
    channels: tuple
    layers: tuple
    readers: tuple
    ties: tuple
    reason: str

    @property
    def width(self):
        """How many channels there are to choose from."""
        return len(self.channels)


@dataclass(frozen=True, eq=False)
class Coupling:
    """The groups of a graph, and where their channels stand: `lays` {activation: (axis, labels)}, `places`
    {constant: {axis: labels}}."""

    graph: Graph
    groups: tuple
    lays: dict
    places: dict

    def __getitem__(self, name):
        for group in self.groups:
            if group.name == name:
                return group
        raise ValueError(f"coupling: no group {name!r}; there are {', '.join(group.name for group in self.groups)}")

    @property
    def prunable(self):
        """The groups of which channels can be removed."""
        return tuple(group for group in self.groups if not group.reason)

    def __str__(self):
        return "\n".join(f"{group.name:32} {group.width:5}  {group.reason or ' + '.join(group.layers)}"
                         for group in self.groups)


def couple(graph):
    """Return the `Coupling` of a float graph. Raises ValueError naming a node whose channels cannot be followed."""
    found = Couplings(graph)
    lays = {name: (lay.axis, found.roots(lay.labels)) for name, lay in found.lays.items()}
    places = {name: {int(axis[1:]): found.roots(labels) for axis, labels in axes.items()}
              for name, axes in found.places.items()}
    stands = {}  # label: where it stands
    for name, axes in places.items():
        for axis, labels in axes.items():
            for label in np.unique(labels).tolist():
                stands.setdefault(label, []).append((name, axis))
    alike = {}
    for label in sorted(stands):
        alike.setdefault(tuple(stands[label]), []).append(label)
    why = {int(found.root(label)): reason for label, reason in found.fixed.items()}
    ties = [(node.output, set(found.roots(labels).tolist())) for node, labels in found.ties]
    groups = [_group(graph, labels, set(where), why, ties) for where, labels in alike.items()]
    order = {node.output: i for i, node in enumerate(graph.nodes)}
    groups = sorted((group for group in groups if group), key=lambda group: order[group.name])
    return Coupling(graph, tuple(_named(groups)), lays, places)


def _named(groups):
    """The groups under names of their own: of two that begin in one layer, the later takes its next layer's name."""
    taken = set()
    for group in groups:
        numbered = (f"{group.name}#{i}" for i in range(2, len(groups) + 2))
        name = next(name for name in (*group.layers, *numbered) if name not in taken)
        taken.add(name)
        yield replace(group, name=name)


def _group(graph, labels, where, why, ties):
    makers = [n.output for n in graph.nodes if any((name, 0) in where for name in n.inputs[1:2]) and n.op in PRODUCERS]
    readers = [n.output for n in graph.nodes
               if any((name, axis) in where for name in n.inputs[1:] for axis in (1, 3)) and n.op in PRODUCERS]
    if not makers:
        return None
    tied = tuple(dict.fromkeys(name for name, some in ties if some & set(labels)))
    reason = next((why[label] for label in labels if label in why), "")
    if not reason and len(labels) == 1:
        reason = f"node {tied[-1]!r} ties all its channels together" if tied else "it has one channel only"
    return Group(makers[0], tuple(labels), tuple(makers), tuple(readers), tied, reason)


def choose(coupling, scores, pruning_ratio, multiple=1):
    """Return {group: mask (width,)} of the channels that stay: in each group its highest scores.

        kept = width - round(pruning_ratio * width), then the nearest multiple of `multiple`, at least one

    pruning_ratio: one number for all groups that can be pruned, or {group: number}; groups left out stay whole.
    Raises ValueError for a ratio outside [0, 1), a group that would vanish, and one that cannot be pruned.
    """
    ratios = pruning_ratio if isinstance(pruning_ratio, dict) else {g.name: pruning_ratio for g in coupling.prunable}
    kept = {}
    for name, ratio in ratios.items():
        width = _prunable(coupling, name).width
        count = width - round(check_ratio(f"choose: group {name!r}", ratio, "pruning_ratio") * width)
        if multiple == 1 and count < 1:
            raise ValueError(f"choose: pruning_ratio {ratio} leaves none of the {width} channels of group {name!r}, "
                             "which would vanish and cut the network; prune it less")
        kept[name] = top(checked_scores(scores, coupling[name]), rounded(count, width, multiple))
    return kept


def _prunable(coupling, name):
    group = coupling[name]
    if group.reason:
        raise ValueError(f"choose: group {name!r} cannot be pruned: {group.reason}")
    return group


def checked_scores(scores, group):
    """Return the scores of a group (width,); raise ValueError when there is not one for each channel."""
    values = np.asarray(scores.get(group.name, ()), np.float64)
    if values.shape != (group.width,):
        raise ValueError(f"choose: group {group.name!r} has {group.width} channels, its scores shape {values.shape}; "
                         "give one score for each")
    return values


def rounded(count, width, multiple):
    """Return the multiple of `multiple` nearest to `count`, upwards from the middle, at least one; at most `width`.

    >>> [rounded(count, 32, 8) for count in (1, 11, 12, 31)], rounded(3, 6, 8)
    ([8, 8, 16, 32], 6)
    """
    if not isinstance(multiple, Integral) or multiple < 1:
        raise ValueError(f"choose: multiple must be a whole number of at least 1, got {multiple!r}; 1 rounds nothing")
    return min(max((2 * count + multiple) // (2 * multiple), 1) * multiple, width)


def over_groups(coupling, scores, pruning_ratio, multiple=1):
    """Return {group: mask} as `choose` does, but the highest scores of all groups together stay, one in each at least.

    Without rounding exactly round(pruning_ratio * channels) go. Raises ValueError for a budget below one channel each.
    """
    worth = {group.name: checked_scores(scores, group) for group in coupling.prunable}
    if not worth:
        raise ValueError(f"over_groups: nothing can be pruned:\n{coupling}")
    try:
        masks = over_layers(worth, pruning_ratio)
    except ValueError as error:
        raise ValueError(f"over_groups: of channels (weights) in groups (layers): {error}") from None
    return {name: top(worth[name], rounded(int(mask.sum()), mask.size, multiple)) for name, mask in masks.items()}


def remove(coupling, kept):
    """Return the graph without the channels that `kept` {group: mask, 1 = keep} leaves out.

    It computes what `masked` computes, up to the order of float sums, with fewer weights and MACs.
    """
    graph, gone = coupling.graph, _gone(coupling, kept)
    tensors = {}
    for name, tensor in graph.tensors.items():
        if tensor.is_constant:
            data = tensor.data
            for axis, labels in coupling.places.get(name, {}).items():
                data = np.compress(~np.isin(labels, gone), data, axis=axis)
            tensors[name] = replace(tensor, shape=data.shape, data=data.copy(order="C"))
        else:
            tensors[name] = Tensor(name, _shape(coupling, tensor, gone), tensor.dtype)
    nodes = [_node(graph, node, tensors) for node in graph.nodes]
    smaller = Graph(graph.name, tensors, nodes, graph.inputs, graph.outputs, graph.metadata)
    check_shapes(smaller)
    return smaller


def masked(coupling, kept):
    """Return the graph with zeros, in all its constants, where `remove` would take channels out."""
    gone, changed = _gone(coupling, kept), {}
    for name, axes in coupling.places.items():
        data = coupling.graph.tensors[name].data.copy()
        for axis, labels in axes.items():
            np.moveaxis(data, axis, 0)[np.isin(labels, gone)] = 0
        changed[name] = replace(coupling.graph.tensors[name], data=data)
    return coupling.graph.with_tensors(**changed)


def _gone(coupling, kept):
    """The labels of the channels that go."""
    widths = {group.name: (group.width,) for group in coupling.groups}
    gone = []
    for name, mask in check_masks("remove", kept, widths).items():
        group = coupling[name]
        if not mask.all() and group.reason:
            raise ValueError(f"remove: group {name!r} cannot be pruned: {group.reason}")
        if not mask.any():
            raise ValueError(f"remove: group {name!r} would vanish and cut the network; keep a channel of it")
        gone += [label for label, keep in zip(group.channels, mask, strict=True) if not keep]
    return gone


def _shape(coupling, tensor, gone):
    axis, labels = coupling.lays.get(tensor.name, (0, ()))
    return tuple(int((~np.isin(labels, gone)).sum()) if i == axis else n for i, n in enumerate(tensor.shape))


def _node(graph, node, tensors):
    """The node with attributes that name channels brought up to date."""
    if node.op == "reshape":
        return replace(node, attrs={**node.attrs, "shape": tensors[node.output].shape})
    if node.op == "conv2d" and node.attrs["groups"] == graph.tensors[node.inputs[0]].shape[-1] > 1:
        return replace(node, attrs={**node.attrs, "groups": tensors[node.inputs[0]].shape[-1]})
    return node
