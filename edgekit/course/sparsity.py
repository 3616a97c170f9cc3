"""Ways of taking a share of the weights away, which lesson 06, its widget and the study of curves have in common.

    kept(graph, "all", 0.8)             {weight: mask}, 1 = keep
    pruned(graph, "channels", 0.8)      a float graph: with zeros, or smaller
"""

from dataclasses import replace

import numpy as np

from edgekit.core.masks import n_of_m, over_layers, per_layer
from edgekit.core.patterns import PATTERNS
from edgekit.core.saliency import magnitude
from edgekit.graph.channel_scores import weight_scores
from edgekit.graph.channels import choose, couple, masked, remove

#: structure: in words
STRUCTURES = {
    "all": "any weight, all layers ranked together",
    "layer": "any weight, each layer by itself",
    "2:4": "2 of every 4 neighbours",
    "1:4": "1 of every 4 neighbours",
    "channels": "whole channels",
}
#: the sparsity that a pattern has, whatever is asked for
FIXED = PATTERNS


def weights(graph):
    """Return {name: array} of the matrices and kernels of a graph, in the order of its file."""
    return {tensor.name: tensor.data for tensor in graph.constants if tensor.data.ndim > 1}


def kept(graph, structure, sparsity):
    """Return {weight: mask} of the weights of largest magnitude that stay under `structure`, one of `STRUCTURES`.

    Patterns have a sparsity of their own. Of channels the share p = 1 - sqrt(1 - sparsity) goes everywhere, which
    leaves about (1 - p)^2 = 1 - sparsity of the weights. Raises ValueError for an unknown structure.
    """
    if structure == "channels":
        return {name: w != 0 for name, w in weights(masked(*channels(graph, sparsity))).items()}
    scores = {name: magnitude(w) for name, w in weights(graph).items()}
    if structure in FIXED:
        n, m = map(int, structure.split(":"))
        return {name: n_of_m(values, n, m) for name, values in scores.items()}
    if structure not in STRUCTURES:
        raise ValueError(f"kept: structure must be one of {', '.join(STRUCTURES)}, got {structure!r}")
    return {"all": over_layers, "layer": per_layer}[structure](scores, sparsity)


def channels(graph, sparsity):
    """Return (coupling, {group: mask}) with the strongest channels of each group, about 1 - sparsity of the weights."""
    coupling = couple(graph)
    return coupling, choose(coupling, weight_scores(coupling), 1 - np.sqrt(1 - sparsity))


def pruned(graph, structure, sparsity):
    """Return the float graph with zeros where `kept` says so; without channels it is really smaller."""
    if structure == "channels":
        return remove(*channels(graph, sparsity))
    return with_zeros(graph, kept(graph, structure, sparsity))


def with_zeros(graph, masks):
    """Return the graph with 0 wherever a mask of `masks`, {weight: mask}, is 0; also of an integer graph."""
    new = {}
    for name, mask in masks.items():
        tensor = graph.tensors[name]
        new[name] = replace(tensor, data=np.where(mask, tensor.data, 0).astype(tensor.data.dtype))
    return graph.with_tensors(**new)
