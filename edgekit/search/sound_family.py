"""Listening networks that name faults: separable 2-D convolutions on log-mel."""

from edgekit.search.family import BITS, Family, each, fixed
from edgekit.search.skeleton import Skeleton
from edgekit.search.space import Choice, Space

SOUND_BLOCKS = 5
SOUND = Space("acoustic-fault", (
    Choice("depth", (2, 3, 4, 5)),
    Choice("stem", (4, 8, 12)),
    Choice("stem_kernel", (3, 5)),
    *(Choice(f"channels{i}", options, ("depth", i)) for i, options in enumerate(
        ((8, 12, 16, 24), (12, 16, 24, 32), (16, 24, 32, 48), (24, 32, 48), (24, 32, 48)), start=1)),
    *each("kernel", (3, 5), SOUND_BLOCKS),
    BITS,
))
SOUND_STRIDES = (2, 1, 2, 1, 1)


def sound_blocks(settings):
    """Return (channels, stride, kernel) of every separable block."""
    return [(settings[f"channels{i}"], SOUND_STRIDES[i - 1], settings[f"kernel{i}"])
            for i in range(1, settings["depth"] + 1)]


def sound_skeleton(settings):
    """Return the float graph of a listening network."""
    net = Skeleton((32, 40, 1)).conv(settings["stem"], (settings["stem_kernel"],) * 2, (2, 2))
    for channels, stride, kernel in sound_blocks(settings):
        net.depthwise((kernel, kernel), (stride, stride)).conv(channels)
    return net.pool().dense(15).graph()


def sound_network(settings):
    """Return the torch network of a listening network."""
    from edgekit.nn.sound_family import sound_net

    return sound_net(settings["stem"], settings["stem_kernel"], sound_blocks(settings))


FAMILY = Family("acoustic-fault", SOUND, sound_skeleton, sound_network, fixed((1, 32, 40)), {
    "depth": 4, "stem": 8, "stem_kernel": 5, "channels1": 16, "channels2": 24, "channels3": 32, "channels4": 32,
    **{f"kernel{i}": 3 for i in range(1, 5)}, "bits": 8})
