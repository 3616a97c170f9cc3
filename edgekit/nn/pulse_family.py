"""The family of pulse networks that a search chooses from: stem, one strided convolution, a body of like blocks."""

from dataclasses import dataclass

import torch
from torch import nn

from edgekit.nn.models import ConvBlock1d, ConvSpec


@dataclass(frozen=True)
class BlockSpec(ConvSpec):
    """One convolution block; `separable`: a depthwise convolution, then one of kernel 1 that mixes the channels."""

    separable: bool = False


class Separable1d(nn.Sequential):
    """Depthwise, then pointwise: (N, C_in, L) -> (N, C_out, ceil(L / stride)), K C + C C' weights for K C C'.

    Howard et al. 2017, MobileNets, section 3.1, for signals.
    """

    def __init__(self, in_channels, spec):
        padding = spec.dilation * (spec.kernel - 1) // 2
        super().__init__(
            nn.Conv1d(in_channels, in_channels, spec.kernel, spec.stride, padding, spec.dilation, in_channels,
                      bias=False),
            nn.BatchNorm1d(in_channels),
            nn.ReLU(),
            ConvBlock1d(in_channels, ConvSpec(spec.channels, kernel=1)),
        )


class PulseFamilyNet(nn.Module):
    """Blocks, global average, classes: (N, 1, 1000) -> (N, classes) logits; `layers` holds one `BlockSpec` a block."""

    def __init__(self, layers, classes=6, in_channels=1):
        super().__init__()
        blocks, width = [], in_channels
        for spec in layers:
            blocks.append((Separable1d if spec.separable else ConvBlock1d)(width, spec))
            width = spec.channels
        self.features = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.classify = nn.Linear(width, classes)

    def forward(self, x):
        """(N, 1, 1000) -> (N, classes)."""
        return self.classify(torch.flatten(self.pool(self.features(x)), 1))
