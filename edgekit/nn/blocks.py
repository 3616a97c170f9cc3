"""Blocks of efficient image networks: depthwise separable convolution, inverted residual,
squeeze-and-excite."""

from functools import partial

from torch import nn
from torch.nn import functional

ReLU = partial(nn.ReLU, inplace=True)  # nothing else reads a batch norm's result: no second copy of it in memory


class ConvBlock2d(nn.Sequential):
    """Convolution, batch norm, activation: (N, C_in, H, W) -> (N, C_out, ceil(H / stride), ceil(W /
    stride))."""

    def __init__(self, in_channels, channels, kernel=3, stride=1, groups=1, activation=ReLU):
        layers = [
            nn.Conv2d(in_channels, channels, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(channels),
        ]
        super().__init__(*layers, *([activation()] if activation else []))


class Separable(nn.Sequential):
    """Depthwise K x K, then pointwise 1 x 1: K^2 C + C C' weights instead of K^2 C C'.

    Howard et al. 2017, MobileNets, section 3.1.
    """

    def __init__(self, in_channels, channels, stride=1, kernel=3, activation=ReLU):
        super().__init__(
            ConvBlock2d(in_channels, in_channels, kernel, stride, in_channels, activation),
            ConvBlock2d(in_channels, channels, 1, activation=activation),
        )


class HardSwish(nn.Module):
    """x relu6(x + 3) / 6: swish made of an addition, a clip and a product. Howard et al. 2019, section
    5.2."""

    def forward(self, x):
        return functional.hardswish(x)


class SqueezeExcite(nn.Module):
    """Scale every channel by a number in 0..1 that all channels' means decide: x h(W2 relu(W1 mean(x))).

    h(v) = relu6(v + 3) / 6 stands for the sigmoid. Hu et al. 2018, section 3; Howard et al. 2019, section
    5.3.
    """

    def __init__(self, channels, reduction=4):
        super().__init__()
        narrow = max(8, channels // reduction)
        self.squeeze = nn.Conv2d(channels, narrow, 1)
        self.excite = nn.Conv2d(narrow, channels, 1)

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)  # not a pooling, whose integers would keep the coarse grid of x
        weight = self.excite(functional.relu(self.squeeze(mean)))
        return x * functional.hardsigmoid(weight)


class InvertedResidual(nn.Module):
    """Widen 1 x 1, depthwise K x K, squeeze-and-excite, narrow 1 x 1 without activation; plus the input if
    shapes agree.

    Sandler et al. 2018, section 3.3, with the additions of Howard et al. 2019, section 5.
    """

    def __init__(self, in_channels, wide, channels, kernel=3, stride=1, excite=False, activation=ReLU):
        super().__init__()
        layers = [] if wide == in_channels else [ConvBlock2d(in_channels, wide, 1, activation=activation)]
        layers.append(ConvBlock2d(wide, wide, kernel, stride, wide, activation))
        layers += [SqueezeExcite(wide)] if excite else []
        layers.append(ConvBlock2d(wide, channels, 1, activation=None))
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and in_channels == channels

    def forward(self, x):
        y = self.body(x)
        return x + y if self.residual else y
