"""Blocks of efficient networks, for images (`dims=2`) and signals (`dims=1`); NumPy twins in `core.blocks`.

Their cost follows from their shape: `core.block_costs`.
"""

from functools import partial

import torch
from torch import nn
from torch.nn import functional

from edgekit.core.shape_ops import channel_shuffle

ReLU = partial(nn.ReLU, inplace=True)  # nothing else reads a batch norm's result: no second copy of it in memory
CONV = {1: nn.Conv1d, 2: nn.Conv2d}
NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}


class ConvBlock(nn.Sequential):
    """Convolution, batch norm, activation: (N, C_in, H, W) -> (N, C_out, ceil(H / stride), ceil(W / stride)).

    `groups` cuts the channels into independent convolutions; `kernel` is odd.
    """

    def __init__(self, in_channels, channels, kernel=3, stride=1, groups=1, activation=ReLU, dims=2):
        layers = [
            CONV[dims](in_channels, channels, kernel, stride, kernel // 2, groups=groups, bias=False),
            NORM[dims](channels),
        ]
        super().__init__(*layers, *([activation()] if activation else []))


ConvBlock2d = ConvBlock


class Separable(nn.Sequential):
    """Depthwise K x K, then pointwise 1 x 1: K^2 C + C C' weights instead of K^2 C C'.

    Howard et al. 2017, MobileNets, section 3.1.
    """

    def __init__(self, in_channels, channels, stride=1, kernel=3, activation=ReLU, dims=2):
        super().__init__(
            ConvBlock(in_channels, in_channels, kernel, stride, in_channels, activation, dims),
            ConvBlock(in_channels, channels, 1, activation=activation, dims=dims),
        )


class HardSwish(nn.Module):
    """x relu6(x + 3) / 6: swish made of an addition, a clip and a product. Howard et al. 2019, section
    5.2."""

    def forward(self, x):
        return functional.hardswish(x)


class SqueezeExcite(nn.Module):
    """Scale every channel by a number in 0..1 that all channels' means decide: x h(W2 relu(W1 mean(x))).

    h(v) = relu6(v + 3) / 6 stands for the sigmoid. `narrow`: how many numbers the means are squeezed into, by default
    a quarter of the channels, at least 8. Hu et al. 2018, section 3; Howard et al. 2019, section 5.3.
    """

    def __init__(self, channels, narrow=None, dims=2):
        super().__init__()
        narrow = narrow or max(8, channels // 4)
        self.squeeze = CONV[dims](channels, narrow, 1)
        self.excite = CONV[dims](narrow, channels, 1)

    def forward(self, x):
        mean = x.mean(tuple(range(2, x.ndim)), keepdim=True)  # not a pooling, whose integers keep the coarse grid of x
        weight = self.excite(functional.relu(self.squeeze(mean)))
        return x * functional.hardsigmoid(weight)


class InvertedResidual(nn.Module):
    """Widen 1 x 1, depthwise K x K, squeeze-and-excite, narrow 1 x 1 without activation; plus the input if
    shapes agree.

    `excite`: True for squeeze-and-excite, or the number of its narrow middle. Sandler et al. 2018, section 3.3, with
    the additions of Howard et al. 2019, section 5.
    """

    def __init__(self, in_channels, wide, channels, kernel=3, stride=1, excite=False, activation=ReLU, dims=2):
        super().__init__()
        layers = [] if wide == in_channels else [ConvBlock(in_channels, wide, 1, activation=activation, dims=dims)]
        layers.append(ConvBlock(wide, wide, kernel, stride, wide, activation, dims))
        layers += [SqueezeExcite(wide, None if excite is True else excite, dims)] if excite else []
        layers.append(ConvBlock(wide, channels, 1, activation=None, dims=dims))
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and in_channels == channels

    def forward(self, x):
        y = self.body(x)
        return x + y if self.residual else y


class ChannelShuffle(nn.Module):
    """Deal the channels out anew, one of every group in turn, as a 1 x 1 convolution of zeros and ones.

    The same numbers as reshape, transpose, reshape (`nn.ChannelShuffle`), exactly, in floats and in codes of one grid.
    The graph has no transpose: it pays C^2 products a place for what is a move of bytes, and counts them. Traced, it is
    a convolution like others: training and pruning that begin from the graph change its zeros and ones as well.
    """

    def __init__(self, channels, groups, dims=2):
        super().__init__()
        order = torch.from_numpy(channel_shuffle(range(channels), groups).copy())
        self.register_buffer("weight", torch.eye(channels)[order].reshape(channels, channels, *[1] * dims))

    def forward(self, x):
        return (functional.conv2d if x.ndim == 4 else functional.conv1d)(x, self.weight)


class ShuffleUnit(nn.Module):
    """Grouped 1 x 1, shuffle, depthwise K x K, grouped 1 x 1, plus the input: (N, C, H, W) -> the same shape.

    Zhang et al. 2018, ShuffleNet, figure 2b.
    """

    def __init__(self, channels, middle, groups, kernel=3, dims=2):
        super().__init__()
        self.body = nn.Sequential(
            ConvBlock(channels, middle, 1, groups=groups, dims=dims),
            ChannelShuffle(middle, groups, dims),
            ConvBlock(middle, middle, kernel, groups=middle, activation=None, dims=dims),
            ConvBlock(middle, channels, 1, groups=groups, activation=None, dims=dims),
        )

    def forward(self, x):
        return functional.relu(x + self.body(x))


class Residual(nn.Module):
    """Two 3 x 3 convolutions plus the input, which a 1 x 1 convolution fits where the shapes differ.

    He et al. 2016, section 3.3; without batch norm on the 1 x 1, as ResNet-8 of MLPerf Tiny.
    """

    def __init__(self, in_channels, channels, stride=1, dims=2):
        super().__init__()
        self.body = nn.Sequential(
            ConvBlock(in_channels, channels, 3, stride, dims=dims),
            ConvBlock(channels, channels, 3, activation=None, dims=dims),
        )
        fits = stride == 1 and in_channels == channels
        self.fit = nn.Identity() if fits else CONV[dims](in_channels, channels, 1, stride)

    def forward(self, x):
        return functional.relu(self.body(x) + self.fit(x))
