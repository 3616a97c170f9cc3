"""Cross-layer equalization: give the channels of neighbouring layers like ranges, without changing what they compute.

ReLU lets a positive factor through, relu(x / s) = relu(x) / s. So channel i of a layer may be divided by s_i if the
layer that reads it multiplies by s_i:

    w1'_i = w1_i / s_i,   b1'_i = b1_i / s_i,   w2'_i = s_i * w2_i,   s_i = sqrt(r1_i / r2_i)

where r1_i = max |w1_i| over the weights that make channel i and r2_i over those that read it. Then both ranges are
sqrt(r1_i r2_i). Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction",
ICCV 2019, section 4.1. Graphs must be folded.

    links(graph) -> [Link]      factors(graph) -> {activation: s}      rescale(graph, factors)      equalize(graph)
"""

from dataclasses import dataclass, replace

import numpy as np

WITH_WEIGHTS = ("conv2d", "dense")
#: operators that let a positive factor of a channel through; max pooling and padding keep 0 and order
PASSING = ("relu", "avg_pool2d", "max_pool2d", "pad", "resize_nearest", "mean", "reshape")
SWEEPS, SETTLED = 50, 1e-4


@dataclass(frozen=True)
class Link:
    """The layer that makes `activation`, the layer `reader` that alone reads it, or the `reason` why there is none.

    `activation` and `reader` are names of output tensors.
    """

    activation: str
    reader: str = ""
    reason: str = ""


def links(graph):
    """Return a `Link` for every layer with weights but the last: what can be equalized, and why the rest cannot."""
    return [_link(graph, node) for node in graph.nodes if node.op in WITH_WEIGHTS and node.output not in graph.outputs]


def equalize(graph):
    """Return a folded float `graph` that computes the same with equalized channel ranges.

    Raises ValueError when no two layers can be equalized, with the reasons.
    """
    found = factors(graph)
    if not found:
        reasons = "; ".join(f"{link.activation}: {link.reason}" for link in links(graph))
        raise ValueError(f"equalize: no two layers of {graph.name!r} can be equalized ({reasons or 'one layer only'})")
    return rescale(graph, found)


def factors(graph):
    """Return {activation: s (C,)}, the factors that equalize all links of `graph` at once.

    Each link is solved in turn, again and again, because a layer between two links changes with both.
    """
    chain = [link for link in links(graph) if not link.reason]
    nodes = {node.output: node for node in graph.nodes}
    sizes = {name: np.abs(_weight(graph, node).astype(np.float64)) for name, node in nodes.items()
             if node.op in WITH_WEIGHTS}
    total = {link.activation: np.ones(len(sizes[link.activation])) for link in chain}
    for _ in range(SWEEPS):
        moved = 0.0
        for link in chain:
            maker, reader = sizes[link.activation], sizes[link.reader]
            s = _balance(maker, reader, nodes[link.reader])
            sizes[link.activation] = maker / _along_outputs(s, maker)
            sizes[link.reader] = reader * _along_inputs(s, nodes[link.reader], reader)
            total[link.activation] *= s
            moved = max(moved, float(np.abs(np.log(s)).max()))
        if moved < SETTLED:
            break
    return total


def rescale(graph, factors):
    """Return the folded float `graph` with activations divided, channel by channel, by `factors` {name: s (C,)}.

    The layer that makes the activation is divided by s, the one that reads it multiplied: the model computes the same.
    Equalization is one use; any finite s > 0 will do. Raises ValueError for a name that is no link of two layers, and
    for factors that do not fit it.
    """
    tensors, known = dict(graph.tensors), {link.activation: link for link in links(graph)}
    nodes = {node.output: node for node in graph.nodes}
    for name, s in factors.items():
        s = _checked(graph, known, name, s)
        reader = nodes[known[name].reader]
        for constant in nodes[name].inputs[1:]:
            data = tensors[constant].data
            _replace(tensors, constant, data / _along_outputs(s, data))
        data = tensors[reader.inputs[1]].data
        _replace(tensors, reader.inputs[1], data * _along_inputs(s, reader, data))
    return graph.with_tensors(**tensors)


