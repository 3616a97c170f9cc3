"""A presence network taught by boxes, at any resolution."""

import torch

from edgekit.nn import guided
from edgekit.nn.camera import Pair, build
from edgekit.nn.train import seeded


def test_at_full_resolution_it_is_the_pair():
    net = seeded(lambda: guided.Guided(build("camera-presence", "v3"), 96), 0).eval()
    x = torch.randn(2, 3, 96, 96)
    for one, other in zip(net(x), Pair(net.presence, net.detector)(x), strict=True):
        assert torch.equal(one, other)


def test_smaller_pictures_give_grids_of_the_same_size():
    net = seeded(lambda: guided.Guided(build("camera-presence", "v1"), 64), 0).eval()
    logits, grid = net(torch.randn(2, 3, 96, 96))
    assert (logits.shape, grid.shape) == ((2, 4), (2, 6, 12, 12))
    small = guided.resized(torch.randn(1, 3, 96, 96), 64)
    assert small.shape == (1, 3, 64, 64)
    assert guided.resized(small, 64) is small
