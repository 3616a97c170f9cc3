"""Rows of blocks from a table, one line of it for each block, as the papers print their networks."""

from dataclasses import dataclass

from torch import nn

from edgekit.nn.blocks import HardSwish, InvertedResidual, ReLU, Separable


@dataclass(frozen=True)
class Bottleneck:
    """One inverted residual: widened channels, channels out, kernel, stride, squeeze-and-excite (or how narrow), hard
    swish."""

    wide: int
    channels: int
    kernel: int = 3
    stride: int = 1
    excite: bool | int = False
    swish: bool = False


def separables(in_channels, table):
    """Return (nn.Sequential, channels of the last) of one `Separable` for every (channels, stride) of `table`."""
    layers = []
    for channels, stride in table:
        layers.append(Separable(in_channels, channels, stride))
        in_channels = channels
    return nn.Sequential(*layers), in_channels


def bottlenecks(in_channels, table, activation=ReLU):
    """Return (nn.Sequential, channels of the last) of one `InvertedResidual` for every `Bottleneck` of `table`.

    `activation` stands where a line has no hard swish.
    """
    layers = []
    for b in table:
        chosen = HardSwish if b.swish else activation
        layers.append(InvertedResidual(in_channels, b.wide, b.channels, b.kernel, b.stride, b.excite, chosen))
        in_channels = b.channels
    return nn.Sequential(*layers), in_channels
