"""The models of the lessons, in torch."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn


@dataclass(frozen=True)
class ConvSpec:
    """One convolution block: output channels, kernel, stride, dilation."""

    channels: int
    kernel: int = 7
    stride: int = 1
    dilation: int = 1


PULSE_LAYERS = (
    ConvSpec(16, kernel=9, stride=4),
    ConvSpec(32, kernel=7, stride=2),
    ConvSpec(32, kernel=5, dilation=2),
    ConvSpec(32, kernel=5, dilation=4),
    ConvSpec(32, kernel=5, dilation=8),
    ConvSpec(32, kernel=5),
)


class ConvBlock1d(nn.Sequential):
    """Convolution, batch norm, ReLU: (N, C_in, L) -> (N, C_out, ceil(L / stride))."""

    def __init__(self, in_channels, spec):
        padding = spec.dilation * (spec.kernel - 1) // 2
        super().__init__(
            nn.Conv1d(in_channels, spec.channels, spec.kernel, spec.stride, padding, spec.dilation, bias=False),
            nn.BatchNorm1d(spec.channels),
            nn.ReLU(),
        )


class PulseNet(nn.Module):
    """1-D CNN that names the rhythm of a pulse window: (N, 1, 1000) -> (N, classes) logits.

    Global average pooling makes it count: each feature that fires on "this beat came early" adds its share, so one
    premature beat and an irregular stretch give different sums wherever they lie in the window.
    """

    def __init__(self, classes=6, layers=PULSE_LAYERS, in_channels=1):
        super().__init__()
        widths = [in_channels] + [spec.channels for spec in layers]
        self.features = nn.Sequential(*(ConvBlock1d(width, spec) for width, spec in zip(widths, layers, strict=False)))
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.classify = nn.Linear(widths[-1], classes)

    def forward(self, x):
        """(N, 1, 1000) -> (N, classes)."""
        return self.classify(torch.flatten(self.pool(self.features(x)), 1))


class BeatNet(nn.Module):
    """1-D CNN that marks the beats of a pulse window: (N, 1, 1000) -> (N, 1, 125) logits, one for every 80 ms."""

    def __init__(self, layers=PULSE_LAYERS, in_channels=1):
        super().__init__()
        widths = [in_channels] + [spec.channels for spec in layers]
        pairs = zip(widths, layers, strict=False)
        self.features = nn.Sequential(*(ConvBlock1d(width, spec) for width, spec in pairs))
        self.mark = nn.Conv1d(widths[-1], 1, 1)

    def forward(self, x):
        """(N, 1, 1000) -> (N, 1, 125)."""
        return self.mark(self.features(x))


GRU_FRONT = (ConvSpec(16, kernel=9, stride=4), ConvSpec(32, kernel=7, stride=2), ConvSpec(32, kernel=5, stride=2))


class PulseGru(nn.Module):
    """Recurrent network that names the rhythm of a pulse window: (N, 1, 1000) -> (N, classes) logits.

    Strided convolutions turn 10 s into 63 steps of 160 ms, a GRU reads them in order and can compare an interval with
    the one before it; the mean of its states over time is classified.
    """

    def __init__(self, classes=6, layers=GRU_FRONT, hidden=48, in_channels=1):
        super().__init__()
        widths = [in_channels] + [spec.channels for spec in layers]
        pairs = zip(widths, layers, strict=False)
        self.features = nn.Sequential(*(ConvBlock1d(width, spec) for width, spec in pairs))
        self.recur = nn.GRU(widths[-1], hidden, batch_first=True)
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.classify = nn.Linear(hidden, classes)

    def forward(self, x):
        """(N, 1, 1000) -> (N, classes)."""
        states, _ = self.recur(self.features(x).transpose(1, 2))
        return self.classify(torch.flatten(self.pool(states.transpose(1, 2)), 1))


class DenseNet(nn.Sequential):
    """Dense layers with ReLU between them: (N, widths[0]) -> (N, widths[-1])."""

    def __init__(self, widths):
        layers = [part for pair in pairwise(widths) for part in (nn.Linear(*pair), nn.ReLU())]
        super().__init__(*layers[:-1])
