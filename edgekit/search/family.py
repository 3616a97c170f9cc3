"""What a search chooses from: a space, what its codes mean, and the hand-made network that is to be beaten."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from edgekit.search.skeleton import costs
from edgekit.search.space import Choice, Space

BITS = Choice("bits", (4, 8))


@dataclass(frozen=True)
class Plan:
    """A network that can be trained: `build()` gives it untrained, `shape` is what it takes without the batch.

    `bits` are those of its weights, `costs` as `skeleton.costs` gives them.
    """

    build: Callable
    shape: tuple
    bits: int
    costs: dict


@dataclass(frozen=True, eq=False)
class Family:
    """A space and what its codes mean.

    `skeleton(settings)` gives the float graph, `network(settings)` the untrained torch network, `input_shape(settings)`
    what it takes without the batch. `baseline` are the settings nearest to the hand-made network. `layers(settings)`
    gives the `ConvSpec` of every block, where a supernet can hold them all. `hand_made()` returns the `Plan` of the
    hand-made network where the space does not hold it.
    """

    task: str
    space: Space
    skeleton: Callable
    network: Callable
    input_shape: Callable
    baseline: dict
    layers: Callable | None = None
    hand_made: Callable | None = None

    def costs(self, code):
        """Return {"macs", "weight_bytes", "peak_ram_bytes"} of a code, as an int8 network, without building it."""
        return dict(_costs(self, self.space.canonical(code)))

    def build(self, code):
        """Return the untrained torch network of a code."""
        return self.network(self.space.settings(code))

    def plan(self, code=None):
        """Return the `Plan` of a code; without one, that of the hand-made network."""
        if code is None and self.hand_made:
            return self.hand_made()
        code = self.space.code(**self.baseline) if code is None else self.space.canonical(code)
        settings = self.space.settings(code)
        return Plan(lambda: self.network(settings), self.input_shape(settings), settings["bits"], self.costs(code))


@cache
def _costs(family, code):
    settings = family.space.settings(code)
    return costs(family.skeleton(settings), settings["bits"])


def each(name, options, blocks):
    """A choice for every block that `depth` may leave out: `name`1, `name`2 and so on."""
    return tuple(Choice(f"{name}{place}", options, ("depth", place)) for place in range(1, blocks + 1))


def fixed(shape):
    """Return the `input_shape` of a family whose networks all take `shape`."""
    return lambda settings: shape
