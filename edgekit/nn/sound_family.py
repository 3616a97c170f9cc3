"""The families of listening networks that a search chooses from."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from edgekit.nn.acoustic import Autoencoder, DenseBlock, FaultNet
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


def autoencoder(widths):
    """Return an `Autoencoder` whose layers have `widths` down to the bottleneck, and the same ones back up."""
    hidden, narrow = widths[0], widths[-1]
    model = Autoencoder(hidden, narrow)
    if len(widths) > 2:
        whole = (model.back.out_features, *widths, *widths[-2::-1])
        model.layers = nn.Sequential(*(DenseBlock(*pair) for pair in itertools.pairwise(whole)))
    return model


def squared_error(answers, x):
    """The mean squared difference of what came back and what was to come back, both (N, 1280)."""
    return functional.mse_loss(answers, x)


def channels_last(build):
    """Return a `build` whose weights lie channels last, in which networks as narrow as these train 1.8 times faster."""
    return lambda: build().to(memory_format=torch.channels_last)
