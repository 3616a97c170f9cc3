"""The widget of lesson 00: delta and a device decide which model is the answer."""

from dataclasses import dataclass

import ipywidgets as W
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from edgekit.deploy.devices import DEVICES
from edgekit.search.solve import Candidate, feasible
from edgekit.ui.explorer import Explorer
from edgekit.ui.scores import bytes_text
from edgekit.ui.style import BLUE, FAINT, INK, ORANGE, PLATE, RED, subplots


@dataclass(frozen=True)
class Choice:
    """Who is accurate enough, who fits the device, and who is the cheapest that is both (None: nobody)."""

    floor: float
    device: str
    accurate: frozenset
    fitting: frozenset
    chosen: Candidate | None


class BudgetExplorer(Explorer):
    """The optimisation problem with its two conditions as controls.

    `candidates` are `solve.Candidate` with the costs `weight_bytes` and `peak_ram_bytes`.

    >>> shelf = [Candidate("float", 0.93, {"weight_bytes": 400, "peak_ram_bytes": 64}),
    ...          Candidate("int8", 0.92, {"weight_bytes": 110, "peak_ram_bytes": 16})]
    >>> explorer = BudgetExplorer(shelf, baseline=0.93)
    >>> explorer.compute(delta=0.02, device="cortex-m4").chosen.name
    'int8'
    """

    def __init__(self, candidates, baseline, metric="macro F1"):
        self.candidates, self.baseline, self.metric = list(candidates), baseline, metric
        super().__init__()

    def make_controls(self):
        wide = {"style": {"description_width": "initial"}, "layout": W.Layout(width="340px")}
        controls = {
            "delta": W.FloatSlider(
                0.01, min=0.0, max=0.2, step=0.005, readout_format=".3f", description=f"delta ({self.metric})", **wide
            ),
            "device": W.Dropdown(options=list(DEVICES), value="cortex-m4", description="device", **wide),
        }
        controls["delta"].tooltip = f"how much {self.metric} may be lost"
        controls["device"].tooltip = "which microcontroller must hold weights and activations"
        return controls

    def compute(self, delta, device):
        card = DEVICES[device]
        accurate = frozenset(c.name for c in feasible(self.candidates, self.baseline, delta))
        budget = {"weight_bytes": card.flash_bytes, "peak_ram_bytes": card.ram_bytes}
        fitting = frozenset(c.name for c in feasible(self.candidates, float("-inf"), 0, budget))
        both = [c for c in self.candidates if c.name in accurate & fitting]
        chosen = min(both, key=lambda c: (c.costs["weight_bytes"], -c.value), default=None)
        return Choice(self.baseline - delta, device, accurate, fitting, chosen)

    def make_figure(self):
        figure, ax = subplots(height=3.9)
        x, y = [c.costs["weight_bytes"] for c in self.candidates], [c.value for c in self.candidates]
        ax.set(xscale="log", xlabel="weight bytes", ylabel=self.metric, xlim=(min(x) / 1.5, max(x) * 1.6))
        span = max(y) - min(y)
        ax.set_ylim(min(y) - 0.15 * span, max(max(y), self.baseline) + 0.35 * span)
        ax.xaxis.set_major_locator(LogLocator(base=2))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: bytes_text(value)))
        ax.xaxis.set_minor_locator(NullLocator())
        figure.band = ax.axhspan(self.baseline, self.baseline, color=BLUE, alpha=0.12, lw=0)
        figure.floor = ax.axhline(self.baseline, color=BLUE, lw=1.2, ls="--")
        figure.dots = [ax.plot(a, b, "o", ms=9, mew=1.8, color=BLUE)[0] for a, b in zip(x, y, strict=True)]
        for c, a, b in zip(self.candidates, x, y, strict=True):
            look = {"ha": "center", "color": INK, "fontsize": 10, "bbox": PLATE}
            ax.annotate(c.name, (a, b), (0, 12), textcoords="offset points", **look)
        figure.ring = ax.plot([], [], "o", ms=19, mfc="none", mec=ORANGE, mew=2.4)[0]
        for artist in (figure.band, figure.floor, *figure.dots, figure.ring):
            artist.set_animated(True)
        return figure

    def draw(self, figure, state):
        top = figure.axes[0].get_ylim()[1]
        figure.band.set_bounds(0, state.floor, 1, top - state.floor)
        figure.floor.set_ydata([state.floor, state.floor])
        for dot, candidate in zip(figure.dots, self.candidates, strict=True):
            self._mark(dot, candidate.name in state.accurate, candidate.name in state.fitting)
        where = ([state.chosen.costs["weight_bytes"]], [state.chosen.value]) if state.chosen else ([], [])
        figure.ring.set_data(*where)

    @staticmethod
    def _mark(dot, accurate, fits):
        """Filled: allowed. Open: not accurate enough. A red cross: does not fit the device."""
        dot.set(marker="o" if fits else "X", color=BLUE if fits else RED, markerfacecolor=None)
        dot.set_markerfacecolor((BLUE if fits else RED) if accurate else FAINT)

    def sentence(self, state):
        if state.chosen is None:
            return f"On {state.device} no model is accurate enough and small enough: widen delta or change the device"
        size = state.chosen.costs["weight_bytes"]
        return f"On {state.device} the cheapest allowed model is {state.chosen.name}, with {size:,} weight bytes"

    def rows(self, state):
        card = DEVICES[state.device]
        misfits = [c.name for c in self.candidates if c.name not in state.fitting]
        return [
            ("lowest allowed", f"{state.floor:.3f}"),
            ("flash (cited)", bytes_text(card.flash_bytes)),
            ("RAM (cited)", bytes_text(card.ram_bytes)),
            ("do not fit", ", ".join(misfits) or "none"),
            ("ring", "the answer"),
            ("filled, open, cross", "allowed, not accurate enough, does not fit"),
        ]
