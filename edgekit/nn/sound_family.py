"""The family of listening networks that a search chooses from."""

from torch import nn

from edgekit.nn.acoustic import FaultNet
from edgekit.nn.blocks import ConvBlock2d, Separable


def sound_net(stem, stem_kernel, blocks, dropout=0.05):
    """Return a `FaultNet`: a strided convolution of `stem` channels, then a separable block for each of `blocks`.

    A block is (channels, stride, kernel). Dropout is that of the shipped student.
    """
    layers, width = [ConvBlock2d(1, stem, stem_kernel, 2)], stem
    for channels, stride, kernel in blocks:
        layers.append(Separable(width, channels, stride, kernel))
        width = channels
    return FaultNet(nn.Sequential(*layers), width, dropout=dropout)
