"""The widget of lesson 02: which range an activation gets, and what each part of the error says to it."""

from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as W
import numpy as np

from edgekit.ui.calibration import SHARES, Curve, calibrated, error_curve, parts, share_of, thinned
from edgekit.ui.explorer import Explorer
from edgekit.ui.quantization import Outcome
from edgekit.ui.quantization_view import Panel
from edgekit.ui.style import BLUE, INK, ORANGE, RED, subplots

OBSERVERS = {
    "min and max": "minmax",
    "moving average": "moving_average",
    "percentile": "percentile",
    "least squared error": "mse",
    "least divergence": "entropy",
}
NAMES = {kind: name for name, kind in OBSERVERS.items()}
HINTS = {
    "tensor": "which activation is calibrated",
    "observer": "how the ends of the grid are chosen",
    "percent": "the middle share of values that the grid covers; for the percentile",
    "num_bits": "width of each code; the grid has 2 to this power codes",
    "examples": "how many examples the observer sees; the error is always measured on all",
}
FLOOR = 1e-12  # an error of nothing, drawn at the lower end of the logarithmic axis


@dataclass(frozen=True, eq=False)
class Shown:
    """What the widget shows: an outcome, its setting in words, the curve of errors, and min and max to compare with.

    limits: of the axis of errors, the same for all numbers of bits.
    """

    name: str
    setting: str
    outcome: Outcome
    curve: Curve
    reference: Outcome
    limits: tuple


