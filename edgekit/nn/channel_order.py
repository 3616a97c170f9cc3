"""In which order may channels go, if the layers that read them are fitted again afterwards?

    scores, errors = drop_order(coupling, x)      for `to_macs`, and for `channel_budget.spread`

A channel that the others can replace costs nothing, however large it is. With the moments G = X^T X of what a layer
reads and its weights W, fitted again after channel c is gone, the answer loses (the block of c, all of its kernel)

    cost(c) = tr(W_c^T ((G^-1)_cc)^-1 W_c)

The cheapest goes, then G^-1 and W follow, and so on: a network has told what it can spare, without any label.
Sources: Hassibi and Stork, "Second Order Derivatives for Network Pruning", NeurIPS 1992; Frantar and Alistarh, "Optimal
Brain Compression", NeurIPS 2022, arXiv:2208.11580.
"""

import numpy as np
import torch

from edgekit.nn.graph_net import GraphNet
from edgekit.nn.refit import RIDGE, activations, flat, gram, multiplies, patches
from edgekit.nn.train import one_thread


@torch.no_grad()
def drop_order(coupling, x, ridge=RIDGE):
    """Return ({group: scores (width,)}, {group: errors (width + 1,)}) for inputs x (N, ...), without labels.

    A score is the place at which a channel goes, 1 for the first. errors[k]: the share of what the readers of a group
    compute that is lost when k channels of it are gone and the readers fitted again, summed over readers.
    Raises ValueError for a group that no dense layer and no convolution in one group reads.
    """
    with one_thread():
        net = GraphNet(coupling.graph).eval()
        values = activations(net, x)
        readers = [_reader(coupling, net, node, values, ridge) for node in coupling.graph.nodes if multiplies(node)]
    scores, errors = {}, {}
    for group in coupling.prunable:
        sides = [(inverse, w, [np.flatnonzero(labels == label) for label in group.channels])
                 for labels, inverse, w in readers if np.isin(labels, group.channels).any()]
        if not sides:
            raise ValueError(f"drop_order: group {group.name!r} is read by no dense layer and no convolution in one "
                             "group; rank it with a score of graph.channel_scores")
        scores[group.name], errors[group.name] = _eliminate(sides, group.width)
    return scores, errors


def _reader(coupling, net, node, values, ridge):
    """(label of each column, G^-1, W / size of the answer) of a layer, columns as `flat` lays them out."""
    weight = net.constant(node.inputs[1])
    labels = next((found for axis, found in coupling.places.get(node.inputs[1], {}).items() if axis),
                  np.full(weight.shape[-1], -1))
    seen, w = patches(node, weight.shape[1:-1], values[node.inputs[0]]), flat(weight)
    moments = gram(seen - seen.mean(0), ridge)
    size = torch.trace(w @ moments @ w.T).sqrt()
    return np.repeat(labels, w.shape[1] // len(labels)), torch.linalg.inv(moments).numpy(), (w / size).T.numpy()


def _eliminate(sides, width):
    """(place of each channel in the order of going, error after k have gone); `sides`: (G^-1, W, columns) of readers.
    """
    left, place, errors = list(range(width)), np.zeros(width), [0.0]
    for done in range(1, width + 1):
        costs = [sum(_cost(inverse, w, columns[channel]) for inverse, w, columns in sides) for channel in left]
        first = int(np.argmin(costs))
        channel = left.pop(first)
        place[channel] = done
        errors.append(errors[-1] + costs[first])
        sides = [(*_without(inverse, w, columns[channel]), columns) for inverse, w, columns in sides]
    return place, np.array(errors)


def _cost(inverse, w, at):
    """What the answer loses when the columns `at` go and the rest is fitted again."""
    return float(np.sum(w[at] * np.linalg.solve(inverse[np.ix_(at, at)], w[at]))) if len(at) else 0.0


def _without(inverse, w, at):
    """(G^-1, W) of the fit without the columns `at`, which stand for nothing from then on."""
    back = np.linalg.solve(inverse[np.ix_(at, at)], np.concatenate([w[at], inverse[at]], axis=1))
    change = inverse[:, at] @ back
    w, inverse = w - change[:, : w.shape[1]], inverse - change[:, w.shape[1]:]
    w[at], inverse[at], inverse[:, at] = 0, 0, 0
    return inverse, w
