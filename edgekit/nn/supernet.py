"""One network that holds all pulse networks of a space: the small ones are parts of the large one's weights.

A part takes the first channels, the middle of a kernel, the first blocks. All parts train together:

    loss = CE(y, largest) + sum over parts CE(softmax(largest), part)

The largest learns from the labels; the smallest and a few drawn parts learn from what the largest answers to the same
batch ("sandwich rule" and "in-place distillation"). A part's batch norm statistics are those of no other part, so that
they are counted anew for each, on training data (`recalibrate`), before it answers.
Sources: Cai et al., "Once-for-All", ICLR 2020, section 3; Yu and Huang, "Universally Slimmable Networks", ICCV 2019,
sections 3.3 and 3.4; Yu et al., "BigNAS", ECCV 2020.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from edgekit.nn.models import PulseNet
from edgekit.nn.train import Recipe, outputs, seeded, train

DRAWN = 2  # parts drawn in each step, beside the largest and the smallest
RECIPE = Recipe(epochs=10, learning_rate=6e-3)


class ElasticConv(nn.Module):
    """Convolution, batch norm, ReLU of which a part may be taken: fewer channels, a smaller kernel, any dilation."""

    def __init__(self, in_channels, channels, kernel):
        super().__init__()
        self.conv = nn.Conv1d(in_channels, channels, kernel, bias=False)
        self.norm = nn.BatchNorm1d(channels)

    def part(self, in_channels, channels, kernel):
        """The weight (channels, in_channels, kernel) and the two parameters of the batch norm."""
        start = (self.conv.kernel_size[0] - kernel) // 2
        weight = self.conv.weight[:channels, :in_channels, start : start + kernel]
        return weight, self.norm.weight[:channels], self.norm.bias[:channels]

    def forward(self, x, spec):
        weight, scale, shift = self.part(x.shape[1], spec.channels, spec.kernel)
        padding = spec.dilation * (spec.kernel - 1) // 2
        y = functional.conv1d(x, weight, None, spec.stride, padding, spec.dilation)
        return functional.relu(functional.batch_norm(y, None, None, scale, shift, training=True))


class Supernet(nn.Module):
    """All parts of `largest`, a tuple of `ConvSpec`, as pulse networks have them.

    In training it answers (2 + DRAWN, N, classes): largest, smallest, and parts that `draw(rng)` names, which returns
    the layers of one.
    """

    def __init__(self, largest, smallest, draw, classes=6, in_channels=1):
        super().__init__()
        self.largest, self.smallest, self.draw, self.in_channels = tuple(largest), tuple(smallest), draw, in_channels
        widths = [in_channels] + [spec.channels for spec in self.largest]
        self.blocks = nn.ModuleList(ElasticConv(width, spec.channels, spec.kernel)
                                    for width, spec in zip(widths, self.largest, strict=False))
        self.classify = nn.Linear(widths[-1], classes)

    def forward(self, x):
        rng = np.random.default_rng(int(torch.randint(2**31, ()).item()))  # torch's state is kept by the training loop
        parts = [self.largest, self.smallest, *(self.draw(rng) for _ in range(DRAWN))]
        return torch.stack([self.answer(x, layers) for layers in parts])

    def answer(self, x, layers):
        """Logits (N, classes) of the part `layers`, with batch norm over this batch."""
        for block, spec in zip(self.blocks, layers, strict=False):
            x = block(x, spec)
        return functional.linear(x.mean(dim=2), self.classify.weight[:, : x.shape[1]], self.classify.bias)

    @torch.no_grad()
    def part(self, layers):
        """Return the part `layers` as a network of its own, whose weights are copies."""
        net = PulseNet(self.classify.out_features, layers, self.in_channels)
        for elastic, (conv, norm, _), spec in zip(self.blocks, net.features, layers, strict=False):
            values = elastic.part(conv.in_channels, spec.channels, spec.kernel)
            for mine, value in zip((conv.weight, norm.weight, norm.bias), values, strict=True):
                mine.copy_(value)
        net.classify.weight.copy_(self.classify.weight[:, : net.classify.in_features])
        net.classify.bias.copy_(self.classify.bias)
        return net.eval()


def sandwich_loss(logits, y, label_smoothing=0.02):
    """Cross-entropy of the largest with the labels, of every other with the largest's answer: (K, N, C), (N,)."""
    taught = functional.softmax(logits[0].detach(), dim=1)
    others = -(taught * functional.log_softmax(logits[1:], dim=2)).sum(dim=2).mean(dim=1).sum()
    return functional.cross_entropy(logits[0], y, label_smoothing=label_smoothing) + others


def train_supernet(build, x, y, recipe=RECIPE, seed=0, progress=None, checkpoint=None):
    """Return `build()`, a `Supernet`, trained on x (N, C, L) and y (N,); see `nn.train.train` for the rest."""
    net = seeded(build, seed)
    train(net, x, y, recipe, seed, progress, sandwich_loss, checkpoint=checkpoint)
    return net


@torch.no_grad()
def recalibrate(net, x):
    """Let the batch norms of `net` keep the mean and the variance that they see on x (N, C, L), all at once."""
    norms = [module for module in net.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    net.train()
    net(torch.as_tensor(x, dtype=torch.float32))
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
    return net.eval()


@torch.no_grad()
def round_weights(net, num_bits):
    """Put the weights of all layers of `net` on symmetric grids of `num_bits`, one scale per output channel."""
    top = 2 ** (num_bits - 1) - 1
    for module in net.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            largest = module.weight.abs().flatten(1).amax(dim=1).clamp_min(1e-12)
            scale = (largest / top).reshape(-1, *[1] * (module.weight.dim() - 1))
            module.weight.copy_((module.weight / scale).round() * scale)
    return net


def part_answers(supernet, layers, x_train, x, num_bits=8):
    """Return the outputs (N, classes) on x of a part: taken out, rounded, its batch norms counted on `x_train`."""
    net = recalibrate(round_weights(supernet.part(layers), num_bits), x_train)
    return outputs(net, x)
