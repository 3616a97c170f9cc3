"""Batch norm that is folded into the layer before it in every step of training, its statistics moving or frozen.

Source: Krishnamoorthi, arXiv:1806.08342, section 3.2.2.
"""

import torch
from torch import nn

from edgekit.graph.fold import fold
from edgekit.nn.graph_net import plain_layer


class Norm(nn.Module):
    """A convolution's weight with the batch norm behind it.

        w' = g w,   b' = beta + g (b - mean),   g = gamma / sqrt(variance + eps)

    `mean` and `variance` are buffers; `follow` moves them towards those of a batch.
    """

    def __init__(self, weight, bias, gamma, beta, mean, variance, eps, momentum=0.1):
        super().__init__()
        self.weight, self.gamma, self.beta = (nn.Parameter(torch.tensor(a)) for a in (weight, gamma, beta))
        self.bias = None if bias is None else nn.Parameter(torch.tensor(bias))
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("variance", torch.tensor(variance))
        self.eps, self.momentum = eps, momentum

    def forward(self):
        """The folded (weight, bias)."""
        gain = self.gamma / torch.sqrt(self.variance + self.eps)
        bias = 0 if self.bias is None else self.bias
        return self.weight * gain.reshape(-1, *[1] * (self.weight.ndim - 1)), self.beta + gain * (bias - self.mean)

    @torch.no_grad()
    def follow(self, node, x):
        """Move the statistics towards those of what the layer makes of the batch x (N, C, H, W)."""
        y = plain_layer(node, x, self.weight, self.bias)
        axes = [axis for axis in range(y.ndim) if axis != 1]
        self.mean.lerp_(y.mean(axes), self.momentum)
        self.variance.lerp_(y.var(axes), self.momentum)


def norms_of(graph):
    """{name of the folded weight: Norm} of every layer in `graph` with a batch norm that folding takes in."""
    writer = {node.output: node for node in graph.nodes}
    kept = {name for node in fold(graph).nodes for name in node.inputs}
    norms = {}
    for node in graph.nodes:
        layer = writer.get(node.inputs[0]) if node.op == "batch_norm" else None
        if layer is not None and f"{layer.inputs[1]}.folded" in kept:
            weight, bias = [graph.tensors[name].data for name in layer.inputs[1:]] + [None] * (3 - len(layer.inputs))
            statistics = (graph.tensors[name].data for name in node.inputs[1:])
            norms[f"{layer.inputs[1]}.folded"] = Norm(weight, bias, *statistics, node.attrs["eps"])
    return norms
