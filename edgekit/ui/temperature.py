"""The widget of lesson 08: what temperature does to an answer, and what temperature and alpha brought in training."""

import re
from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.ticker import NullLocator

from edgekit.core.distill import softened
from edgekit.ui.explorer import Explorer
from edgekit.ui.grids import label_ends
from edgekit.ui.style import BLUE, GREY, INK, MUTED, ORANGE, subplots

NAME = re.compile(r"t(\d+)_a(\d+)")  # a value of the grid: temperature 4 and alpha .25 are t4_a25
HINTS = {
    "clip": "which sound the teacher hears",
    "temperature": "what the logits are divided by",
    "alpha": "weight of the labels; the rest goes to the teacher",
}


@dataclass(frozen=True)
class Cell:
    """One setting of the grid: points gained over labels alone, one for each seed, and the interval of their mean."""

    temperature: int
    alpha: float
    gains: tuple
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Shown:
    """What the widget shows: the softened answer to a clip, one row of the grid, and the cell that is chosen."""

    clip: str
    answer: np.ndarray
    row: tuple
    chosen: Cell

    @property
    def verdict(self):
        """What the interval allows to say."""
        if self.chosen.low > 0:
            return "better than labels alone"
        return "worse than labels alone" if self.chosen.high < 0 else "not to be told from labels alone"


