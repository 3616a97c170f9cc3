"""What the channels of each group are worth, how many may stay for a number of MACs, and the coupling as a picture.

Scores are {group: (width,)}, as `channels.choose` takes them. A channel that several layers make gets the sum over
them, each divided by its mean over the layer, so that no layer speaks louder than another.
"""

import numpy as np

from edgekit.core.masks import check_ratio, top
from edgekit.core.saliency import channel_activation, channel_norm
from edgekit.graph.channels import checked_scores, remove, rounded
from edgekit.graph.cost import macs
from edgekit.graph.coupling import PRODUCERS
from edgekit.graph.run import run


def scores_of(coupling, arrays, order=1):
    """Return the scores from an array for each of some constants: the norm of what belongs to each output channel.

    arrays: {constant: array of its shape}, such as weights w, or w times their gradient for Taylor's score. order: 1 or
    2, the norm. Raises ValueError when a group is left without a score.
    """
    parts = []
    for name, array in arrays.items():
        if np.shape(array) != coupling.graph.tensors[name].shape:
            raise ValueError(f"scores_of: {name!r} has shape {coupling.graph.tensors[name].shape}, got an array of "
                             f"{np.shape(array)}")
        if 0 in coupling.places.get(name, {}):
            parts.append((coupling.places[name][0], channel_norm(array, order)))
    return _gathered(coupling, parts)


def _gathered(coupling, parts):
    """Sum (labels, values) over what has one label, group by group."""
    total, seen = {}, set()
    for labels, values in parts:
        for label, value in zip(labels.tolist(), (values / (values.mean() or 1)).tolist(), strict=True):
            total[label] = total.get(label, 0.0) + value
        seen |= set(labels.tolist())
    silent = [group.name for group in coupling.prunable if not seen.issuperset(group.channels)]
    if silent:
        raise ValueError(f"channel scores: nothing is known of group {silent[0]!r}; take a score that fits the network")
    return {group.name: np.array([total[label] for label in group.channels]) for group in coupling.prunable}


def weight_scores(coupling, order=1):
    """Return scores from the L1 (order 1) or L2 (order 2) norm of the weights that make each channel."""
    weights = (t for t in coupling.graph.constants if t.data.ndim > 1)
    return scores_of(coupling, {tensor.name: tensor.data for tensor in weights}, order)


def gamma_scores(coupling):
    """Return scores from |gamma| of batch norm. Raises ValueError for a group without one."""
    norms = [node for node in coupling.graph.nodes if node.op == "batch_norm"]
    return scores_of(coupling, {node.inputs[1]: coupling.graph.tensors[node.inputs[1]].data for node in norms})


def through_scores(coupling, order=2):
    """Return scores from what makes a channel times what reads it: norm of its rows times norm of its columns.

    A channel that is made k times as large and read k times as small computes the same, and keeps this score. A batch
    norm behind a layer counts as in the folded layer: rows times gamma / sqrt(variance + eps).
    """
    graph, made, read = coupling.graph, [], []
    for node in graph.nodes:
        for name in node.inputs[1:] if node.op in PRODUCERS else ():
            weight, places = graph.tensors[name].data, coupling.places.get(name, {})
            if weight.ndim > 1:
                weight = weight * _norm_behind(graph, node).reshape(-1, *[1] * (weight.ndim - 1))
                for axis, labels in places.items():
                    (read if axis else made).append((labels, channel_norm(weight, order, axis)))
    made, read = _gathered(coupling, made), _gathered(coupling, read)
    return {name: made[name] * read[name] for name in made}


def _norm_behind(graph, node):
    """gamma / sqrt(variance + eps) of the batch norm that reads `node`; 1 without one."""
    for norm in graph.nodes:
        if norm.op == "batch_norm" and norm.inputs[0] == node.output:
            gamma, _, _, variance = (graph.tensors[name].data for name in norm.inputs[1:])
            return gamma / np.sqrt(variance + norm.attrs["eps"])
    return np.ones(1)


def activation_scores(coupling, x):
    """Return scores from the mean size of the activations that layers read, for inputs x (N, ...)."""
    values, parts = run(coupling.graph, x, all_tensors=True), []
    readers = {name for group in coupling.groups for name in group.readers}
    for name in sorted({node.inputs[0] for node in coupling.graph.nodes if node.output in readers}):
        axis, labels = coupling.lays[name]
        parts.append((labels, channel_activation(np.moveaxis(values[name], axis + 1, -1))))
    return _gathered(coupling, parts)


