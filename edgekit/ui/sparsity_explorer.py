"""The widget of lesson 06: which weights stay, what they are worth, and what they weigh in each format."""

from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as W
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from edgekit.core import masks as core
from edgekit.course.sparsity import FIXED, STRUCTURES, kept, pruned, weights, with_zeros
from edgekit.graph import cost
from edgekit.graph.fold import fold
from edgekit.graph.ptq import quantize_graph
from edgekit.graph.sparse_size import stored
from edgekit.ui.explorer import Explorer
from edgekit.ui.style import BLUE, FAINT, INK, MARKERS, MUTED, PALETTE, PLATE, subplots

#: schedule: in words
SCHEDULES = {
    "untrained": "at once, no training",
    "once": "at once, then training",
    "gradual": "gradually, while it trains",
}
FORMS = {"dense": "dense", "bitmap": "bitmap", "run": "runs of 4 bits", "csr": "CSR", "huffman": "Huffman"}
HINTS = {
    "sparsity": "share of all weights that are 0; 2:4 and 1:4 have their own",
    "structure": "which weights are taken together",
    "schedule": "when they go; gradually was studied for all layers together",
    "layer": "whose mask is drawn; masks are those of the shipped network before any training",
}


@dataclass(frozen=True, eq=False)
class Shown:
    """What the widget shows: a layer's mask, the bytes of the whole network by format, curves and a chosen point."""

    structure: str
    schedule: str
    sparsity: float
    layer: str
    mask: np.ndarray
    zeros: float
    bytes: dict
    curves: dict
    value: float
    interval: tuple


