"""The widget of lesson 10: a stored search, evaluation by evaluation."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from edgekit.core.pareto import hypervolume
from edgekit.search.trials import compare
from edgekit.ui.explorer import Explorer
from edgekit.ui.grids import label_ends
from edgekit.ui.style import BLUE, GREY, INK, MARKERS, MUTED, ORANGE, PALETTE, subplots

HINTS = {
    "strategy": "who chooses the next network",
    "evaluations": "how many networks have been evaluated so far",
}


@dataclass(frozen=True)
class Shown:
    """A search after some evaluations: MACs and scores in order, which of them are on the front, the best so far."""

    strategy: str
    macs: np.ndarray
    values: np.ndarray
    front: tuple
    best: object
    volume: float

    @property
    def count(self):
        """Evaluations so far."""
        return len(self.values)


class SearchReplay(Explorer):
    """Step through searches of one budget: `histories` is a list of `search.trials.History`, one for each strategy.

    `metric` names the score. Searches with other budgets, spaces or limits are refused.

    >>> from edgekit.search.trials import Budget, History, Trial
    >>> trials = [Trial((i,), value, {"macs": macs}) for i, (value, macs) in enumerate([(0.5, 900), (0.4, 300)])]
    >>> replay = SearchReplay([History("toy", "random", 0, Budget(2), {}, tuple(trials))])
    >>> replay.sentence(replay.compute("random", 2))
    'random after 2 of 2 evaluations: best score 0.500 with 900 MACs; 2 networks on the front'
    """

    def __init__(self, histories, metric="score"):
        self.histories = {name: same[0] for name, same in compare(list(histories)).items()}
        self.metric, self.budget = metric, histories[0].budget.evaluations
        macs = [trial.costs["macs"] for history in self.histories.values() for trial in history.trials]
        values = [trial.value for history in self.histories.values() for trial in history.trials]
        self.reference = (np.log10(max(macs)) + 0.05, -min(values) + 0.01)
        self.limits = (min(macs) / 1.2, max(macs) * 1.2), (min(values) - 0.03, max(values) + 0.05)
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "90px"}, "layout": W.Layout(width="330px")}
        controls = {
            "strategy": W.Dropdown(options=list(self.histories), description="strategy", **look),
            "evaluations": W.IntSlider(self.budget, 1, self.budget, description="evaluations", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def compute(self, strategy, evaluations):
        history = self.histories[strategy].first(evaluations)
        macs = np.array([trial.costs["macs"] for trial in history.trials], float)
        values = np.array([trial.value for trial in history.trials])
        volume = hypervolume(np.stack([np.log10(macs), -values], axis=1), self.reference)
        return Shown(strategy, macs, values, tuple(history.front()), history.best, volume)

    def make_figure(self):
        figure, (left, right) = subplots(1, 2, width=10.2, height=3.9, width_ratios=[1.35, 1])
        look = {"animated": True}
        (figure.seen,) = left.plot([], [], "o", ms=5, color=GREY, alpha=0.7, label="evaluated", **look)
        (figure.front,) = left.plot([], [], "-o", ms=6, color=BLUE, drawstyle="steps-post", label="front", **look)
        (figure.last,) = left.plot([], [], "o", ms=15, mfc="none", mec=ORANGE, mew=2, label="the newest", **look)
        (figure.best,) = left.plot([], [], "*", ms=15, color=INK, mec="white", label="best so far", **look)
        left.set(xscale="log", xlim=self.limits[0], ylim=self.limits[1], xlabel="MACs (logarithmic)",
                 ylabel=self.metric, title="Every network so far")
        left.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        left.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
        left.xaxis.set_minor_locator(NullLocator())
        left.legend(loc="lower right", fontsize=9, ncols=2)
        self._make_right(figure, right)
        return figure

    def _make_right(self, figure, ax):
        curves = {name: history.best_so_far() for name, history in self.histories.items()}
        ax.set(xlim=(0, self.budget + 1), ylim=(min(best[0] for best in curves.values()) - 0.02, self.limits[1][1]),
               xlabel="evaluations", ylabel=f"best {self.metric} so far", title="The best so far")
        figure.curves = {}
        for color, marker, (name, best) in zip(PALETTE, MARKERS, curves.items(), strict=False):
            look = {"color": color, "marker": marker, "markevery": max(1, self.budget // 8)}
            ax.plot(np.arange(1, len(best) + 1), best, lw=1, ms=4, alpha=0.5, label="_guide", **look)
            (figure.curves[name],) = ax.plot([], [], lw=2.6, ms=7, label=name, animated=True, **look)
        (figure.now,) = ax.plot([], [], color=MUTED, lw=1, label="_guide", animated=True)
        label_ends(ax, self.budget, {name: (best[-1], INK) for name, best in curves.items()})

    def draw(self, figure, state):
        figure.seen.set_data(state.macs, state.values)
        figure.last.set_data(state.macs[-1:], state.values[-1:])
        figure.front.set_data([t.costs["macs"] for t in state.front], [t.value for t in state.front])
        figure.best.set_data([state.best.costs["macs"]], [state.best.value])
        for name, curve in figure.curves.items():
            shown = np.maximum.accumulate(state.values) if name == state.strategy else []
            curve.set_data(np.arange(1, len(shown) + 1), shown)
        figure.now.set_data([state.count] * 2, self.limits[1])

    def sentence(self, state):
        networks = f"{len(state.front)} network{'s' if len(state.front) > 1 else ''}"
        return (f"{state.strategy} after {state.count} of {self.budget} evaluations: best {self.metric} "
                f"{state.best.value:.3f} with {state.best.costs['macs']:,} MACs; {networks} on the front")

    def rows(self, state):
        others = [f"{name} {history.first(state.count).best.value:.3f}" for name, history in self.histories.items()
                  if name != state.strategy]
        return [
            ("the newest", f"{state.values[-1]:.3f}, {state.macs[-1]:,.0f} MACs"),
            (f"volume behind the front ({self.metric} x powers of ten of MACs)", f"{state.volume:.3f}"),
            ("others, as many evaluations", ", ".join(others) or "none"),
        ]


def _short(value):
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g} k"
