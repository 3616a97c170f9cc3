"""What is left of a network whose groups of channels were thinned, layer by layer, and what it costs. No drawing."""

from dataclasses import dataclass

from edgekit.graph.channel_scores import picture
from edgekit.graph.cost import macs, weight_bytes
from edgekit.graph.memory import plan
from edgekit.graph.operators import RECURRENT, WITH_WEIGHTS

COSTS = ("MACs", "weight bytes", "peak RAM")


@dataclass(frozen=True)
class Layer:
    """A row of the picture: a layer, its group and its channels before and after; whether it reads what shrinks."""

    label: str
    group: str
    before: int
    after: int
    reads: bool


@dataclass(frozen=True)
class Thinned:
    """A thinner network: its layers, {cost: (before, after)}, and the group that was chosen, or all."""

    model: str
    group: str
    ratio: float
    multiple: int
    layers: tuple
    costs: dict

    def left(self, cost):
        """What is left of a cost, as a share."""
        before, after = self.costs[cost]
        return after / before

    @property
    def shrinking(self):
        """The layers that lose outputs or inputs."""
        return [layer for layer in self.layers if layer.after < layer.before or layer.reads]


def numbered(layer, names):
    """The label of a `Layer` with the number of its group among the `names` of groups.

    >>> numbered(Layer("conv", "b", 8, 4, False), ["a", "b"]), numbered(Layer("classify", "", 6, 6, True), ["a", "b"])
    ('2 · conv', 'classify')
    """
    return f"{names.index(layer.group) + 1} · {layer.label}" if layer.group else layer.label


def layers_of(coupling):
    """The boxes of the coupling's picture that have weights."""
    return [box for box in picture(coupling)[0] if box["op"] in (*WITH_WEIGHTS, *RECURRENT)]


def owner(box, whole=()):
    """The group to which most of a layer's channels belong; "" for one of those that stay `whole`.

    >>> owner({"groups": {"a": 2, "b": 6}}), owner({"groups": {"a": 2}}, {"a"})
    ('b', '')
    """
    name = max(box["groups"], key=box["groups"].get, default="")
    return "" if name in whole else name


def costs_of(graph):
    """Return {"MACs", "weight bytes", "peak RAM"} of a float graph."""
    return dict(zip(COSTS, (macs(graph), weight_bytes(graph), plan(graph).peak_ram_bytes), strict=True))
