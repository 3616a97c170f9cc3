"""Published small networks by name, at any width and resolution: `build(name, classes, width)`.

    mobilenet-v1          Howard et al. 2017, table 1
    mobilenet-v2          Sandler et al. 2018, table 2
    mobilenet-v3-small    Howard et al. 2019, table 2, without the squeeze-and-excite that it prints for the last layer
    ds-cnn                Zhang et al. 2017, Hello Edge, as in MLPerf Tiny (Banbury et al. 2021)
    resnet-8              MLPerf Tiny (Banbury et al. 2021), after He et al. 2016
    pulse-gru             the kit's own recurrent network, `models.PulseGru`

At width 1 and resolution 1 they have the shapes that the papers count. Channels are rounded to a multiple of 8
(`core.scaling`); all end in a mean over space, so that any picture size goes in.
"""

from dataclasses import replace

from torch import nn

from edgekit.core.scaling import round_channels, scaled_size
from edgekit.nn.blocks import ConvBlock, HardSwish, Residual
from edgekit.nn.chains import Bottleneck, bottlenecks, separables
from edgekit.nn.models import GRU_FRONT, PulseGru

V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
#: expansion, channels, repetitions, stride of the first
V2 = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
V3_SMALL = (
    Bottleneck(16, 16, 3, 2, excite=True),
    Bottleneck(72, 24, 3, 2),
    Bottleneck(88, 24, 3, 1),
    Bottleneck(96, 40, 5, 2, excite=True, swish=True),
    *[Bottleneck(240, 40, 5, 1, excite=True, swish=True)] * 2,
    Bottleneck(120, 48, 5, 1, excite=True, swish=True),
    Bottleneck(144, 48, 5, 1, excite=True, swish=True),
    Bottleneck(288, 96, 5, 2, excite=True, swish=True),
    *[Bottleneck(576, 96, 5, 1, excite=True, swish=True)] * 2,
)


class Classifier(nn.Module):
    """Features, their mean over space, classes: (N, C, H, W) -> (N, classes) logits."""

    def __init__(self, features, classify):
        super().__init__()
        self.features, self.classify = features, classify

    def forward(self, x):
        return self.classify(self.features(x).mean((2, 3)))  # not a pooling, whose integers keep a coarse grid


def mobilenet_v1(classes, width, in_channels=3):
    """Thirteen depthwise separable convolutions."""
    stem = round_channels(32, width)
    blocks, last = separables(stem, [(round_channels(channels, width), stride) for channels, stride in V1])
    return Classifier(nn.Sequential(ConvBlock(in_channels, stem, stride=2), *blocks), nn.Linear(last, classes))


def mobilenet_v2(classes, width, in_channels=3):
    """Seventeen inverted residuals with ReLU6; the last 1 x 1 keeps 1280 channels below width 1, as published."""
    stem = channels = round_channels(32, width)
    table = []
    for expansion, wanted, repetitions, stride in V2:
        for place in range(repetitions):
            wide, channels = expansion * channels, round_channels(wanted, width)
            table.append(Bottleneck(wide, channels, 3, stride if place == 0 else 1))
    blocks, narrow = bottlenecks(stem, table, nn.ReLU6)
    last = round_channels(1280, max(1.0, width))
    first = ConvBlock(in_channels, stem, stride=2, activation=nn.ReLU6)
    return Classifier(nn.Sequential(first, *blocks, ConvBlock(narrow, last, 1, activation=nn.ReLU6)),
                      nn.Linear(last, classes))


def mobilenet_v3_small(classes, width, in_channels=3):
    """Eleven inverted residuals, most with squeeze-and-excite and hard swish."""
    stem, hidden = round_channels(16, width), round_channels(1024, width)
    blocks, narrow = bottlenecks(stem, [_scaled(line, width) for line in V3_SMALL])
    last = round_channels(576, width)
    first = ConvBlock(in_channels, stem, stride=2, activation=HardSwish)
    features = nn.Sequential(first, *blocks, ConvBlock(narrow, last, 1, activation=HardSwish))
    return Classifier(features, nn.Sequential(nn.Linear(last, hidden), HardSwish(), nn.Linear(hidden, classes)))


def _scaled(line, width):
    wide = round_channels(line.wide, width)
    excite = line.excite and round_channels(wide, 1 / 4)
    return replace(line, wide=wide, channels=round_channels(line.channels, width), excite=excite)


def ds_cnn(classes, width, in_channels=1):
    """A 10 x 4 convolution and four depthwise separable ones on a spectrogram (N, 1, time, bands)."""
    channels = round_channels(64, width)
    first = nn.Sequential(
        nn.ZeroPad2d((1, 2, 4, 5)),  # ceil(n / 2) places along both axes, as 'same'
        nn.Conv2d(in_channels, channels, (10, 4), 2, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    )
    blocks, _ = separables(channels, [(channels, 1)] * 4)
    return Classifier(nn.Sequential(first, *blocks), nn.Linear(channels, classes))


def resnet_8(classes, width, in_channels=3):
    """A convolution and three residuals of two each; the eighth layer classifies."""
    a, b, c = (round_channels(channels, width) for channels in (16, 32, 64))
    blocks = (ConvBlock(in_channels, a), Residual(a, a), Residual(a, b, 2), Residual(b, c, 2))
    return Classifier(nn.Sequential(*blocks), nn.Linear(c, classes))


def pulse_gru(classes, width, in_channels=1):
    """`PulseGru` with all channels and the hidden state scaled; here the "picture" is a signal (N, 1, samples)."""
    front = tuple(replace(spec, channels=round_channels(spec.channels, width)) for spec in GRU_FRONT)
    return PulseGru(classes, front, round_channels(48, width), in_channels)


#: name -> (function, input (C, H, W) or (C, L) and classes as published)
NETWORKS = {
    "mobilenet-v1": (mobilenet_v1, (3, 224, 224), 1000),
    "mobilenet-v2": (mobilenet_v2, (3, 224, 224), 1000),
    "mobilenet-v3-small": (mobilenet_v3_small, (3, 224, 224), 1000),
    "ds-cnn": (ds_cnn, (1, 49, 10), 12),
    "resnet-8": (resnet_8, (3, 32, 32), 10),
    "pulse-gru": (pulse_gru, (1, 1000), 6),
}


def build(name, classes=None, width=1.0, in_channels=None):
    """Return the network `name` with random weights; `width` scales its channels. None: as published.

    Raises ValueError for an unknown name.
    """
    function, shape, published = _entry(name)
    return function(classes or published, width, in_channels or shape[0])


def input_shape(name, resolution=1.0):
    """Return (C, H, W) or (C, L) of the published input, its sides times `resolution`.

    >>> input_shape("mobilenet-v1", 96 / 224)
    (3, 96, 96)
    """
    channels, *space = _entry(name)[1]
    return channels, *scaled_size(space, resolution)


def _entry(name):
    if name not in NETWORKS:
        raise ValueError(f"efficient.build: unknown network {name!r}; there are {', '.join(NETWORKS)}")
    return NETWORKS[name]
