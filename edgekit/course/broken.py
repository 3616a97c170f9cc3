"""Models that are broken on purpose, and can be repaired: the patients of the lessons."""

import numpy as np

from edgekit.graph.equalize import links, rescale

CHANNELS, FACTOR = (3, 7), 256.0


def with_outlier_channels(graph, activation, channels=CHANNELS, factor=FACTOR):
    """Return a folded float `graph` that computes the same, with some channels of `activation` shrunk by `factor`.

    The layer that makes these channels gets weights `factor` times smaller, the one that reads them `factor` times
    larger. With a power of two not one bit of any output changes. Cross-layer equalization undoes it.
    Raises ValueError for an activation that cannot be rescaled, and for channels that it does not have.

    >>> from edgekit.graph.fold import fold
    >>> from edgekit.nn import zoo
    >>> healthy = fold(zoo.load("ppg-cnn"))
    >>> broken = with_outlier_channels(healthy, "relu_3")
    >>> w = "features.4.0.weight.folded"
    >>> ratio = broken.tensors[w].data / healthy.tensors[w].data
    >>> ratio[0, 0, 0, [3, 7, 8]].tolist()
    [256.0, 256.0, 1.0]
    """
    names = [link.activation for link in links(graph) if not link.reason]
    if activation not in names:
        raise ValueError(f"with_outlier_channels: {activation!r} cannot be rescaled; there are {', '.join(names)}")
    count = graph.tensors[activation].shape[-1]
    if not all(0 <= channel < count for channel in channels):
        raise ValueError(f"with_outlier_channels: channels must be 0..{count - 1}, got {tuple(channels)}")
    s = np.ones(count)
    s[list(channels)] = factor
    return rescale(graph, {activation: s})