class CalibrationExplorer(Explorer):
    """How an observer chooses the range of an activation, and what is rounded and clipped then.

    `activations` is {name: array (N, ...)}, as `run(graph, x, all_tensors=True)` gives them.

    >>> explorer = CalibrationExplorer({"relu": np.random.default_rng(0).exponential(size=(8, 500))})
    >>> explorer.set(observer="percentile", percent=99.0, num_bits=4)
    >>> bool(explorer.compute(**explorer.values).outcome.is_clipped.any())
    True
    """

    def __init__(self, activations):
        self.tensors = {name: thinned(_checked(name, x)) for name, x in activations.items()}
        if not self.tensors:
            raise ValueError("CalibrationExplorer: no activations; give {name: array (N, ...)}")
        self._outcome = lru_cache(maxsize=512)(lambda name, *setting: calibrated(self.tensors[name], *setting))
        self._curve = lru_cache(maxsize=512)(lambda name, num_bits: error_curve(self.tensors[name], num_bits))
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "105px"}, "layout": W.Layout(width="330px")}
        most = min(len(x) for x in self.tensors.values())
        counts = [n for n in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if n < most] + [most]
        percent = W.FloatSlider(99.9, min=90.0, max=100.0, step=0.1, description="percentile kept", **look)
        percent.readout_format = ".1f"
        controls = {
            "tensor": W.Dropdown(options=list(self.tensors), description="activation", **look),
            "observer": W.Dropdown(options=OBSERVERS, description="range from", **look),
            "percent": percent,
            "num_bits": W.IntSlider(8, 2, 8, description="bits per value", **look),
            "examples": W.SelectionSlider(options=counts, value=most, description="examples seen", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def adjust(self, values):
        self.controls["percent"].disabled = values["observer"] != "percentile"

    def compute(self, tensor, observer, percent, num_bits, examples):
        percent = round(percent, 3) if observer == "percentile" else 100.0
        outcome = self._outcome(tensor, examples, observer, percent, num_bits)
        found = f"percentile {percent:.1f}" if observer == "percentile" else NAMES[observer]
        setting = f"{found} of {examples} example{'s' if examples > 1 else ''}"
        reference = self._outcome(tensor, len(self.tensors[tensor]), "minmax", 100.0, num_bits)
        return Shown(tensor, setting, outcome, self._curve(tensor, num_bits), reference, self._limits(tensor))

    def _limits(self, tensor):
        """Powers of ten around all errors of an activation, from the finest grid to the coarsest."""
        least, most = (max(float(ends(self._curve(tensor, n).total)), FLOOR) for ends, n in ((np.min, 8), (np.max, 2)))
        return 10 ** np.floor(np.log10(least / 5)), 10 ** np.ceil(np.log10(10 * most))

    def make_figure(self):
        grid = {"width_ratios": [1.5, 1], "left": 0.065, "right": 0.985, "bottom": 0.165, "top": 0.9, "wspace": 0.2}
        figure, axes = subplots(1, 2, width=10.6, height=3.3, layout="none", gridspec_kw=grid)
        figure.panels = RangePanel(axes[0]), BalancePanel(axes[1])
        return figure

    def sentence(self, state):
        outcome = state.outcome
        quality = f"SQNR {outcome.sqnr_db:.1f} dB" if outcome.error.any() else "no error"
        return (f"{state.name} in {outcome.qparams.num_bits} bits, {state.setting}: "
                f"{100 * outcome.is_clipped.mean():.2g} % clipped, {quality}")

    def rows(self, state):
        q, (rounding, clipping) = state.outcome.qparams, parts(state.outcome)
        ends = [float(q.scale) * (end - int(q.zero_point)) for end in (q.qmin, q.qmax)]
        gain = state.outcome.sqnr_db - state.reference.sqnr_db
        return [
            ("range", f"{ends[0]:.3g} to {ends[1]:.3g}"),
            ("step (scale)", f"{float(q.scale):.3g}"),
            ("zero point", f"{int(q.zero_point)}"),
            ("mean squared error", f"{rounding:.2g} rounding + {clipping:.2g} clipping"),
            ("against min and max of all", f"{gain:+.1f} dB" if np.isfinite(gain) else "the same"),
        ]


class RangePanel(Panel):
    """Histogram of the activation under the range of the grid; what lies off it is clipped."""

    def __init__(self, ax):
        super().__init__(ax)
        self.values, self.band = self.bars(BLUE, "values"), self.span(ORANGE)
        self.ends, self.off = self.lines(lw=1.6, label="range"), [self.span(RED) for _ in "<>"]
        self.count = self.note(0.99, 0.93, color=RED)
        ax.set(yscale="log", ylabel="count per bin (log)", xlabel="value of the activation")
        ax.minorticks_off()
        ax.grid(axis="x", visible=False)

    def draw(self, state):
        """Move the artists to `state`."""
        x, q = state.outcome.x, state.outcome.qparams
        counts, edges = np.histogram(x, 80)
        self.values.set_data(counts, edges, 0.5)
        low, high = (float(q.scale) * (end - int(q.zero_point)) for end in (q.qmin, q.qmax))
        margin = 0.04 * (edges[-1] - edges[0])
        view = min(edges[0], 0.0) - margin, max(edges[-1], 0.0) + margin
        self.limits(view, (0.5, 4 * counts.max()))
        self.band.set(x=low, width=high - low)
        self.ends.set_segments([[(end, 0), (end, 1)] for end in (low, high)])
        sides = (x < low) & state.outcome.is_clipped, (x > high) & state.outcome.is_clipped
        for patch, side, ends in zip(self.off, sides, ((view[0], low), (high, view[1])), strict=True):
            patch.set(x=ends[0], width=max(ends[1] - ends[0], 0), visible=bool(side.any()))
        clipped = int(state.outcome.is_clipped.sum())
        self.count.set_text(f"{clipped:,} of {x.size:,} clipped" if clipped else "")
        self.title.set_text("The range keeps everything" if not clipped else "The range cuts the largest values off")


class BalancePanel(Panel):
    """Rounding falls and clipping grows as the range shrinks; the present range on the curve of their sum."""

    def __init__(self, ax):
        super().__init__(ax)
        look = {"animated": True, "lw": 1.6}
        (self.rounding,) = ax.plot([], [], "--", color=BLUE, label="rounding", **look)
        (self.clipping,) = ax.plot([], [], ":", color=RED, label="clipping", **look)
        (self.total,) = ax.plot([], [], color=INK, label="both", **look)
        (self.here,) = ax.plot([], [], "o", color=ORANGE, ms=11, mec="white", label="_guide", animated=True)
        ax.set(xscale="log", yscale="log", xlabel="range / full range", ylabel="mean squared error")
        ax.set(xlim=(1 / 66, 1.12), ylim=(1e-6, 1))
        ax.set_xticks([1 / 64, 1 / 16, 1 / 4, 1], ["1/64", "1/16", "1/4", "1"])
        ax.minorticks_off()
        ax.legend([self.total, self.clipping, self.rounding], ["both", "clipping", "rounding"], loc="upper right",
                  handlelength=2.2, borderaxespad=0.1)

    def draw(self, state):
        """Move the artists to `state`."""
        curve = state.curve
        for line, y in ((self.rounding, curve.rounding), (self.clipping, curve.clipping), (self.total, curve.total)):
            line.set_data(SHARES, np.where(y > FLOOR, y, np.nan))
        error = float(np.mean(np.square(state.outcome.error, dtype=np.float64)))
        self.here.set_data([max(share_of(state.outcome), SHARES[0])], [max(error, FLOOR)])
        self.limits(self.ax.get_xlim(), state.limits)
        best = float(SHARES[np.argmin(curve.total)])
        kept = f"{best:.0%}" if best < 1 else "all"
        self.title.set_text(f"Least error: keep {kept} of the range")


def _checked(name, x):
    x = np.asarray(x)
    if x.ndim < 2 or x.size == 0 or not np.isfinite(x).all():
        raise ValueError(f"CalibrationExplorer: activation {name!r} {x.shape} must be finite and (N, ...) with N >= 1")
    return x


