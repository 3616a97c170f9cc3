"""The widget of lessons 04 and 05: what each number of bits costs and brings, from stored studies of several seeds."""

import re
from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.ticker import NullLocator

from edgekit.core import pareto
from edgekit.ui.explorer import Explorer
from edgekit.ui.style import BLUE, GREY, INK, MARKERS, MUTED, ORANGE, PURPLE, RED, subplots

#: method -> (in words, colour, marker); the first three have a number of bits
METHODS = {
    "nearest": ("rounded, each weight by itself", GREY, MARKERS[1]),
    "together": ("rounded together", BLUE, MARKERS[0]),
    "trained": ("trained with the grid", ORANGE, MARKERS[2]),
    "ternary": ("ternary, trained", RED, MARKERS[4]),
    "binary": ("binary, trained", PURPLE, MARKERS[3]),
}
NAME = re.compile(r"(nearest|together|trained)(\d+)|ternary|binary|float")
HINTS = {
    "data": "which task and network",
    "method": "how the weights get their codes",
    "num_bits": "bits of every weight; ternary and binary networks have their own",
}


@dataclass(frozen=True)
class Point:
    """One variant of a network: bytes, the mean of its metric over seeds, and the 95 % interval of that mean."""

    name: str
    method: str
    num_bits: int | None
    weight_bytes: int
    values: tuple
    mean: float
    low: float
    high: float

    @property
    def words(self):
        """The variant in words."""
        if self.method == "float":
            return "float"
        return METHODS[self.method][0] + (f", {self.num_bits} bits" if self.num_bits else "")


@dataclass(frozen=True)
class Shown:
    """What the widget shows: all points of a task, those on the front, and the chosen one."""

    data: str
    points: tuple
    front: tuple
    chosen: Point
    better: Point | None  # no more bytes and a higher metric than the chosen one

    @property
    def floating(self):
        """The float network."""
        return next(point for point in self.points if point.method == "float")


