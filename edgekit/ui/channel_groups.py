"""The widget of lesson 07: which layers shrink when a group of channels does, and what that saves."""

from dataclasses import dataclass

import ipywidgets as W
from matplotlib.patches import Rectangle

from edgekit.graph.channel_scores import picture, weight_scores
from edgekit.graph.channels import choose, couple, remove
from edgekit.graph.cost import macs, weight_bytes
from edgekit.graph.memory import plan
from edgekit.graph.operators import RECURRENT, WITH_WEIGHTS
from edgekit.ui.explorer import Explorer
from edgekit.ui.style import BLUE, FAINT, INK, MUTED, PALETTE, subplots

ALL = "all groups"
MULTIPLES = (1, 4, 8, 16)
COSTS = ("MACs", "weight bytes", "peak RAM")
HINTS = {
    "model": "which network",
    "group": "channels that live and die together; named after the first layer that makes them",
    "ratio": "share of the group's channels that goes: those with the smallest weights",
    "multiple": "widths become the nearest multiple of this; 1 rounds nothing",
}


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


class ChannelGroupExplorer(Explorer):
    """Choose a network, a group of channels and a ratio: `networks` is {name: float graph}.

    >>> from edgekit.nn import zoo
    >>> explorer = ChannelGroupExplorer({"pulse": zoo.load("ppg-cnn")})
    >>> explorer.set(ratio=0.5)
    >>> round(explorer.compute(**explorer.values).left("MACs"), 3)
    0.253
    """

    def __init__(self, networks):
        if not networks:
            raise ValueError("ChannelGroupExplorer: no networks; give {name: float graph}")
        self.couplings = {name: couple(graph) for name, graph in networks.items()}
        stuck = [name for name, coupling in self.couplings.items() if not coupling.prunable]
        if stuck:
            why = self.couplings[stuck[0]]
            raise ValueError(f"ChannelGroupExplorer: nothing of {stuck[0]!r} can be pruned:\n{why}")
        self.scores = {name: weight_scores(coupling, 2) for name, coupling in self.couplings.items()}
        self.costs = {name: costs_of(graph) for name, graph in networks.items()}
        self.rows_most = max(len(layers_of(coupling)) for coupling in self.couplings.values())
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "115px"}, "layout": W.Layout(width="340px")}
        first = next(iter(self.couplings))
        controls = {
            "model": W.Dropdown(options=list(self.couplings), description="network", **look),
            "group": W.Dropdown(options=self._groups(first), description="group", **look),
            "ratio": W.FloatSlider(0.4, min=0.0, max=0.9, step=0.05, readout_format=".0%", description="channels gone",
                                   **look),
            "multiple": W.SelectionSlider(options=MULTIPLES, description="multiple of", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def _groups(self, model):
        labels = {box["name"]: box["label"] for box in layers_of(self.couplings[model])}
        return [(ALL, ALL), *((labels[group.layers[0]], group.name) for group in self.couplings[model].prunable)]

    def adjust(self, values):
        control, groups = self.controls["group"], self._groups(values["model"])
        if list(control.options) != groups:  # another network
            with self.unwatched():
                control.options = groups

    def compute(self, model, group, ratio, multiple):
        coupling = self.couplings[model]
        chosen = [g for g in coupling.prunable if group in (ALL, g.name)]
        ratios = {g.name: min(round(ratio, 6), 1 - 1 / g.width) for g in chosen}
        smaller = remove(coupling, choose(coupling, self.scores[model], ratios, multiple))
        after = costs_of(smaller)
        thin = {g.name for g in chosen if smaller.tensors[g.name].shape[-1] < coupling.graph.tensors[g.name].shape[-1]}
        readers = {name for g in chosen if g.name in thin for name in g.readers}
        whole = {g.name for g in coupling.groups if g.reason}
        layers = tuple(Layer(box["label"], owner(box, whole), coupling.graph.tensors[box["name"]].shape[-1],
                             smaller.tensors[box["name"]].shape[-1], box["name"] in readers)
                       for box in layers_of(coupling))
        costs = {name: (self.costs[model][name], after[name]) for name in COSTS}
        return Thinned(model, group, ratio, multiple, layers, costs)

    def make_figure(self):
        figure, (rows, bars) = subplots(ncols=2, width=9.4, height=1.2 + 0.19 * self.rows_most, layout=None,
                                        width_ratios=(2.6, 1))
        high = figure.get_figheight()
        figure.subplots_adjust(left=0.19, right=0.985, top=1 - 0.4 / high, bottom=0.55 / high, wspace=0.46)
        look = {"animated": True, "height": 0.7}
        figure.whole = [rows.add_patch(Rectangle((0, 0), 0, fc=FAINT, **look)) for _ in range(self.rows_most)]
        figure.kept = [rows.add_patch(Rectangle((0, 0), 0, fc=BLUE, **look)) for _ in range(self.rows_most)]
        size = {"fontsize": 8.5, "va": "center", "animated": True}
        figure.names = [rows.text(0, 0, "", ha="right", **size) for _ in range(self.rows_most)]
        figure.widths = [rows.text(0, 0, "", ha="left", **size) for _ in range(self.rows_most)]
        (figure.readers,) = rows.plot([], [], "<", color=INK, ms=5, animated=True, clip_on=False)  # at the right edge
        rows.set(title="channels of each layer", xlabel="pale: gone; one colour: one group; ◂: reads what shrinks")
        rows.set_yticks([])
        figure.bars = bars.barh(COSTS, [1, 1, 1], color=BLUE, animated=True)
        figure.shares = [bars.text(0, i, "", va="center", fontsize=10, animated=True) for i in range(len(COSTS))]
        bars.set(xlim=(0, 1.32), title="what is left", xlabel="share of the network", ylabel="cost", ylim=(2.6, -0.6))
        return figure

    def draw(self, figure, state):
        self._frame(figure.axes[0], state)
        names = list(dict.fromkeys(layer.group for layer in state.layers if layer.group))
        edge = figure.axes[0].get_xlim()[1]
        for i in range(self.rows_most):
            row = (figure.whole[i], figure.kept[i], figure.names[i], figure.widths[i])
            for artist in row:
                artist.set_visible(i < len(state.layers))
            if i < len(state.layers):
                self._draw_layer(row, i, state.layers[i], names, edge)
        marked = [i for i, layer in enumerate(state.layers) if layer.reads]
        figure.readers.set_data([edge] * len(marked), marked)
        for bar, text, cost in zip(figure.bars, figure.shares, COSTS, strict=True):
            bar.set_width(state.left(cost))
            text.set(x=state.left(cost) + 0.03, text=f"{state.left(cost):.0%}")

    @staticmethod
    def _draw_layer(row, i, layer, names, edge):
        whole, kept, name, width = row
        colour = PALETTE[names.index(layer.group) % len(PALETTE)] if layer.group else MUTED
        whole.set_bounds(0, i - 0.35, layer.before, 0.7)
        kept.set_bounds(0, i - 0.35, layer.after, 0.7)
        kept.set_facecolor(colour)
        name.set(x=-0.02 * edge, y=i, text=layer.label, color=INK if layer.after < layer.before else MUTED)
        shown = f"{layer.before}" if layer.after == layer.before else f"{layer.before} → {layer.after}"
        width.set(x=layer.before + 0.01 * edge, y=i, text=shown, color=INK if layer.after < layer.before else MUTED)

    @staticmethod
    def _frame(ax, state):
        """Limits of the axes; set only when they change, since that draws everything anew."""
        limits = (0, 1.26 * max(layer.before for layer in state.layers)), (len(state.layers) - 0.4, -0.6)
        if (ax.get_xlim(), ax.get_ylim()) != limits:
            ax.set(xlim=limits[0], ylim=limits[1])

    def sentence(self, state):
        rounded = f", widths in multiples of {state.multiple}" if state.multiple > 1 else ""
        label = next(label for label, name in self._groups(state.model) if name == state.group)
        smaller = f"{len(state.shrinking)} of {len(state.layers)} layers are smaller"
        return (f"{state.model}, {label}, {state.ratio:.0%} of the channels gone{rounded}: {smaller}, "
                f"{state.left('MACs'):.0%} of the MACs are left")

    def rows(self, state):
        kinds = {"MACs": "modelled", "weight bytes": "measured", "peak RAM": "modelled"}
        figures = [(f"{cost} ({kinds[cost]})", f"{before:,} → {after:,}")
                   for cost, (before, after) in state.costs.items()]
        return [*figures, ("widths", ", ".join(str(layer.after) for layer in state.layers if layer.group))]


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
