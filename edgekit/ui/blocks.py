"""What one block of a network costs, and how long it took when all of them were measured. Pure computing, no drawing.

Times were taken ahead, in ONNX Runtime on one thread, and are stored with their host:
`python -m benchmarks.block_times`.
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from edgekit.core import block_costs

CHANNELS, KERNELS, SIDES = (16, 32, 64, 128), (3, 5), (6, 12, 24, 48)
#: kind -> what its factor is, and which values it takes
FACTORS = {
    "standard": (None, (1,)),
    "grouped": ("groups", (2, 4, 8)),
    "separable": (None, (1,)),
    "inverted": ("expansion", (2, 4, 6)),
    "excited": ("expansion", (2, 4, 6)),
}
NAMES = {"standard": "standard", "grouped": "grouped", "separable": "depthwise separable",
         "inverted": "inverted residual", "excited": "inverted residual + squeeze-excite"}
TIMES = Path(__file__).with_name("block_times.json")


@dataclass(frozen=True)
class Block:
    """A block from `channels` to as many, on a map of `side` x `side`; `factor` is its groups or its expansion."""

    kind: str
    channels: int
    kernel: int
    factor: int
    side: int

    @cached_property
    def layers(self):
        """Its convolutions."""
        size, c = (self.side, self.side), self.channels
        if self.kind in ("standard", "grouped"):
            return block_costs.standard(size, c, c, self.kernel, 1, self.factor)
        if self.kind == "separable":
            return block_costs.separable(size, c, c, self.kernel)
        wide = self.factor * c
        return block_costs.inverted_residual(size, c, wide, c, self.kernel, 1, self.narrow)

    @property
    def narrow(self):
        """How narrow the squeeze is, None without one: a quarter of the wide channels."""
        return max(8, self.factor * self.channels // 4) if self.kind == "excited" else None

    @property
    def macs(self):
        """Multiply-accumulates of one inference."""
        return block_costs.macs(self.layers)

    @property
    def weights(self):
        """Weights, without biases."""
        return block_costs.weights(self.layers)

    @property
    def big(self):
        """Its convolutions on the map, without those of a squeeze-and-excite, which see the means alone."""
        return tuple(layer for layer in self.layers if layer.name not in ("squeeze", "excite"))

    @property
    def ram(self):
        """The most activations that live at once, one byte each: what a layer reads and writes, and what waits."""
        waits = self.big[0].reads if self.kind in ("inverted", "excited") else 0
        steps = [layer.reads + layer.writes + (waits if i else 0) for i, layer in enumerate(self.big)]
        if self.kind == "excited":  # the product with the gates reads and writes the wide map
            steps.append(2 * self.big[1].writes + waits + self.big[1].channels)
        return max(*steps, 3 * waits)

    @property
    def moved(self):
        """Bytes of 8 bits that its convolutions read and write: activations and weights, once for each layer."""
        return sum(layer.reads + layer.writes + layer.weights for layer in self.layers)

    @property
    def milliseconds(self):
        """The measured time."""
        return stored()["ms"][self.key]

    @property
    def key(self):
        """Its name among the stored times."""
        return f"{self.kind} {self.channels} {self.kernel} {self.factor} {self.side}"

    @property
    def plain(self):
        """The standard block of the same shape."""
        return Block("standard", self.channels, self.kernel, 1, self.side)


def every():
    """Return all blocks of the widget."""
    return tuple(Block(kind, channels, kernel, factor, side) for kind, (_, factors) in FACTORS.items()
                 for channels in CHANNELS for kernel in KERNELS for factor in factors for side in SIDES)


@cache
def stored():
    """Return the stored times: {"host", "runtime", "ms": {key: milliseconds}}."""
    return json.loads(TIMES.read_text(encoding="utf-8"))
