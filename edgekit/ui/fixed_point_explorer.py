"""The widget of lesson 03: a real number as multiplier and shift, and what each rounding profile makes of a product."""

import ipywidgets as W
import numpy as np

from edgekit.ui.explorer import Explorer
from edgekit.ui.fixed_point import WORDS, product
from edgekit.ui.quantization_view import Panel
from edgekit.ui.style import BLUE, INK, MUTED, ORANGE, RED, subplots

HINTS = {
    "real": "the real number that an accumulator is multiplied by, scale_x * scale_w / scale_y; each step is 2^(1/8)",
    "acc": "the sum that a layer has gathered, a whole number of 32 bits",
}
#: the least and the greatest multiplier, as powers of two, and the greatest accumulator
LEAST, MOST, GREATEST = -10, 0, 1000


class FixedPointExplorer(Explorer):
    """A real multiplier, its 31 bits and its shift; an accumulator, and where profiles A to E round the product to.

    >>> explorer = FixedPointExplorer()
    >>> explorer.set(acc=12)
    >>> explorer.headline.value.split(">")[1].split("<")[0]
    '12 × 0.125 = 1.5 is a tie: all profiles give 2'
    """

    def __init__(self, real=0.125, acc=-12):
        self.start = product(acc, real)
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "95px"}, "layout": W.Layout(width="420px")}
        real = W.FloatLogSlider(self.start.real, base=2, min=LEAST, max=MOST, step=1 / 8, description="multiplier",
                                readout_format=".6f", **look)
        acc = W.IntSlider(self.start.acc, -GREATEST, GREATEST, description="accumulator", **look)
        for name, control in (("real", real), ("acc", acc)):
            control.tooltip = HINTS[name]
        return {"real": real, "acc": acc}

    def compute(self, real, acc):
        return product(acc, real)

    def make_figure(self):
        grid = {"height_ratios": [1, 3.1], "left": 0.24, "right": 0.955, "bottom": 0.165, "top": 0.93, "hspace": 0.66}
        figure, axes = subplots(2, 1, width=9.2, height=4.7, layout="none", gridspec_kw=grid)
        figure.panels = BitsPanel(axes[0]), LinePanel(axes[1])
        return figure

    def sentence(self, state):
        said = "; ".join(f"{_named(names)} {y}" for y, names in state.groups.items())
        if state.is_tie:
            return f"{state.acc} × {state.real:.6g} = {float(state.exact):g} is a tie: {said}"
        return f"{state.acc} × {state.real:.6g} = {_near(state)}: {said}"

    def rows(self, state):
        multiplier, shift = state.fixed
        return [
            ("multiplier (31 bits)", f"{multiplier:,}"),
            ("shift", f"{shift}"),
            ("multiplier × 2^(shift − 31)", f"{float(state.represented):.10g}"),
            ("error of that, relative", f"{state.relative_error:.1e}" if state.relative_error else "none"),
            ("after the first rounding of A and B", f"{float(state.first):.6g}"),
        ]


def _named(profiles):
    if len(profiles) == len(WORDS):
        return "all profiles give"
    return f"{', '.join(profiles)} give{'' if len(profiles) > 1 else 's'}"


def _near(state):
    """The product with as many digits as show that it is no tie."""
    text = f"{float(state.exact):.6g}"
    return text if float(text) * 2 % 2 != 1 else f"{float(state.exact):.12g}"


class BitsPanel(Panel):
    """The 31 bits of the multiplier on the places of binary digits: the shift says where they begin."""

    def __init__(self, ax):
        super().__init__(ax)
        look = {"marker": "s", "s": 44, "edgecolor": BLUE, "linewidth": 1.1, "animated": True}
        self.ones = ax.scatter([], [], facecolor=BLUE, label="ones", **look)
        self.zeros = ax.scatter([], [], facecolor="white", label="zeros", **look)
        ax.axvline(0.5, color=INK, lw=1.6, label="_guide")
        ax.text(0.8, -0.72, "binary point", ha="left", va="center", fontsize=9, color=MUTED)
        places = np.arange(0, 41, 8)
        ax.set(xlim=(-1.2, 41.2), ylim=(-1, 1), xlabel="what a bit is worth")
        ax.set_xticks(places, ["1", *(f"$2^{{-{place}}}$" for place in places[1:])])
        ax.set_yticks([0], ["31 bits of the\nmultiplier"])
        ax.tick_params(length=0)
        ax.grid(visible=False)

    def draw(self, state):
        """Move the artists to `state`."""
        x, ones = -np.array(state.places), np.array(state.bits, bool)
        for marks, chosen in ((self.ones, ones), (self.zeros, ~ones)):
            marks.set_offsets(np.column_stack([x[chosen], np.zeros(chosen.sum())]))
        multiplier, shift = state.fixed
        self.title.set_text(f"multiplier = {multiplier:,}, shift = {shift}")


