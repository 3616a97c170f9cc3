"""A network in two parts, of which only the second is trained: what the first answers is computed once.

    first, rest = parts(net, "relu__7")       both share the parameters of `net`
    kept = answers(first, pictures)
    train(rest, kept, y)                      trains the layers of `net` behind that activation

Early layers of a network that sees hold few weights and most of the activations. Who leaves them as they are saves
half of each step of a training, or more.
"""

from copy import copy
from dataclasses import replace

import torch
from torch import nn


def parts(net, name):
    """Return the two parts of a `GraphNet`, cut behind its activation `name`; `first(x)` goes into `rest`.

    Each is a network of the class of `net`, on the same parameters, that runs its own nodes only. Raises ValueError for
    an unknown activation, and for one that is not all that the later nodes read.
    """
    graph, outputs = net.graph, [node.output for node in net.graph.nodes]
    if name not in outputs[:-1]:
        raise ValueError(f"parts: no activation {name!r} to cut behind; there are: {', '.join(outputs[:-1])}")
    end = outputs.index(name) + 1
    return (_running(net, replace(graph, nodes=graph.nodes[:end], outputs=[name])),
            _running(net, replace(graph, nodes=graph.nodes[end:], inputs=[name])))


def _running(net, graph):
    """`net`, its parameters and grids, with the nodes of `graph`."""
    part = copy(net)
    part.graph = graph
    return part


def flat(net):
    """A network that answers as `net` does, but flat: (N, ...) -> (N, C), as lessons of a teacher are kept."""
    return nn.Sequential(net, nn.Flatten())


@torch.no_grad()
def answers(net, x, batch_size=64):
    """What `net` answers to x (N, ...) while it trains, batch by batch."""
    net.train()
    return torch.cat([net(batch) for batch in x.split(batch_size)])