def random_scores(coupling, rng):
    """Return scores that know nothing, drawn from `rng`: the control."""
    return {group.name: rng.random(group.width) for group in coupling.prunable}


def to_macs(coupling, scores, limit, multiple=1, shares=None):
    """Return {group: mask}: as many of the highest scores of each group as fit into `limit` MACs.

    The pruning ratio is t * shares[group], at most 1 - 1 / width, with the smallest t that fits; shares are 1 by
    default. A share of 0 spares a group. What rounding leaves over goes to the best channels that still fit.
    Raises ValueError when the fewest channels still take more, and for a limit or a share that is no number above 0.
    """
    shares = _checked_shares(coupling, limit, shares or {})
    worth = {group.name: checked_scores(scores, group) for group in coupling.prunable}

    def masks(t):
        kept = {}
        for group in coupling.prunable:
            count = group.width - round(min(t * shares[group.name], 1.0) * group.width)
            kept[group.name] = top(worth[group.name], rounded(max(count, 1), group.width, multiple))
        return kept

    low, high = 0.0, 1 / max(min((share for share in shares.values() if share > 0), default=1.0), 1e-3)
    fewest = macs(remove(coupling, masks(high)))
    if fewest > limit:
        raise ValueError(f"to_macs: {fewest:,} MACs stay with the fewest channels, more than the limit {limit:,}; "
                         "raise it, or lower `multiple`")
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if macs(remove(coupling, masks(middle))) <= limit else (middle, high)
    best = masks(low) if macs(remove(coupling, masks(low))) <= limit else masks(high)
    return _filled(coupling, worth, best, limit, multiple)


def _checked_shares(coupling, limit, shares):
    """{group: share} of every group that can be pruned, 1 by default."""
    if not isinstance(limit, (int, float, np.number)) or not 0 < limit < np.inf:
        raise ValueError(f"to_macs: limit must be a number of MACs above 0, got {limit!r}; macs(graph) / 2 halves them")
    known = {group.name: 1.0 for group in coupling.prunable}
    for name, share in shares.items():
        if name not in known or not 0 <= share < np.inf:
            raise ValueError(f"to_macs: shares need numbers of at least 0 for groups among {', '.join(known)}; got "
                             f"{share!r} for {name!r}")
    return known | shares


def _filled(coupling, worth, kept, limit, multiple):
    """Give groups `multiple` channels back, the best first, as long as the MACs stay within the limit."""
    while True:
        wider = {}
        for name, mask in kept.items():
            more = top(worth[name], min(int(mask.sum()) + multiple, mask.size))
            if not mask.all() and macs(remove(coupling, kept | {name: more})) <= limit:
                wider[name] = more
        if not wider:
            return kept
        best = max(wider, key=lambda name: worth[name][wider[name] & ~kept[name]].mean())
        kept = kept | {best: wider[best]}


def weights_left(pruning_ratio):
    """Return the share of a layer's weights that stays when this share of all channels goes: (1 - p)^2.

    >>> weights_left(0.5)
    0.25
    """
    return (1 - check_ratio("weights_left", pruning_ratio, "pruning_ratio")) ** 2


def picture(coupling):
    """Return what a drawing of the coupling needs: (boxes, arrows), plain values in the order of the network.

    box    {"name", "label", "op", "groups": {group: channels}, "ties": it ties channels together}
    arrow  (from, to): names of boxes; the inputs of the network are boxes too, of op "input"
    """
    owner = {label: group.name for group in coupling.groups for label in group.channels}
    ties = {name for group in coupling.groups for name in group.ties}
    boxes = [_box(coupling, owner, name, name, "input", False) for name in coupling.graph.inputs]
    arrows = []
    for node in coupling.graph.nodes:
        boxes.append(_box(coupling, owner, node.output, node.source or node.output, node.op, node.output in ties))
        arrows += [(name, node.output) for name in node.inputs if not coupling.graph.tensors[name].is_constant]
    return boxes, arrows


def _box(coupling, owner, name, label, op, ties):
    names = [owner[i] for i in coupling.lays[name][1].tolist() if i in owner]
    return {"name": name, "label": label, "op": op, "ties": ties,
            "groups": {group: names.count(group) for group in dict.fromkeys(names)}}