class LinePanel(Panel):
    """The number line around the product: one lane for each profile, from the product to what it is rounded to."""

    def __init__(self, ax):
        super().__init__(ax)
        self.lanes = {profile: -lane for lane, profile in enumerate(WORDS)}
        self.tie = self.span(ORANGE)
        self.tie.set(x=0.485, width=0.03, alpha=0.6)
        self.exact = ax.axvline(0, color=INK, lw=1.4, label="_guide", animated=True)
        self.ways = ax.hlines([], 0, 1, color=MUTED, lw=1.6, animated=True)
        look = {"zorder": 4, "animated": True}
        self.near = ax.scatter([], [], 110, color=BLUE, label="a nearest number", **look)
        self.stray = ax.scatter([], [], 130, color=RED, marker="X", label="not the nearest", **look)
        hollow = {"facecolor": "white", "edgecolor": INK, "marker": "D"}
        self.first = ax.scatter([], [], 34, label="first rounding", **hollow, **look)
        self.ends = [ax.text(x, -0.055, "", transform=self.across, ha="center", va="top", fontsize=11, animated=True)
                     for x in (0, 1)]
        self.written = [self._beside(lane) for lane in self.lanes.values()]
        self._frame(ax)

    def _beside(self, lane):
        return self.ax.text(1.32, lane, "", ha="right", va="center", fontsize=11, color=INK, animated=True)

    def _frame(self, ax):
        ax.set(xlim=(-0.32, 1.34), ylim=(-4.6, 0.6))
        ax.set_ylabel("profile")
        ax.set_xlabel("number line around the product", labelpad=14)
        ax.set_xticks([0, 0.5, 1], ["", "midway", ""])
        ax.set_yticks(list(self.lanes.values()), [f"{profile}: {words}" for profile, words in WORDS.items()])
        ax.tick_params(length=0)
        ax.grid(axis="y", visible=False)
        marks = [self.near, self.first, self.stray]
        ax.legend(marks, [mark.get_label() for mark in marks], loc="lower right", bbox_to_anchor=(1.0, 0.985), ncols=3,
                  borderaxespad=0, handletextpad=0.2, columnspacing=1.2)

    def draw(self, state):
        """Move the artists to `state`."""
        floor, lanes = state.floor, np.array(list(self.lanes.values()))
        exact = float(state.exact - floor)
        x = np.array([y - floor for y in state.results.values()], float)
        far = np.array([profile in state.strays for profile in state.results])
        self.exact.set_xdata([exact, exact])
        self.tie.set_visible(state.is_tie)
        self.ways.set_segments([[(exact, lane), (end, lane)] for end, lane in zip(x, lanes, strict=True)])
        for marks, chosen in ((self.near, ~far), (self.stray, far)):
            marks.set_offsets(np.column_stack([x[chosen], lanes[chosen]]))
        first = float(state.first - floor)
        self.first.set_offsets([(first, self.lanes[profile]) for profile in "AB"])
        for text, end in zip(self.ends, (floor, floor + 1), strict=True):
            text.set_text(f"{end}")
        for text, y in zip(self.written, state.results.values(), strict=True):
            text.set_text(f"{y}")
        self.title.set_text(self._title(state))

    @staticmethod
    def _title(state):
        if state.is_tie:
            return "A tie"
        strays = " and ".join(state.strays)
        return f"{strays} stray{'' if len(state.strays) > 1 else 's'}" if strays else "No tie"
