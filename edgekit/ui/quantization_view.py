"""The figure of the `QuantizationExplorer`: values and grid, error, SQNR; artists made once, then only moved.

The limits of the axes depend on the tensor, hardly on the setting: a slider moves marks, not the page under them.
"""

import numpy as np

from edgekit.ui.grids import MOST_LINES, grid_points
from edgekit.ui.quantization import channel_grid
from edgekit.ui.style import BLUE, INK, MUTED, ORANGE, PLATE, RED, subplots

BINS = 60
REACH = 1.5  # steps of error that the second panel shows; what is beyond is counted in its outermost bars


class Panel:
    """An axes and its artists that move, the title among them."""

    def __init__(self, ax):
        self.ax, self.across = ax, ax.get_xaxis_transform()
        self.title = ax.set_title("", loc="left", fontsize=11)
        self.title.set_animated(True)

    def note(self, x, y, **look):
        """Return an empty moving text at `x`, `y`, shares of the axes."""
        look = {"transform": self.ax.transAxes, "va": "center", "ha": "right", "fontsize": 9.5, "color": INK} | look
        return self.ax.text(x, y, "", animated=True, **look)

    def limits(self, x, y):
        """Set the limits of the axes if they are not so already: new ones cost a whole drawing."""
        if (*self.ax.get_xlim(), *self.ax.get_ylim()) != (*x, *y):
            self.ax.set(xlim=x, ylim=y)

    def bars(self, color, label):
        """Return a moving histogram."""
        return self.ax.stairs([1], [0, 1], fill=True, color=color, alpha=0.75, label=label, animated=True)

    def lines(self, **look):
        """Return moving vertical lines, without any so far."""
        return self.ax.vlines([], 0, 1, transform=self.across, color=ORANGE, animated=True, **look)

    def span(self, color):
        """Return a moving band over the height of the axes."""
        return self.ax.axvspan(0, 1, color=color, alpha=0.12, lw=0, animated=True)


class ValuesPanel(Panel):
    """Histogram of the values with the integer grid over it; off the grid values are clipped."""

    def __init__(self, ax):
        super().__init__(ax)
        self.values, self.grid = self.bars(BLUE, "values"), self.lines(lw=1.1, label="grid")
        self.band, self.off = self.span(ORANGE), [self.span(RED) for _ in "<>"]
        self.names = [self.note(0.985, y, bbox=PLATE) for y in (0.885, 0.715)]
        self.clipped = [self.note(x, 0.95, color=RED, ha=side) for x, side in ((0.01, "left"), (0.99, "right"))]
        ax.set(yscale="log", ylabel="count per bin (log)", xlabel="value")
        ax.minorticks_off()
        ax.grid(axis="x", visible=False)

    def draw(self, outcome):
        """Move the artists to `outcome`."""
        reach = 1.06 * (float(np.abs(outcome.x).max()) or 1.0)
        counts, edges = np.histogram(outcome.x, BINS)
        self.values.set_data(counts, edges, 0.5)
        self.limits((-reach, reach), (0.5, 8 * counts.max()))
        if outcome.qparams.axis is None:
            self._draw_grid(outcome, reach)
        else:
            self._draw_channels(outcome.qparams)
        self.title.set_text(self._title(outcome))

    def _draw_grid(self, outcome, reach):
        points = grid_points(outcome.qparams)
        fine = points.size > MOST_LINES
        self.grid.set_segments([[(x, 0), (x, 1)] for x in (points[[0, -1]] if fine else points)])
        self.band.set(x=points[0], width=points[-1] - points[0], visible=fine)
        sides = (outcome.x < points[0]) & outcome.is_clipped, (outcome.x > points[-1]) & outcome.is_clipped
        for patch, note, side, ends in zip(
            self.off, self.clipped, sides, ((-reach, points[0]), (points[-1], reach)), strict=True
        ):
            patch.set(x=ends[0], width=ends[1] - ends[0], visible=side.any())
            note.set_text(f"{side.sum():,} clipped" if side.any() else "")
        for name in self.names:
            name.set_text("")

    def _draw_channels(self, qparams):
        """Two rows of marks: the grids of the channels with the largest and the smallest step."""
        chosen, grids = extreme_channels(qparams)
        segments = []
        for points, bottom in zip(map(grid_points, grids), (0.93, 0.76), strict=True):
            segments += [[(x, bottom), (x, bottom + 0.06)] for x in points]
        self.grid.set_segments(segments)
        for name, channel, kind in zip(self.names, chosen, ("coarsest", "finest"), strict=True):
            name.set_text(f"{kind} grid, channel {channel}")
        for artist in (self.band, *self.off):
            artist.set_visible(False)
        for note in self.clipped:
            note.set_text("")

    @staticmethod
    def _title(outcome):
        share = 100 * outcome.is_clipped.mean()
        clipped = f"{share:.2g} % clipped" if share else "nothing clipped"
        codes = outcome.qparams.qmax - outcome.qparams.qmin + 1
        return f"{codes} codes{'' if outcome.qparams.axis is None else ' in each channel'}, {clipped}"


