"""A part of the supernet is the network it stands for; the sandwich is what the equation says."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from edgekit.nn.models import ConvSpec, PulseNet
from edgekit.nn.supernet import Supernet, part_answers, recalibrate, round_weights, sandwich_loss, train_supernet
from edgekit.nn.train import Recipe, outputs, seeded

LARGEST = (ConvSpec(6, 5, 4), ConvSpec(8, 5, 2), ConvSpec(8, 5, 1, 2), ConvSpec(8, 5, 1, 4))
SMALLEST = (ConvSpec(2, 3, 4), ConvSpec(3, 3, 2), ConvSpec(3, 3))


def draw(rng):
    shapes = [(6, 4, 1), (8, 2, 1), (8, 1, 2), (8, 1, 4)][: rng.integers(2, 5)]
    return tuple(ConvSpec(int(rng.integers(2, most + 1)), int(rng.choice([3, 5])), stride, dilation)
                 for most, stride, dilation in shapes)


def build():
    return Supernet(LARGEST, SMALLEST, draw, classes=3)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_a_part_answers_what_the_supernet_answers_for_it(seed):
    """In training both normalize by the batch; the part has weights of its own."""
    rng = np.random.default_rng(seed)
    layers, net = draw(rng), seeded(build, 0)
    x = torch.from_numpy(rng.normal(size=(6, 1, 64)).astype(np.float32))
    part = net.part(layers)
    with torch.no_grad():
        torch.testing.assert_close(part.train()(x), net.answer(x, layers), rtol=1e-4, atol=1e-5)
    assert {name: value.shape for name, value in part.state_dict().items()} == {
        name: value.shape for name, value in PulseNet(3, layers).state_dict().items()}


def test_a_part_is_cut_out_of_the_middle_of_kernels_and_the_first_channels():
    net = seeded(build, 0)
    part = net.part((ConvSpec(2, 3, 4), ConvSpec(3, 5, 2)))
    whole = net.blocks[0].conv.weight
    assert torch.equal(part.features[0][0].weight, whole[:2, :, 1:4])
    part.features[0][0].weight.data.zero_()
    assert whole[:2].abs().min() > 0


def test_what_is_answered_in_training_is_largest_smallest_and_drawn():
    net, x = seeded(build, 0), torch.randn(5, 1, 64)
    torch.manual_seed(3)
    stacked = net(x)
    assert stacked.shape == (4, 5, 3)
    torch.testing.assert_close(stacked[0], net.answer(x, LARGEST))
    torch.testing.assert_close(stacked[1], net.answer(x, SMALLEST))
    torch.manual_seed(3)
    torch.testing.assert_close(net(x), stacked)


def test_the_loss_by_hand_and_whom_it_teaches():
    logits = torch.randn(3, 4, 5, requires_grad=True)
    y = torch.tensor([0, 1, 2, 3])
    hand = functional.cross_entropy(logits[0], y, label_smoothing=0.02)
    for k in (1, 2):
        for n in range(4):
            p, q = logits[0, n].softmax(0).detach(), logits[k, n].softmax(0)
            hand = hand - (p * q.log()).sum() / 4
    loss = sandwich_loss(logits, y)
    torch.testing.assert_close(loss, hand)
    loss.backward()
    alone = logits.detach()[0].requires_grad_()
    functional.cross_entropy(alone, y, label_smoothing=0.02).backward()
    torch.testing.assert_close(logits.grad[0], alone.grad)  # no gradient flows into the teacher


def test_recalibration_counts_mean_and_variance():
    net = nn.Sequential(nn.Conv1d(1, 2, 1), nn.BatchNorm1d(2, momentum=0.3))
    x = np.random.default_rng(0).normal(3, 2, (50, 1, 7)).astype(np.float32)
    recalibrate(net, x)
    with torch.no_grad():
        seen = net[0](torch.from_numpy(x))
    torch.testing.assert_close(net[1].running_mean, seen.mean(dim=(0, 2)))
    torch.testing.assert_close(net[1].running_var, seen.var(dim=(0, 2)))
    assert net[1].momentum == 0.3
    assert not net.training


@pytest.mark.parametrize("num_bits", [2, 4, 8])
def test_rounded_weights_lie_on_the_grid_of_the_kit(num_bits):
    from edgekit.core.affine import choose_qparams, dequantize, quantize

    layer = nn.Conv1d(3, 4, 5)
    before = layer.weight.detach().numpy().reshape(4, -1).copy()
    qparams = choose_qparams(before.min(axis=1), before.max(axis=1), num_bits, "symmetric", axis=0)
    round_weights(layer, num_bits)
    expected = dequantize(quantize(before, qparams), qparams)
    np.testing.assert_allclose(layer.weight.detach().numpy().reshape(4, -1), expected, rtol=1e-5, atol=1e-6)


def test_it_learns_and_so_do_its_parts():
    rng = np.random.default_rng(1)
    y = rng.integers(3, size=240)
    phase = rng.uniform(0, 2 * np.pi, (240, 1)) + 2 * np.pi * np.arange(64) * 2.0 ** (y - 4)[:, None]
    x = (np.sin(phase) + 0.2 * rng.normal(size=phase.shape)).astype(np.float32)[:, None]
    recipe = Recipe(epochs=12, batch_size=20, learning_rate=2e-2)
    net = train_supernet(build, x[:200], y[:200], recipe, seed=0)
    again = train_supernet(build, x[:200], y[:200], recipe, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
    for layers in (LARGEST, SMALLEST):
        answers = part_answers(net, layers, x[:200], x[200:])
        untrained = outputs(recalibrate(seeded(build, 0).part(layers), x[:200]), x[200:])
        assert (answers.argmax(1) == y[200:]).mean() > 0.7 > (untrained.argmax(1) == y[200:]).mean()
