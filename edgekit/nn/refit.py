"""After channels went: fit what is left, layer by layer, so that it answers what the whole network answered.

    refit(coupling, kept, x)      the smaller graph of `channels.remove`, fitted on inputs x; no labels, no gradients

A layer that lost inputs can make up for much of them, because what is lost resembles what stays:

    W' = argmin |Y - X' W'|^2 + ridge |W' - W|^2      X': what it reads now;  Y: what it answered in the whole network

A batch norm takes the statistics of what it gets now, and the gamma and beta that fit best. Layers follow in their
order, so that each sees the errors of those before it.
Source: He et al., "Channel Pruning for Accelerating Very Deep Neural Networks", ICCV 2017, arXiv:1707.06168.
"""

from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional

from edgekit.graph.channels import remove
from edgekit.nn.graph_net import ACTIVATIONS, GraphNet, channels_first, sides
from edgekit.nn.train import one_thread

RIDGE = 1e-3  # of the mean square of what a layer reads
ROWS = 16_384  # places of a map that a fit looks at, drawn from all


@torch.no_grad()
def refit(coupling, kept, x, ridge=RIDGE):
    """Return the graph that `remove(coupling, kept)` gives, fitted on x (N, ...) to what the whole graph computes.

    Depthwise and recurrent layers keep their weights; a batch norm behind them is fitted. Layers with a fused
    activation (of a folded graph) keep theirs too, so fit before `fold`. Raises what `remove` raises.
    """
    smaller = remove(coupling, kept)
    with one_thread():
        whole, net = activations(GraphNet(coupling.graph).eval(), x), GraphNet(smaller).eval()
        values = {name: whole[name] for name in smaller.inputs}
        for node in smaller.nodes:
            if multiplies(node) or node.op == "batch_norm":
                fit = _fit_norm if node.op == "batch_norm" else _fit_layer
                wanted = rows(whole[node.output][:, _stays(coupling, kept, node.output)])
                fit(net, node, values[node.inputs[0]], wanted, ridge)
            values[node.output] = step(net, node, values)
    fitted = {name: replace(smaller.tensors[name], data=net.constant(name).numpy().copy()) for name in net.places}
    return smaller.with_tensors(**fitted)


def activations(net, x):
    """Return {name: activation, channels first} of everything that a `GraphNet` computes for x (N, ...)."""
    values = {net.graph.inputs[0]: channels_first(torch.as_tensor(np.asarray(x), dtype=torch.float32))}
    for node in net.graph.nodes:
        values[node.output] = step(net, node, values)
    return values


def step(net, node, values):
    """What `node` makes of `values`, its fused activation included."""
    y, fused = net.compute(node, values), node.attrs.get("activation")
    return ACTIVATIONS[fused](y) if fused else y


def multiplies(node):
    """Whether every output of `node` is a weighted sum over all its inputs: dense, or a convolution in one group."""
    return node.op == "dense" or (node.op == "conv2d" and node.attrs["groups"] == 1)


def patches(node, kernel, x):
    """What a node that `multiplies` multiplies its weights with, as `flat` lays them out: (rows, inputs x kernel)."""
    if node.op == "dense":
        return rows(x)
    padded = functional.pad(x, sides(node.attrs["padding"]))
    return rows(functional.unfold(padded, kernel, node.attrs["dilation"], 0, node.attrs["stride"]))


def rows(x):
    """(N, C, ...) -> (rows, C) in float64: one for each place, at most `ROWS`, the same for every map of a size."""
    found = x.flatten(2).movedim(1, -1).flatten(0, -2) if x.ndim > 2 else x
    return found[torch.randperm(len(found), generator=torch.Generator().manual_seed(0))[:ROWS]].double()


def flat(weight):
    """A weight as a graph keeps it -> (outputs, inputs x kernel) in float64, inputs first."""
    return weight.movedim(-1, 1).flatten(1).double()


def _stays(coupling, kept, name):
    """Which channels of the activation `name` stay: a bool mask."""
    gone = [label for group, mask in kept.items()
            for label, keep in zip(coupling[group].channels, mask, strict=True) if not keep]
    return torch.as_tensor(~np.isin(coupling.lays[name][1], gone))


def _fit_layer(net, node, x, wanted, ridge):
    """Set weights and bias to the least squares from `x` to the rows `wanted`, drawn towards what they are."""
    if node.attrs.get("activation"):
        return  # what the whole network answered is behind the activation
    weight = net.constant(node.inputs[1])
    seen, old = patches(node, weight.shape[1:-1], x), flat(weight)
    middle, target = seen.mean(0), wanted.mean(0)
    missing = wanted - target - (seen - middle) @ old.T
    new = old + torch.linalg.solve(gram(seen - middle, ridge), (seen - middle).T @ missing / len(seen)).T
    weight.copy_(new.reshape(len(weight), weight.shape[-1], *weight.shape[1:-1]).movedim(1, -1))
    if len(node.inputs) > 2:
        net.constant(node.inputs[2]).copy_(target - new @ middle)


def gram(seen, ridge):
    """X^T X / rows of centred rows X, its diagonal raised by `ridge` times its mean."""
    found = seen.T @ seen / len(seen)
    return found + (ridge * found.diagonal().mean()).clamp(min=1e-12) * torch.eye(len(found), dtype=found.dtype)


def _fit_norm(net, node, x, wanted, ridge):
    """Measure mean and variance of `x`, then fit gamma and beta to the rows `wanted`, channel by channel."""
    gamma, beta, mean, variance = (net.constant(name) for name in node.inputs[1:])
    seen, target = rows(x), wanted.mean(0)
    mean.copy_(seen.mean(0))
    variance.copy_(seen.var(0, unbiased=False))
    normal = (seen - seen.mean(0)) / (seen.var(0, unbiased=False) + node.attrs["eps"]).sqrt()
    gamma.copy_((normal * (wanted - target)).mean(0) / (normal**2).mean(0).clamp(min=ridge))
    beta.copy_(target)
