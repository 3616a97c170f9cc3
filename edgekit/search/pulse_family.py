"""Pulse networks: 1-D convolutions; a stem, a strided convolution, a body of 1 to 4 blocks."""

from edgekit.search.family import BITS, Family, each, fixed
from edgekit.search.skeleton import Skeleton
from edgekit.search.space import Choice, Space

BODY = 4
#: dilations of the body by the stride before it: both span the same time
DILATIONS = {2: (2, 4, 8, 1), 4: (1, 2, 4, 1)}

PULSE = Space("ppg", (
    Choice("depth", (1, 2, 3, 4)),
    Choice("stem", (8, 16)),
    Choice("stem_kernel", (5, 9)),
    Choice("width0", (16, 24, 32, 40)),
    Choice("kernel0", (3, 7)),
    Choice("stride", (4, 2)),
    *each("width", (16, 24, 32, 40), BODY),
    *each("kernel", (3, 5), BODY),
    BITS,
))


def pulse_layers(settings):
    """Return the `ConvSpec` of every block of a pulse network."""
    from edgekit.nn.models import ConvSpec

    stride = settings["stride"]
    body = (ConvSpec(settings[f"width{i}"], settings[f"kernel{i}"], dilation=DILATIONS[stride][i - 1])
            for i in range(1, settings["depth"] + 1))
    return (ConvSpec(settings["stem"], settings["stem_kernel"], 4),
            ConvSpec(settings["width0"], settings["kernel0"], stride), *body)


def pulse_skeleton(settings):
    """Return the float graph of a pulse network."""
    net = Skeleton((1, 1000, 1))
    for spec in pulse_layers(settings):
        net.conv(spec.channels, (1, spec.kernel), (1, spec.stride), (1, spec.dilation))
    return net.pool().dense(6).graph()


def pulse_network(settings):
    """Return the torch network of a pulse network."""
    from edgekit.nn.models import PulseNet

    return PulseNet(layers=pulse_layers(settings))


FAMILY = Family("ppg", PULSE, pulse_skeleton, pulse_network, fixed((1, 1000)), {
    "depth": 4, "stem": 16, "stem_kernel": 9, "width0": 32, "kernel0": 7, "stride": 2,
    **{f"width{i}": 32 for i in range(1, 5)}, **{f"kernel{i}": 5 for i in range(1, 5)}, "bits": 8},
    pulse_layers)
