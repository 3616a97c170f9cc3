"""Seeing networks: inverted residuals, after MobileNetV2, at 48 to 96 pixels."""

from edgekit.search.family import BITS, Family, Plan, each
from edgekit.search.skeleton import Skeleton, costs
from edgekit.search.space import Choice, Space

CAMERA_BLOCKS = 6
CAMERA_CHANNELS = (8, 16, 16, 24, 24, 32)
CAMERA_STRIDES = (1, 2, 2, 2, 1, 1)
CAMERA = Space("camera-presence", (
    Choice("resolution", (48, 64, 80, 96)),
    Choice("depth", (3, 4, 5, 6)),
    Choice("width", (0.5, 1.0, 1.5)),
    Choice("last", (64, 96, 144)),
    *each("expansion", (2, 3, 4), CAMERA_BLOCKS),
    *each("kernel", (3, 5), CAMERA_BLOCKS),
    BITS,
))


def camera_blocks(settings):
    """Return (stem channels, [(widened channels, channels, kernel, stride)]) of a seeing network."""
    scaled = [round(channels * settings["width"]) for channels in CAMERA_CHANNELS]
    before, table = scaled[0], []
    for i, channels in enumerate(scaled[: settings["depth"]], start=1):
        table.append((before * settings[f"expansion{i}"], channels, settings[f"kernel{i}"], CAMERA_STRIDES[i - 1]))
        before = channels
    return scaled[0], table


def camera_skeleton(settings):
    """Return the float graph of a seeing network."""
    stem, table = camera_blocks(settings)
    net = Skeleton((settings["resolution"], settings["resolution"], 3)).conv(stem, (3, 3), (2, 2))
    for wide, channels, kernel, stride in table:
        before, shape = net.last, net.shape
        net.conv(wide).depthwise((kernel, kernel), (stride, stride)).conv(channels, activation=None)
        if net.shape == shape:
            net.add(before)
    return net.conv(settings["last"], activation=None).swish().mean().dense(4).graph()


def camera_network(settings):
    """Return the torch network of a seeing network: (N, 3, R, R) -> (N, 4), R its resolution."""
    from edgekit.nn.camera import Bottleneck, MobileNetV3, PresenceNet

    stem, table = camera_blocks(settings)
    blocks = [Bottleneck(wide, channels, kernel, stride) for wide, channels, kernel, stride in table]
    return PresenceNet(MobileNetV3(stem, blocks[:3], blocks[3:], settings["last"]))


def hand_made():
    """Return the `Plan` of the kit's network after MobileNetV3, whose squeeze-and-excite this space does not hold."""
    from edgekit.graph.fold import fold
    from edgekit.nn.camera import build
    from edgekit.nn.export import to_graph

    shape = (3, 96, 96)
    net = build("camera-presence", "v3")
    return Plan(lambda: build("camera-presence", "v3"), shape, 8, costs(fold(to_graph(net, shape, "v3", {}))))


def input_shape(settings):
    """What a seeing network takes: colour pictures of its resolution."""
    return 3, settings["resolution"], settings["resolution"]


FAMILY = Family("camera-presence", CAMERA, camera_skeleton, camera_network, input_shape, {
    "resolution": 96, "depth": 6, "width": 1.0, "last": 144, **{f"expansion{i}": 3 for i in range(1, 7)},
    **{f"kernel{i}": 3 for i in range(1, 7)}, "bits": 8}, hand_made=hand_made)
