"""Networks that see: two backbones, a head that names what is there, a head that finds where.

Both backbones take (N, 3, 96, 96) in -1..1 and give two maps: (N, C, 12, 12) and (N, C', 6, 6).
"""

from torch import nn

from edgekit.nn.blocks import ConvBlock, HardSwish, Separable
from edgekit.nn.chains import Bottleneck, bottlenecks, separables

# MobileNetV1 at width 0.25 (Howard et al. 2017, table 1), without its last stride: (channels, stride) of each
# block
V1_FINE = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1))
V1_COARSE = ((128, 2), (128, 1), (128, 1), (128, 1), (192, 1))


# after MobileNetV3-Small (Howard et al. 2019, table 2) at half its width
V3_FINE = (
    Bottleneck(8, 8, stride=2, excite=True),
    Bottleneck(36, 16, stride=2),
    Bottleneck(44, 16),
)
V3_COARSE = (
    Bottleneck(48, 24, 5, 2, True, True),
    Bottleneck(96, 24, 5, 1, True, True),
    Bottleneck(96, 24, 5, 1, True, True),
    Bottleneck(72, 32, 5, 1, True, True),
    Bottleneck(128, 48, 5, 1, True, True),
)


class MobileNetV1(nn.Module):
    """Depthwise separable convolutions in a row, ReLU everywhere."""

    def __init__(self, stem=8, fine=V1_FINE, coarse=V1_COARSE):
        super().__init__()
        self.stem = ConvBlock(3, stem, stride=2)
        self.fine, width = separables(stem, fine)
        self.coarse, last = separables(width, coarse)
        self.widths = (width, last)

    def forward(self, x):
        fine = self.fine(self.stem(x))
        return fine, self.coarse(fine)


class MobileNetV3(nn.Module):
    """Inverted residuals with squeeze-and-excite and hard swish.

    The stem has ReLU, not hard swish as published: equalization works through ReLU alone, and gives each channel of
    the first map, whose noise all others amplify, the whole of its 8 bits.
    """

    def __init__(self, stem=8, fine=V3_FINE, coarse=V3_COARSE, last=144):
        super().__init__()
        self.stem = ConvBlock(3, stem, stride=2)
        self.fine, width = bottlenecks(stem, fine)
        self.coarse, narrow = bottlenecks(width, coarse)
        self.coarse.append(ConvBlock(narrow, last, 1, activation=HardSwish))
        self.widths = (width, last)

    def forward(self, x):
        fine = self.fine(self.stem(x))
        return fine, self.coarse(fine)


class PresenceNet(nn.Module):
    """What is in the picture: (N, 3, 96, 96) -> (N, classes) logits, from the mean of the coarse map."""

    def __init__(self, backbone, classes=4, dropout=0.1):
        super().__init__()
        self.backbone = backbone
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(backbone.widths[1], classes)

    def forward(self, x):
        return self.head(*self.backbone(x))

    def head(self, fine, coarse):
        """Logits from the two maps of the backbone."""
        mean = coarse.mean((2, 3))  # not a pooling, whose integers would keep the coarse grid of its input
        return self.classify(self.dropout(mean))


class CenterNet(nn.Module):
    """Where things are: (N, 3, 96, 96) -> (N, classes + 4, 12, 12).

    The first channels are the logits of a centre of each class, the others the distances to the four sides in
    cells (after Zhou et al. 2019, Objects as Points, and Tian et al. 2019, FCOS). The coarse map, doubled in
    size, tells the fine one what lies around.
    """

    def __init__(self, backbone, classes=2, width=64):
        super().__init__()
        fine, coarse = backbone.widths
        self.backbone, self.classes = backbone, classes
        self.narrow = ConvBlock(coarse, width, 1)
        self.lift = ConvBlock(fine, width, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.mix = nn.Sequential(Separable(width, width), Separable(width, width))
        self.answer = nn.Conv2d(width, classes + 4, 1)
        nn.init.constant_(self.answer.bias[:classes], -4.0)  # most cells are empty: start there
        nn.init.constant_(self.answer.bias[classes:], 1.5)

    def forward(self, x):
        return self.head(*self.backbone(x))

    def head(self, fine, coarse):
        """The answer on the grid from the two maps of the backbone."""
        return self.answer(self.mix(self.lift(fine) + self.up(self.narrow(coarse))))


class Pair(nn.Module):
    """Both networks on the backbone they share, as they are trained: x -> (presence logits, answer on the grid)."""

    def __init__(self, presence, detector):
        super().__init__()
        self.presence, self.detector = presence, detector

    def forward(self, x):
        maps = self.presence.backbone(x)
        return self.presence.head(*maps), self.detector.head(*maps)


HEADS = {"camera-presence": PresenceNet, "camera-detect": CenterNet}
BACKBONES = {"v1": MobileNetV1, "v3": MobileNetV3}


def build(task, backbone):
    """The network of "camera-presence" or "camera-detect" with the backbone "v1" or "v3"."""
    if task not in HEADS or backbone not in BACKBONES:
        raise ValueError(
            f"camera.build: unknown task {task!r} or backbone {backbone!r}; "
            f"tasks: {', '.join(HEADS)}; backbones: {', '.join(BACKBONES)}"
        )
    return HEADS[task](BACKBONES[backbone]())


def build_pair(backbone):
    """Both networks, `PresenceNet` and `CenterNet`, on one shared backbone."""
    presence = build("camera-presence", backbone)
    return presence, CenterNet(presence.backbone)
