"""Zero-cost proxies against their definitions, on networks small enough to follow by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.nn.models import ConvSpec, PulseNet
from edgekit.nn.proxies import grad_norm, naswot, synflow
from edgekit.nn.train import seeded

X = np.random.default_rng(0).normal(size=(6, 1, 40)).astype(np.float32)
Y = np.array([0, 1, 2, 0, 1, 2])


def linear(first, second):
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    net[0].weight.data, net[2].weight.data = torch.tensor(first), torch.tensor(second)
    return net


def test_synflow_by_hand():
    """Each layer's share is the flow through it, 1 * (|1| + |-2|) * 3 + (4 + 0) * 5 = 29, and there are two layers."""
    net = linear([[1.0, -2.0], [4.0, 0.0]], [[-3.0, 5.0]])
    assert synflow(net, np.zeros((7, 2), np.float32)) == pytest.approx(np.log10(2 * 29))
    assert net[0].weight.tolist() == [[1.0, -2.0], [4.0, 0.0]]


def test_naswot_by_hand():
    """Two examples light the two ReLUs differently: K = [[2, 0], [0, 2]] on batch-free layers, log 4."""
    net = linear([[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0]])
    assert naswot(net, np.array([[1.0, -1.0], [-1.0, 1.0]], np.float32)) == pytest.approx(np.log(4))
    assert naswot(net, np.array([[1.0, -1.0], [2.0, -1.0]], np.float32)) == -np.inf


def test_grad_norm_is_the_length_of_the_gradient():
    net = seeded(lambda: PulseNet(3, (ConvSpec(4, 5, 4), ConvSpec(6, 3, 2))), 0)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = grad_norm(net, X, Y)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    loss = nn.functional.cross_entropy(net.train()(torch.from_numpy(X)), torch.from_numpy(Y))
    gradients = torch.autograd.grad(loss, [p for p in net.parameters() if p.dim() > 1])
    assert found == pytest.approx(float(torch.cat([g.flatten() for g in gradients]).norm()), rel=1e-5)


@pytest.mark.parametrize("proxy", [synflow, grad_norm, naswot])
def test_they_are_finite_and_the_same_again(proxy):
    net = seeded(lambda: PulseNet(3, (ConvSpec(8, 5, 4), ConvSpec(12, 3, 2))), 0)
    assert np.isfinite(proxy(net, X, Y))
    assert proxy(net, X, Y) == proxy(net, X, Y)