def _link(graph, node):
    """Follow the output of `node` through operators that pass a factor on, to the one layer that reads it."""
    if _is_shared(graph, node):
        return Link(node.output, reason="its weights serve another layer too")
    if node.attrs.get("activation", "relu") != "relu":
        return Link(node.output, reason=f"{node.attrs['activation']} has a corner that a factor would move")
    name, channels = node.output, graph.tensors[node.output].shape[-1]
    while True:
        readers = [other for other in graph.nodes if name in other.inputs]
        if name in graph.outputs or len(readers) != 1:
            outside = " and is an output" if name in graph.outputs else ""
            return Link(node.output, reason=f"{name} is read by {len(readers)} operators{outside}")
        reader = readers[0]
        if reader.op in WITH_WEIGHTS and reader.inputs[0] == name and not _is_shared(graph, reader):
            return Link(node.output, reader.output)
        if not _passes(graph, reader, channels):
            return Link(node.output, reason=f"{reader.op} lies between")
        name = reader.output


def _is_shared(graph, node):
    """Whether a constant of `node` is read by another node, or twice."""
    return any(sum(name in other.inputs for other in graph.nodes) > 1 for name in node.inputs[1:])


def _passes(graph, node, channels):
    """Whether a factor of each channel comes out of `node` as it went in; channels stay last, or are flattened.

    A reshape to another map would mix channels and places, and its reader take a factor for a channel of its own.
    """
    if node.op == "reshape":
        before, after = (graph.tensors[name].shape for name in (node.inputs[0], node.output))
        return before[-1] == channels and (after[-1] == channels or len(after) == 1)
    if node.op == "mean":
        return -1 not in node.attrs["axes"]
    return node.op in PASSING


def _balance(maker, reader, node):
    """s = sqrt(r1 / r2) of a link, (C,); 1 where a channel makes or meets only zeros."""
    r1 = maker.reshape(len(maker), -1).max(axis=1)
    r2 = _by_input(reader, node, len(maker)).max(axis=1)
    alive = (r1 > 0) & (r2 > 0)
    return np.sqrt(np.where(alive, r1, 1.0) / np.where(alive, r2, 1.0))


def _by_input(weight, node, channels):
    """The weights that read each channel, as rows (channels, ...)."""
    if node.op == "dense":
        return np.moveaxis(weight.reshape(len(weight), -1, channels), 2, 0).reshape(channels, -1)
    groups = node.attrs["groups"]
    grouped = weight.reshape(groups, len(weight) // groups, -1, weight.shape[-1])
    return np.moveaxis(grouped, 3, 1).reshape(channels, -1)


def _along_outputs(s, data):
    return s.reshape(-1, *[1] * (data.ndim - 1))


def _along_inputs(s, node, weight):
    """s, shaped to multiply the weights of `node` that read each channel."""
    if node.op == "dense":
        return np.tile(s, weight.shape[-1] // s.size)
    groups = node.attrs["groups"]
    return np.repeat(s.reshape(groups, -1), len(weight) // groups, axis=0)[:, None, None, :]


def _weight(graph, node):
    return graph.tensors[node.inputs[1]].data


def _replace(tensors, name, data):
    tensors[name] = replace(tensors[name], data=data.astype(np.float32))


def _checked(graph, known, name, s):
    link = known.get(name)
    if link is None or link.reason:
        raise ValueError(f"rescale: {name!r} cannot be rescaled ({link.reason if link else 'no layer makes it'}); "
                         f"links(graph) lists what can")
    s, channels = np.asarray(s, np.float64), graph.tensors[name].shape[-1]
    if s.shape != (channels,) or not (np.isfinite(s) & (s > 0)).all():
        raise ValueError(f"rescale: {name!r} needs {channels} finite factors above 0, got {s}")
    return s
