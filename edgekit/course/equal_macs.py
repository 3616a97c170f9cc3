"""Blocks that cost the same MACs, to be raced against each other.

At every place of the map each costs 9,216 products, within 2 %; the grouped ones exactly, and each with 9,216 weights:
K^2 C^2 / groups stays when the groups grow by four and the channels double.
"""

import numpy as np

from edgekit.core import block_costs
from edgekit.graph.fold import fold

CHANNELS = 32
GROUPS = (1, 4, 16, 64, 256, 1024)


def grouped(groups):
    """Return the channels at which a 3 x 3 convolution in `groups` costs what 32 channels in one group do.

    >>> [grouped(groups) for groups in GROUPS]
    [32, 64, 128, 256, 512, 1024]
    """
    return int(CHANNELS * groups**0.5)


def layers(name, side):
    """Return the layers of the block `name` on a map of `side` x `side`, for counting."""
    size = (side, side)
    if name in OTHERS:
        return OTHERS[name][1](size)
    groups = int(name)
    return block_costs.standard(size, grouped(groups), grouped(groups), 3, 1, groups)


def graph(name, side, seed=0):
    """Return (folded float graph, batch of one) of the block `name`, its weights and input drawn by `seed`."""
    from edgekit.nn.blocks import ConvBlock
    from edgekit.nn.export import to_graph
    from edgekit.nn.train import seeded

    channels = OTHERS[name][0] if name in OTHERS else grouped(int(name))
    block = seeded(lambda: _other(name) if name in OTHERS else ConvBlock(channels, channels, groups=int(name)), seed)
    x = np.random.default_rng(seed).standard_normal((1, side, side, channels), np.float32)
    return fold(to_graph(block.eval(), (channels, side, side), f"block {name}", {})), x


def moved_bytes(found, itemsize=4):
    """Return the bytes that `found`, layers, read and write at the least: activations and weights, each once a layer.

    >>> moved_bytes(layers("1024", 24)) // moved_bytes(layers("1", 24))
    25
    """
    return itemsize * sum(layer.reads + layer.writes + layer.weights for layer in found)


def intensity(found):
    """Return the MACs that `found`, layers, compute for each byte they move."""
    return block_costs.macs(found) / moved_bytes(found)


def _other(name):
    from edgekit.nn.blocks import ConvBlock, InvertedResidual, Separable

    return {"pointwise": lambda: ConvBlock(96, 96, 1), "separable": lambda: Separable(96, 88),
            "inverted": lambda: InvertedResidual(24, 160, 24),
            "excited": lambda: InvertedResidual(24, 160, 24, excite=40)}[name]()


#: name -> (channels of the input, layers for a size)
OTHERS = {
    "pointwise": (96, lambda size: block_costs.standard(size, 96, 96, 1)),
    "separable": (96, lambda size: block_costs.separable(size, 96, 88)),
    "inverted": (24, lambda size: block_costs.inverted_residual(size, 24, 160, 24)),
    "excited": (24, lambda size: block_costs.inverted_residual(size, 24, 160, 24, narrow=40)),
}


def times(rivals, seed, rounds):
    """Return {(name, side): seconds per MAC in ONNX Runtime, one thread} of `rivals`, pairs (name, side).

    All take turns, in an order drawn by `seed`, and the least of the rounds counts.
    """
    from edgekit.deploy.ort_time import race, runners

    order = [rivals[i] for i in np.random.default_rng(seed).permutation(len(rivals))]
    taken = race(runners({rival: graph(*rival, seed) for rival in order}), rounds)
    return {rival: taken[rival] / block_costs.macs(layers(*rival)) for rival in rivals}
