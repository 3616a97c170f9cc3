"""The widget of lesson 07: which layers shrink when a group of channels does, and what that saves."""

import itertools

import ipywidgets as W
from matplotlib.patches import Rectangle

from edgekit.graph.channel_scores import weight_scores
from edgekit.graph.channels import choose, couple, remove
from edgekit.ui.explorer import Explorer
from edgekit.ui.style import BLUE, FAINT, INK, MUTED, PALETTE, subplots
from edgekit.ui.thinned import COSTS, Layer, Thinned, costs_of, layers_of, numbered, owner

ALL = "all groups"
MULTIPLES = (1, 4, 8, 16)
HINTS = {
    "model": "which network",
    "group": "channels that live and die together; named after the first layer that makes them",
    "ratio": "share of the group's channels that goes: those with the smallest weights",
    "multiple": "widths become the nearest multiple of this; 1 rounds nothing",
}


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
        return [(ALL, ALL), *((f"group {number}: {labels[group.layers[0]]}", group.name)
                              for number, group in enumerate(self.couplings[model].prunable, 1))]

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
        figure.subplots_adjust(left=0.2, right=0.985, top=1 - 0.4 / high, bottom=0.55 / high, wspace=0.46)
        look = {"animated": True, "height": 0.7}
        figure.whole = [rows.add_patch(Rectangle((0, 0), 0, fc=FAINT, **look)) for _ in range(self.rows_most)]
        figure.kept = [rows.add_patch(Rectangle((0, 0), 0, fc=BLUE, **look)) for _ in range(self.rows_most)]
        size = {"fontsize": 9, "va": "center"}
        figure.names = [rows.text(-0.015, i, "", ha="right", transform=rows.get_yaxis_transform(), **size)
                        for i in range(self.rows_most)]
        figure.widths = [rows.text(0, 0, "", ha="left", animated=True, **size) for _ in range(self.rows_most)]
        (figure.readers,) = rows.plot([], [], "<", color=INK, ms=5, animated=True, clip_on=False)  # at the right edge
        rows.set(title="channels of each layer", xlabel="number, colour: group; pale: gone; ◂: reads what shrinks")
        rows.set_yticks([])
        figure.bars = bars.barh(COSTS, [1, 1, 1], color=BLUE, animated=True)
        figure.shares = [bars.text(0, i, "", va="center", fontsize=10, animated=True) for i in range(len(COSTS))]
        bars.set(xlim=(0, 1.32), title="what is left", xlabel="share of the network", ylabel="cost", ylim=(2.6, -0.6))
        return figure

    def draw(self, figure, state):
        names = [group.name for group in self.couplings[state.model].prunable]
        self._frame(figure, state, names)
        edge = figure.axes[0].get_xlim()[1]
        for i in range(self.rows_most):
            row = (figure.whole[i], figure.kept[i], figure.widths[i])
            for artist in row:
                artist.set_visible(i < len(state.layers))
            if i < len(state.layers):
                self._draw_layer(row, i, state.layers[i], names, edge)
        marked = [i for i, layer in enumerate(state.layers) if layer.reads]
        figure.readers.set_data([edge] * len(marked), marked)
        for bar, text, cost in zip(figure.bars, figure.shares, COSTS, strict=True):
            bar.set_width(state.left(cost))
            text.set(x=state.left(cost) + 0.03, text=f"{100 * state.left(cost):.0f} %")

    @staticmethod
    def _draw_layer(row, i, layer, names, edge):
        whole, kept, width = row
        colour = PALETTE[names.index(layer.group) % len(PALETTE)] if layer.group else MUTED
        whole.set_bounds(0, i - 0.35, layer.before, 0.7)
        kept.set_bounds(0, i - 0.35, layer.after, 0.7)
        kept.set_facecolor(colour)
        shown = f"{layer.before}" if layer.after == layer.before else f"{layer.before} → {layer.after}"
        width.set(x=layer.before + 0.01 * edge, y=i, text=shown, color=INK if layer.after < layer.before else MUTED)

    @staticmethod
    def _frame(figure, state, names):
        """Names of the layers, limits of the axes; set only when they change, since that draws everything anew."""
        ax, labels = figure.axes[0], [numbered(layer, names) for layer in state.layers]
        for text, label in itertools.zip_longest(figure.names, labels, fillvalue=""):
            text.set_text(label)
        limits = (0, 1.26 * max(layer.before for layer in state.layers)), (len(state.layers) - 0.4, -0.6)
        if (ax.get_xlim(), ax.get_ylim()) != limits:
            ax.set(xlim=limits[0], ylim=limits[1])

    def sentence(self, state):
        rounded = f", widths in multiples of {state.multiple}" if state.multiple > 1 else ""
        label = next(label for label, name in self._groups(state.model) if name == state.group)
        smaller = f"{len(state.shrinking)} of {len(state.layers)} layers are smaller"
        return (f"{state.model}, {label}, {100 * state.ratio:.0f} % of the channels gone{rounded}: {smaller}, "
                f"{100 * state.left('MACs'):.0f} % of the MACs are left")

    def rows(self, state):
        kinds = {"MACs": "modelled", "weight bytes": "measured", "peak RAM": "modelled"}
        figures = [(f"{cost} ({kinds[cost]})", f"{before:,} → {after:,}{'' if cost == 'MACs' else ' B'}")
                   for cost, (before, after) in state.costs.items()]
        widths = ", ".join(str(layer.after) for layer in state.layers if layer.group)
        return [*figures, ("channels, layer by layer", widths)]
