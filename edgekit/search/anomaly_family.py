"""Autoencoders that know healthy machines: dense layers, down to a bottleneck and back."""

from edgekit.search.family import BITS, Family, fixed
from edgekit.search.skeleton import Skeleton
from edgekit.search.space import Choice, Space

BINS = 32 * 40
AUTOENCODER = Space("acoustic-anomaly", (
    Choice("depth", (1, 2)),
    Choice("hidden", (16, 24, 32, 48, 64, 96)),
    Choice("inner", (8, 16, 32, 64), ("depth", 2)),
    Choice("narrow", (2, 4, 8, 16)),
    BITS,
))


def widths(settings):
    """Return the widths from the first dense layer to the bottleneck."""
    inner = (settings["inner"],) if settings["depth"] == 2 else ()
    return (settings["hidden"], *inner, settings["narrow"])


def anomaly_skeleton(settings):
    """Return the float graph of an autoencoder."""
    down = widths(settings)
    net = Skeleton((32, 40, 1)).flat()
    for width in (*down, *down[-2::-1]):
        net.dense(width, activation="relu")
    return net.dense(BINS).graph()


def anomaly_network(settings):
    """Return the torch network of an autoencoder."""
    from edgekit.nn.sound_family import autoencoder

    return autoencoder(widths(settings))


FAMILY = Family("acoustic-anomaly", AUTOENCODER, anomaly_skeleton, anomaly_network, fixed((1, 32, 40)),
                {"depth": 1, "hidden": 64, "narrow": 4, "bits": 8})