class SparsityExplorer(Explorer):
    """What is left of a network: `graph` in floats, `ranges` of its folded activations, `study` of its curves.

    The study's values are named SCHEDULE_STRUCTURE_PERCENT, as in the study `sparsity_curves`. Bytes are lengths of
    what is really serialized: int8 codes in the format, and everything else that inference needs.
    """

    def __init__(self, graph, ranges, study, metric="macro F1"):
        self.graph, self.ranges, self.study, self.metric = graph, ranges, study, metric
        self.integer = quantize_graph(fold(graph), ranges)
        self.curves = curves_of(study)
        self.sparsities = sorted({sparsity for curve in self.curves.values() for sparsity in curve})
        self.sizes = {name: w.size for name, w in weights(graph).items()}
        self._parts = lru_cache(maxsize=64)(self._parts_uncached)
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "70px"}, "layout": W.Layout(width="380px")}
        sparsity = W.SelectionSlider(options=[(f"{100 * s:.0f} %", s) for s in self.sparsities],
                                     value=self.sparsities[-1], description="sparsity", **look)
        largest = max(self.sizes, key=self.sizes.get)
        controls = {
            "sparsity": sparsity,
            "structure": W.Dropdown(options={words: name for name, words in STRUCTURES.items()},
                                    description="structure", **look),
            "schedule": W.Dropdown(options=[(words, name) for name, words in SCHEDULES.items()], value="once",
                                   description="schedule", **look),
            "layer": W.Dropdown(options=list(self.sizes), value=largest, description="layer", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def adjust(self, values):
        fixed = values["structure"] in FIXED
        self.controls["sparsity"].disabled, self.controls["sparsity"].readout = fixed, not fixed
        if (values["schedule"], values["structure"]) not in self.curves:
            with self.unwatched():  # what is shown is what the control says
                self.controls["schedule"].value = "once"

    def compute(self, sparsity, structure, schedule, layer):
        sparsity = FIXED.get(structure, sparsity)
        found = self.curves[schedule, structure]
        sparsity = min(found, key=lambda other: abs(other - sparsity))
        masks, sizes = self._parts(structure, sparsity)
        key = found[sparsity]
        return Shown(structure, schedule, sparsity, layer, masks[layer], core.sparsity(masks), sizes,
                     {pair: curve for pair, curve in self.curves.items() if pair[1] == structure},
                     self.study.mean(key), self.study.interval(key))

    def _parts_uncached(self, structure, sparsity):
        """(masks of the float graph, {format: bytes of the whole int8 graph})."""
        masks = kept(self.graph, structure, sparsity)
        if structure == "channels":
            integer = quantize_graph(fold(pruned(self.graph, structure, sparsity)), self.ranges)
        else:
            integer = with_zeros(self.integer, {self._in_integer(name): mask for name, mask in masks.items()})
        return masks, {form: len(b"".join(stored(integer, form).values())) for form in FORMS}

    def _in_integer(self, name):
        """The name of a weight in the int8 graph, where batch norms are folded into it."""
        return name if name in self.integer.tensors else f"{name}.folded"

    def make_figure(self):
        figure, axes = subplots(1, 3, height=3.6, width=11.0, width_ratios=(1.25, 1.1, 1.0))
        picture, curves, bars = axes
        figure.mask = picture.imshow(np.zeros((2, 2)), cmap=ListedColormap([FAINT, BLUE]), vmin=0, vmax=1,
                                     aspect="auto", interpolation="nearest", animated=True, extent=(0, 1, 1, 0))
        picture.set(xlabel="weights of one output, side by side", ylabel="outputs", title="What stays (blue)",
                    xticks=[], yticks=[])
        picture.grid(visible=False)
        figure.curves = {name: curves.plot([], [], color=PALETTE[i], marker=MARKERS[i], label=words, animated=True)[0]
                         for i, (name, words) in enumerate(SCHEDULES.items())}
        (figure.interval,) = curves.plot([], [], color=INK, lw=2, marker="_", ms=12, mew=2, label="_guide",
                                         animated=True)
        (figure.ring,) = curves.plot([], [], "o", ms=15, mfc="none", mec=INK, mew=1.8, label="_guide", animated=True)
        whole = self.study.mean("float")
        curves.axhline(whole, color=MUTED, ls="--", lw=1.2, label="_guide")
        curves.text(0.995, whole + 0.02, "unpruned", color=MUTED, fontsize=9.5, ha="right")
        curves.set(xlabel="sparsity", ylabel=self.metric, xlim=(0.4, 1.0), ylim=(-0.42, 1.12),
                   title="What it is worth", yticks=np.linspace(0, 1, 6))
        curves.legend(loc="lower left", fontsize=9)
        self._make_bars(figure, bars)
        return figure

    def _make_bars(self, figure, ax):
        figure.bars = ax.barh(range(len(FORMS)), [0.0] * len(FORMS), 0.7, color=BLUE, label="bytes")
        figure.written = [ax.text(0, y, "", va="center", fontsize=9.5, bbox=PLATE) for y in range(len(FORMS))]
        for artist in (*figure.bars, *figure.written):
            artist.set_animated(True)
        dense = cost.weight_bytes(self.integer)
        ax.axvline(dense, color=MUTED, ls="--", lw=1.2, label="_guide")
        ax.set_yticks(range(len(FORMS)), FORMS.values())
        ax.invert_yaxis()
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
        ax.set(xlim=(0, 1.9 * dense), xlabel="bytes, int8 (dashed: unpruned)", title="What it weighs")
        ax.xaxis.set_major_locator(MaxNLocator(3))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))

    def draw(self, figure, state):
        figure.mask.set_data(state.mask.reshape(len(state.mask), -1).astype(float))
        for name, line in figure.curves.items():
            curve = state.curves.get((name, state.structure), {})
            line.set_data(list(curve), [self.study.mean(key) for key in curve.values()])
            line.set_alpha(1.0 if name == state.schedule else 0.45)
        figure.interval.set_data([state.sparsity] * 2, state.interval)
        figure.ring.set_data([state.sparsity], [state.value])
        smallest = min(state.bytes.values())
        for bar, text, size in zip(figure.bars, figure.written, state.bytes.values(), strict=True):
            bar.set(width=size, alpha=1.0 if size == smallest else 0.5)
            text.set(x=size + 0.02 * figure.axes[2].get_xlim()[1], text=f"{size:,}")

    def sentence(self, state):
        best = min(state.bytes, key=state.bytes.get)
        return (f"{STRUCTURES[state.structure]}, {100 * state.zeros:.0f} % gone, {SCHEDULES[state.schedule]}: "
                f"{self.metric} {state.value:.2f}; {state.bytes[best]:,} bytes ({FORMS[best]})")

    def rows(self, state):
        low, high = state.interval
        dense = cost.weight_bytes(self.integer)
        smallest = min(state.bytes.values())
        return [
            (f"of {state.layer} stay", f"{int(state.mask.sum()):,} of {state.mask.size:,}"),
            ("95 % interval of the mean", f"{low:.2f} to {high:.2f}"),
            ("points below the unpruned", f"{100 * (self.study.mean('float') - state.value):.1f}"),
            ("times smaller than unpruned", f"{dense / smallest:.1f}"),
        ]


def curves_of(study):
    """Return {(schedule, structure): {sparsity: name of the value}} of a study, sparsities rising.

    Raises ValueError when it has no curve, or no "float" to compare with.

    >>> from types import SimpleNamespace
    >>> curves_of(SimpleNamespace(values={"float": [], "once_all_80": [], "once_all_50": []}))
    {('once', 'all'): {0.5: 'once_all_50', 0.8: 'once_all_80'}}
    """
    found = {}
    for key in study.values:
        schedule, _, rest = key.partition("_")
        structure, _, percent = rest.partition("_")
        if schedule in SCHEDULES and structure in STRUCTURES:
            found.setdefault((schedule, structure), {})[int(percent) / 100] = key
    if not found or "float" not in study.values:
        raise ValueError("SparsityExplorer: the study needs 'float' and values SCHEDULE_STRUCTURE_PERCENT, it has "
                         f"{', '.join(study.values)}")
    return {pair: dict(sorted(curve.items())) for pair, curve in found.items()}