class BitsVsAccuracy(Explorer):
    """Bytes against a metric, from `studies`: {task in words: study} with values as `course.few_bits.row` gives them.

    `methods` are shown, by default all of `METHODS`; `metric` names what the studies measured, or is {task: name}.

    >>> from types import SimpleNamespace
    >>> values = {"float": [0.9] * 5, "nearest4": [0.7] * 5, "trained4": [0.8] * 5, "ternary": [0.85] * 5}
    >>> sizes = {"float": 800, "nearest4": 120, "trained4": 120, "ternary": 60}
    >>> values |= {f"bytes_{name}": [size] * 5 for name, size in sizes.items()}
    >>> study = SimpleNamespace(values=values, interval=lambda key: (values[key][0] - 0.01, values[key][0] + 0.01))
    >>> explorer = BitsVsAccuracy({"pulse": study})
    >>> explorer.set(method="trained", num_bits=4)
    >>> explorer.sentence(explorer.compute(**explorer.values))
    'pulse, trained with the grid, 4 bits: 120 bytes, macro F1 0.800; ternary, trained is smaller and better'
    """

    def __init__(self, studies, methods=tuple(METHODS), metric="macro F1"):
        self.metrics = dict.fromkeys(studies, metric) if isinstance(metric, str) else dict(metric)
        self.points = {data: points_of(study, methods) for data, study in studies.items()}
        if not self.points:
            raise ValueError("BitsVsAccuracy: no studies; give {task in words: Study.load(name)}")
        if unnamed := [data for data in self.points if data not in self.metrics]:
            raise ValueError(f"BitsVsAccuracy: metric does not say what {unnamed[0]!r} measured; give {{task: metric}}")
        found = [point for points in self.points.values() for point in points]
        self.methods = [name for name in METHODS if any(point.method == name for point in found)]
        self.bits = sorted({point.num_bits for point in found if point.num_bits})
        if not self.methods or not self.bits:
            raise ValueError(f"BitsVsAccuracy: none of the methods {', '.join(methods)} is in the studies")
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "70px"}, "layout": W.Layout(width="310px")}
        controls = {
            "data": W.Dropdown(options=list(self.points), description="task", **look),
            "method": W.Dropdown(options={METHODS[name][0]: name for name in self.methods}, description="weights",
                                 **look),
            "num_bits": W.SelectionSlider(options=self.bits, value=self.bits[-1], description="bits", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def adjust(self, values):
        self.controls["num_bits"].disabled = values["method"] in ("ternary", "binary")

    def compute(self, data, method, num_bits):
        points = self.points[data]
        near = [point for point in points if point.method == method]
        if not near:
            raise ValueError(f"BitsVsAccuracy: {data!r} has no network that is {METHODS[method][0]}")
        chosen = min(near, key=lambda point: abs((point.num_bits or num_bits) - num_bits))
        better = [point for point in points if dominates(point, chosen)]
        best = max(better, key=lambda point: point.mean, default=None)
        return Shown(data, points, front_of(points), chosen, best)

    def make_figure(self):
        figure, ax = subplots(height=4.0, width=8.6)
        look = {"animated": True, "ms": 8, "mec": "white", "lw": 1.1}
        figure.series = {
            name: ax.plot([], [], color=color, marker=marker, label=words, **look)[0]
            for name, (words, color, marker) in METHODS.items() if name in self.methods
        }
        (figure.whole,) = ax.plot([], [], "*", color=INK, ms=13, label="float", animated=True)
        (figure.front,) = ax.plot([], [], color=MUTED, lw=6, alpha=0.25, label="the front: nothing else is smaller "
                                  "and better", animated=True, zorder=1, solid_joinstyle="round")
        (figure.interval,) = ax.plot([], [], color=INK, lw=2, marker="_", ms=14, mew=2, label="_guide", animated=True)
        (figure.ring,) = ax.plot([], [], "o", ms=17, mfc="none", mec=INK, mew=1.8, label="_guide", animated=True)
        (figure.seeds,) = ax.plot([], [], ".", color=INK, ms=4, label="_guide", animated=True)
        figure.bits = [ax.text(0, 0, "", ha="center", va="bottom", fontsize=9.5, animated=True) for _ in self.bits]
        ax.set(xscale="log", xlabel="weight bytes (logarithmic)", ylabel=self.metrics[self.values["data"]])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.legend(loc="lower right", fontsize=9.5)
        return figure

    def draw(self, figure, state):
        self._frame(figure.axes[0], state, self.metrics[state.data])
        for name, line in figure.series.items():
            mine = sorted((p for p in state.points if p.method == name), key=lambda p: p.weight_bytes)
            line.set_data([p.weight_bytes for p in mine], [p.mean for p in mine])
            line.set_alpha(1.0 if name == state.chosen.method else 0.75)
        figure.whole.set_data([state.floating.weight_bytes], [state.floating.mean])
        figure.front.set_data([p.weight_bytes for p in state.front], [p.mean for p in state.front])
        chosen = state.chosen
        figure.ring.set_data([chosen.weight_bytes], [chosen.mean])
        figure.interval.set_data([chosen.weight_bytes] * 2, [chosen.low, chosen.high])
        figure.seeds.set_data([chosen.weight_bytes * 1.05] * len(chosen.values), chosen.values)
        written = [p for p in state.points if p.method == chosen.method and p.num_bits]
        low, high = figure.axes[0].get_ylim()
        for i, text in enumerate(figure.bits):
            text.set_visible(i < len(written))
            if i < len(written):
                text.set(x=written[i].weight_bytes, y=written[i].mean + 0.035 * (high - low),
                         text=f"{written[i].num_bits} bits", color=METHODS[chosen.method][1])

    @staticmethod
    def _frame(ax, state, metric):
        """Limits, ticks and label of the axes; set only when they change, since that draws everything anew."""
        sizes, means = [[getattr(point, name) for point in state.points] for name in ("weight_bytes", "mean")]
        limits, room = (0.8 * min(sizes), 1.6 * max(sizes)), 0.12 * (max(means) - min(means)) + 0.01
        if ax.get_xlim() == limits and ax.get_ylabel() == metric:
            return
        ticks = [t for t in np.outer(10.0 ** np.arange(2, 8), [1, 2, 5]).ravel() if limits[0] <= t <= limits[1]]
        ax.set(xlim=limits, ylim=(min(means) - room, max(means) + room), ylabel=metric)
        ax.set_xticks(ticks, [f"{t:,.0f}" for t in ticks])

    def sentence(self, state):
        chosen, better = state.chosen, state.better
        verdict = "on the front"
        if better is not None:
            verdict = f"{better.words} is {'smaller' if better.weight_bytes < chosen.weight_bytes else 'no larger'}"
            verdict += " and no worse" if better.mean == chosen.mean else " and better"
        worth = f"{chosen.weight_bytes:,} bytes, {self.metrics[state.data]} {chosen.mean:.3f}"
        return f"{state.data}, {chosen.words}: {worth}; {verdict}"

    def rows(self, state):
        chosen, whole = state.chosen, state.floating
        drop = [100 * (whole.mean - value) for value in (chosen.mean, chosen.high, chosen.low)]
        return [
            ("smaller than float", f"{whole.weight_bytes / chosen.weight_bytes:.1f} times"),
            ("95 % interval of the mean", f"{chosen.low:.3f} to {chosen.high:.3f}"),
            (f"{len(chosen.values)} seeds", f"{min(chosen.values):.3f} to {max(chosen.values):.3f}"),
            ("points below float", f"{drop[0]:.1f} ({drop[1]:.1f} to {drop[2]:.1f})"),
        ]


def points_of(study, methods=tuple(METHODS)):
    """Return the `Point`s of a study, most bytes first. Raises ValueError when the float network is missing."""
    found = []
    for name in study.values:
        match = NAME.fullmatch(name)
        method = match and (match[1] or match[0])
        if match and (method in methods or method == "float"):
            column = study.values[name]
            size = int(study.values[f"bytes_{name}"][0])
            found.append(Point(name, method, int(match[2]) if match[2] else None, size, tuple(column),
                               sum(column) / len(column), *study.interval(name)))
    if not any(point.method == "float" for point in found):
        raise ValueError(f"BitsVsAccuracy: the study has no value 'float'; it has {', '.join(study.values)}")
    return tuple(sorted(found, key=lambda point: (-point.weight_bytes, point.mean)))


def dominates(one, other):
    """Whether `one` has no more bytes and no lower a mean than `other`, and is better in one of the two."""
    return pareto.dominates(_costs(one), _costs(other))


def front_of(points):
    """Return the points that no other point dominates, fewest bytes first: the Pareto front."""
    kept = pareto.front([_costs(point) for point in points])
    front = [point for point, keep in zip(points, kept, strict=True) if keep]
    return tuple(sorted(front, key=lambda point: point.weight_bytes))


def _costs(point):
    return point.weight_bytes, -point.mean