class ErrorPanel(Panel):
    """Histogram of the error in steps, rounding and clipping apart, with the bound of rounding."""

    def __init__(self, ax):
        super().__init__(ax)
        self.rounded, self.clipped = self.bars(BLUE, "rounded"), self.bars(RED, "clipped")
        ax.axvline(-0.5, color=ORANGE, lw=1.4, ls="--", label="_guide")
        ax.axvline(0.5, color=ORANGE, lw=1.4, ls="--", label="_guide")
        ax.annotate(
            "± ½ step", (0.5, 0.94), (4, 0), xycoords=self.across, textcoords="offset points", va="center", fontsize=9.5
        )
        self.beyond = self.note(0.99, 0.80, color=RED)
        ax.set(yscale="log", xlabel="error (steps)", xlim=(-REACH, REACH))
        ax.minorticks_off()

    def draw(self, outcome):
        """Move the artists to `outcome`."""
        edges = np.linspace(-REACH, REACH, BINS + 1)
        steps = np.clip(outcome.error_steps, edges[0], edges[-1])
        for stairs, chosen in ((self.rounded, ~outcome.is_clipped), (self.clipped, outcome.is_clipped)):
            stairs.set_data(np.histogram(steps[chosen], edges)[0], edges, 0.5)
        largest = float(np.abs(outcome.error_steps).max())
        self.beyond.set_text(f"clipped:\nup to {largest:.3g}" if largest > REACH else "")
        self.limits((-REACH, REACH), (0.5, max(3 * outcome.x.size, 4)))
        self.title.set_text("Rounding and clipping" if outcome.is_clipped.any() else "Rounding only")


class CurvePanel(Panel):
    """SQNR against bits: the present setting, and min and max per tensor to compare with."""

    def __init__(self, ax, num_bits):
        super().__init__(ax)
        self.num_bits = num_bits
        (self.reference,) = ax.plot([], [], "s--", color=MUTED, ms=4.5, lw=1.2, label="min and max, per tensor")
        (self.curve,) = ax.plot([], [], "o-", color=BLUE, label="this setting")
        (self.here,) = ax.plot([], [], "o", color=ORANGE, ms=11, mec="white", label="_guide")
        for line in (self.reference, self.curve, self.here):
            line.set_animated(True)
        self.value = self.note(0, 0, transform=ax.transData, weight="bold", fontsize=10.5, bbox=PLATE)
        self.name = self.note(0.98, 0.07, color=MUTED)
        ends = (num_bits[0] - 0.4, num_bits[-1] + 0.4)
        ax.set(xlabel="bits per value", ylabel="SQNR (dB)", xticks=num_bits, xlim=ends)

    def draw(self, num_bits, curve, reference):
        """Move the artists to the curves (dB, one per number of bits) and mark `num_bits`."""
        curve, reference = (np.where(np.isfinite(values), values, np.nan) for values in (curve, reference))
        i = self.num_bits.index(num_bits)
        self.curve.set_data(self.num_bits, curve)
        self.reference.set_data(self.num_bits, reference)
        self.here.set_data([num_bits], curve[[i]])
        finite = np.append(curve, reference)[np.isfinite(np.append(curve, reference))] / 10
        low, high = (finite.min(), finite.max()) if finite.size else (0, 5)
        self.limits(self.ax.get_xlim(), (10 * np.floor(low), 10 * np.ceil(high + 0.3)))
        self._draw_value(i, curve[i])
        differs = not np.allclose(curve, reference, atol=0.05, equal_nan=True)
        self.name.set_text("grey: min and max" if differs else "")
        self.title.set_text(self._title(curve[i], reference[i], differs))

    def _draw_value(self, i, value):
        """Write the value of bit `i`: to the right and below while there is room, then to the left and above."""
        side = 1 if i < 3 else -1
        if np.isnan(value):
            self.value.set_text("")
            return
        height = value - side * 0.07 * np.ptp(self.ax.get_ylim())
        place = {"x": self.num_bits[i] + 0.25 * side, "y": height, "ha": "left" if side > 0 else "right"}
        self.value.set(text=f"{value:.1f} dB", **place)

    @staticmethod
    def _title(here, reference, differs):
        if np.isnan(here):
            return "No error at all"
        if not differs or np.isnan(reference):
            return "About 6 dB for each bit"
        return f"{here - reference:+.1f} dB against min and max".replace("-", "−")


def make_panels(num_bits):
    """Return a new figure and its three panels."""
    grid = {"width_ratios": [1.7, 1, 1.15], "left": 0.06, "right": 0.985, "bottom": 0.165, "top": 0.9, "wspace": 0.24}
    figure, axes = subplots(1, 3, width=10.6, height=3.3, layout="none", gridspec_kw=grid)
    return figure, (ValuesPanel(axes[0]), ErrorPanel(axes[1]), CurvePanel(axes[2], num_bits))


def extreme_channels(qparams):
    """Return the channels with the largest and the smallest scale, and their grids.

    >>> from edgekit.core.affine import QParams
    >>> extreme_channels(QParams([0.1, 0.3, 0.2], [0, 0, 0], axis=0))[0]
    (1, 0)
    """
    chosen = int(np.argmax(qparams.scale)), int(np.argmin(qparams.scale))
    return chosen, [channel_grid(qparams, channel) for channel in chosen]
