"""In which order may channels go, if the answer of the whole network shall suffer least?

    bends = curvature(graph, x, draws)               {layer: F (outputs, outputs)}
    scores, errors = answer_order(coupling, x, bends)      for `to_macs`, and for `channel_budget.spread`

`channel_order` counts an error as a share of what a layer computes. But the same share harms little in one layer and
much in another. An error d of a layer, alike at all places of its map, makes the answer of the network worse by about

    1/2 d^T F d,   F = E[g g^T],   g: gradient of v . answer, summed over places;   E[v v^T]: curvature of the loss

With cross-entropy v = p - y, y drawn from the network's own p: no label is needed, and the loss is counted in nats, so
that errors of different layers can be compared. With the moments G of what a layer reads and its weights W, channel c
then costs, after a new fit of the others,

    cost(c) = 1/2 tr(F W_c^T ((G^-1)_cc)^-1 W_c)

Sources: as in `channel_order`; Theis et al., "Faster gaze prediction with dense networks and Fisher pruning", 2018,
arXiv:1801.05787; Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML
2015, arXiv:1503.05671.
"""

import numpy as np
import torch
from torch.nn import functional

from edgekit.nn import channel_order
from edgekit.nn.graph_net import GraphNet, channels_first, channels_last
from edgekit.nn.refit import RIDGE, activations, flat, multiplies, step
from edgekit.nn.train import one_thread

BATCH = 32
REPEATS = 4  # draws of v for every input
LIFT = 1e-4  # of the mean of its diagonal, what F gets more: no layer is quite without harm


def class_draws(answers, draw):
    """Return v = p - y (N, C) for logits (N, C), the class y drawn from p by the generator `draw`."""
    p = answers.softmax(1)
    return p - functional.one_hot(torch.multinomial(p, 1, generator=draw)[:, 0], answers.shape[1])


def curvature(graph, x, draws=class_draws, seed=0, apart=0.3):
    """Return {name of what a layer computes: F (outputs, outputs) float64} for inputs x (N, ...), without labels.

    `draws(answers, draw)` gives v with E[v v^T] the curvature of the loss in the answers. The share `apart` of F adds
    up places one by one, the rest adds up their gradients first. Layers are those that `refit.multiplies` names.
    """
    found, draw = {}, torch.Generator().manual_seed(seed)
    net = GraphNet(graph).eval()
    with one_thread():
        for part in torch.as_tensor(np.asarray(x), dtype=torch.float32).split(BATCH) * REPEATS:
            for name, slope in _slopes(net, part, draws, draw).items():
                found[name] = found.get(name, 0) + _moments(slope, apart) / (REPEATS * len(x))
    return found


def _slopes(net, x, draws, draw):
    """{name: gradient (N, outputs, places) of v . answer} of every layer that multiplies."""
    values, kept = {net.graph.inputs[0]: channels_first(x)}, {}
    for node in net.graph.nodes:
        values[node.output] = step(net, node, values)
        if multiplies(node):
            kept[node.output] = values[node.output]
    answers = channels_last(values[net.graph.outputs[0]])
    slopes = torch.autograd.grad((answers * draws(answers.detach(), draw)).sum(), list(kept.values()))
    return {name: (slope if slope.ndim > 2 else slope[..., None]).flatten(2) for name, slope in
            zip(kept, slopes, strict=True)}


def _moments(slope, apart):
    """Sum over inputs of g g^T from slopes (N, outputs, places)."""
    slope = slope.double()
    whole, places = slope.sum(2), slope.movedim(1, 2).flatten(0, 1)
    return (1 - apart) * whole.T @ whole + apart * places.T @ places


@torch.no_grad()
def answer_order(coupling, x, bends, ridge=RIDGE):
    """Return ({group: scores (width,)}, {group: errors (width + 1,)}) for inputs x (N, ...), as `drop_order` does.

    errors[k]: by how much the loss grows when k channels of the group are gone and their readers fitted again.
    Raises ValueError for a group that no dense layer and no convolution in one group reads.
    """
    with one_thread():
        net = GraphNet(coupling.graph).eval()
        values = activations(net, x)
        readers = [_reader(coupling, net, node, values, bends[node.output], ridge)
                   for node in coupling.graph.nodes if multiplies(node)]
    scores, errors = {}, {}
    for group in coupling.prunable:
        sides = [(inverse, w, [np.flatnonzero(labels == label) for label in group.channels])
                 for labels, inverse, w in readers if np.isin(labels, group.channels).any()]
        if not sides:
            raise ValueError(f"answer_order: group {group.name!r} is read by no dense layer and no convolution in one "
                             "group; rank it with a score of graph.channel_scores")
        scores[group.name], found = channel_order._eliminate(sides, group.width)
        errors[group.name] = np.maximum.accumulate(found)
    return scores, errors


def _reader(coupling, net, node, values, bend, ridge):
    """(label of each column, G^-1, W F^(1/2)) of a layer: its outputs turned so that every one harms alike."""
    labels, inverse, _ = channel_order._reader(coupling, net, node, values, ridge)
    return labels, inverse, (_root(bend / 2) @ flat(net.constant(node.inputs[1]))).T.numpy()


def _root(bend):
    """The symmetric square root of F, lifted by `LIFT`."""
    lifted = bend + LIFT * bend.diagonal().mean() * torch.eye(len(bend), dtype=bend.dtype)
    values, axes = torch.linalg.eigh(lifted)
    return (axes * values.clamp(min=0).sqrt()) @ axes.T