class TemperatureExplorer(Explorer):
    """A teacher's answer softened live, beside a grid of trainings that was computed beforehand.

    clips: {words: (logits (C,), true class)}; class_names (C,); grid: {(temperature, alpha): `Cell`}, see `cells_of`.

    >>> cells = {(t, a): Cell(t, a, (0.5,) * 5, 0.5, 0.2, 0.8) for t in (1, 4) for a in (0.0, 0.5)}
    >>> explorer = TemperatureExplorer({"a hum": ([2.0, 0.0, -2.0], 0)}, ["fan", "pump", "valve"], cells)
    >>> explorer.set(temperature=4)
    >>> explorer.sentence(explorer.compute(**explorer.values))
    'T = 4: the teacher says fan .51, pump .31, ...; with alpha 0 +0.5 points: better than labels alone'
    """

    def __init__(self, clips, class_names, grid):
        self.clips = {words: (np.asarray(logits, float), int(label)) for words, (logits, label) in clips.items()}
        self.class_names, self.grid = list(class_names), dict(grid)
        if not self.clips or any(len(logits) != len(self.class_names) for logits, _ in self.clips.values()):
            raise ValueError(f"TemperatureExplorer: clips must map words to ({len(self.class_names)} logits, label), "
                             "at least one")
        self.temperatures, self.alphas = (sorted({key[i] for key in self.grid}) for i in (0, 1))
        if len(self.grid) != len(self.temperatures) * len(self.alphas) or not self.grid:
            raise ValueError("TemperatureExplorer: the grid must have every alpha at every temperature, at least one")
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "90px"}, "layout": W.Layout(width="330px")}
        controls = {
            "clip": W.Dropdown(options=list(self.clips), description="sound", **look),
            "temperature": W.SelectionSlider(options=self.temperatures, description="temperature", **look),
            "alpha": W.SelectionSlider(options=self.alphas, description="alpha", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def compute(self, clip, temperature, alpha):
        row = tuple(self.grid[t, alpha] for t in self.temperatures)
        return Shown(clip, softened(self.clips[clip][0][None], temperature)[0], row, self.grid[temperature, alpha])

    def make_figure(self):
        figure, (left, right) = subplots(ncols=2, height=4.4, width=9.6, width_ratios=(1.05, 1))
        places = np.arange(len(self.class_names))
        figure.bars = left.barh(places, np.zeros(len(places)), color=BLUE, animated=True, zorder=2)
        figure.figures = [left.text(0, y, "", va="center", fontsize=8.5, animated=True) for y in places]
        left.set(yticks=places, yticklabels=[name.replace("_", " ") for name in self.class_names], xlim=(0, 1.12),
                 ylim=(len(places) - 0.4, -0.6), xlabel="probability, softened", title="What the teacher thinks")
        left.tick_params(axis="y", labelsize=9)
        self._make_right(figure, right)
        return figure

    def _make_right(self, figure, ax):
        cells, (first, last) = self.grid.values(), (self.temperatures[0], self.temperatures[-1])
        ax.axhline(0, color=MUTED, lw=1.2)
        ax.text(last * 1.75, 0, "labels alone", ha="right", va="bottom", color=MUTED, fontsize=9)
        for alpha in self.alphas:
            ax.plot(self.temperatures, [self.grid[t, alpha].mean for t in self.temperatures], color=GREY, lw=1.4)
        (figure.line,) = ax.plot([], [], "o-", color=ORANGE, label="the chosen alpha", animated=True)
        ax.plot([], [], color=GREY, lw=1.4, label="other alphas")
        (figure.interval,) = ax.plot([], [], color=INK, lw=2, marker="_", ms=13, mew=2, label="95 % interval",
                                     animated=True)
        (figure.ring,) = ax.plot([], [], "o", ms=16, mfc="none", mec=INK, mew=1.8, label="_guide", animated=True)
        (figure.seeds,) = ax.plot([], [], ".", color=INK, ms=5, label="one seed", animated=True)
        reach = [value for cell in cells for value in (cell.low, cell.high, *cell.gains)]
        span = max(max(reach) - min(reach), 1e-6)
        ax.set(xscale="log", xlabel="temperature (logarithmic)", ylabel="points gained over labels alone",
               ylim=(min(*reach, 0) - 0.06 * span, max(*reach, 0) + 0.26 * span), xlim=(first / 1.25, last * 1.8),
               title="What the training brought")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xticks(self.temperatures, [str(t) for t in self.temperatures])
        label_ends(ax, last * 1.1, {f"alpha {alpha:g}": (self.grid[last, alpha].mean, MUTED) for alpha in self.alphas})
        ax.legend(loc="upper left", ncols=2, fontsize=9)

    def draw(self, figure, state):
        label = self.clips[state.clip][1]
        for place, (bar, text, p) in enumerate(zip(figure.bars, figure.figures, state.answer, strict=True)):
            bar.set(width=p, color=ORANGE if place == label else BLUE)
            text.set(x=p + 0.015, text=_share(p) + (" true" if place == label else ""))
        figure.line.set_data(self.temperatures, [cell.mean for cell in state.row])
        chosen = state.chosen
        figure.ring.set_data([chosen.temperature], [chosen.mean])
        figure.interval.set_data([chosen.temperature] * 2, [chosen.low, chosen.high])
        figure.seeds.set_data([chosen.temperature * 1.06] * len(chosen.gains), chosen.gains)

    def sentence(self, state):
        best = np.argsort(-state.answer, kind="stable")[:2]
        says = ", ".join(f"{self.class_names[c].replace('_', ' ')} {_share(state.answer[c])}" for c in best)
        return (f"T = {state.chosen.temperature}: the teacher says {says}, ...; with alpha {state.chosen.alpha:g} "
                f"{state.chosen.mean:+.1f} points: {state.verdict}")

    def rows(self, state):
        p, chosen = state.answer, state.chosen
        entropy = -float((p * np.log(np.maximum(p, np.finfo(float).tiny))).sum())
        return [
            ("classes that the answer is spread over, exp(entropy)", f"{np.exp(entropy):.1f} of {len(p)}"),
            ("95 % interval of the gain", f"{chosen.low:.1f} to {chosen.high:.1f} points"),
            (f"{len(chosen.gains)} seeds", f"{min(chosen.gains):.1f} to {max(chosen.gains):.1f} points"),
        ]


def _share(p):
    """A probability as it stands beside a bar: .07."""
    return f"{p:.2f}".lstrip("0") if p < 0.995 else "1"


def cells_of(study):
    """Return {(temperature, alpha): `Cell`} of a stored study with values like t4_a25, all points over labels alone.

    Raises ValueError when it has none.
    """
    found = {}
    for name, gains in study.values.items():
        match = NAME.fullmatch(name)
        if match:
            key = int(match[1]), int(match[2]) / 100
            found[key] = Cell(*key, tuple(gains), float(np.mean(gains)), *study.interval(name))
    if not found:
        raise ValueError(f"cells_of: the study has no values like t4_a25; it has {', '.join(study.values)}")
    return found
