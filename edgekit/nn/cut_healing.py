"""How the shipped seeing network and what was cut out of it are trained on: both shipped networks teach together.

    data = lessons(seed)                  2,000 scenes, mirrored and relit, with the answers of the teachers
    healed(net, side, data, seed)         trains `net` in place; it takes pictures of `side` pixels

The whole network is trained on in the same way: what a cut gains by the training alone, it gains as well.
"""

from functools import lru_cache

import torch
from torch import nn

from edgekit.nn import zoo
from edgekit.nn.camera_healing import pictures
from edgekit.nn.distill import Distillation, learn, taught
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.guided import resized
from edgekit.nn.train import Recipe

TEACHERS = ("camera-presence-v1", "camera-presence-v3")
VIEWS, SHARE = 1, 64  # views of each scene, which one epoch sees once; pictures at once when a network answers
RECIPE = Recipe(epochs=1, batch_size=32, learning_rate=5e-4, average=0.99)
LOSS = Distillation(temperature=2.0, alpha=0.3)


class Together(nn.Module):
    """The mean of the logits of several networks."""

    def __init__(self, networks):
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x):
        return torch.stack([network(x) for network in self.networks]).mean(0)


class Upright(nn.Module):
    """A graph's network `graph_net` as torch networks are: it takes pictures (N, 3, side, side)."""

    def __init__(self, graph_net):
        super().__init__()
        self.graph_net = graph_net

    def forward(self, x):
        return self.graph_net(x.movedim(1, -1))


class Resized(nn.Module):
    """An upright network for pictures (N, 96, 96, 3), which are made `side` pixels large first."""

    def __init__(self, network, side):
        super().__init__()
        self.network, self.side = network, side

    def forward(self, x):
        return self.network(resized(x.movedim(-1, 1), self.side))


@lru_cache(1)
def lessons(seed):
    """Return what `distill.taught` makes of the scenes of `seed`: the same for every network of a comparison."""
    teachers = Together([GraphNet(zoo.load(name)).eval() for name in TEACHERS])
    return taught(teachers, *pictures(seed), views=VIEWS, seed=seed, batch_size=SHARE)


def healed(net, side, data, seed, recipe=RECIPE):
    """Train the upright `net`, which takes pictures of `side` pixels, on `lessons` in the order that `seed` draws."""
    learn(Resized(net, side), data, recipe, LOSS, seed)
    return net
