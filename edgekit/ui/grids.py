"""Plots of values on an integer grid: where they lie, what rounding and clipping cost."""

import numpy as np

from edgekit.core.affine import fake_quantize
from edgekit.ui.style import BLUE, GREY, INK, MARKERS, MUTED, ORANGE, PALETTE, RED

MOST_LINES = 64


def grid_points(qparams):
    """Return the real values of all codes of a per-tensor grid, `scale * (q - zero_point)`.

    >>> from edgekit.core.affine import QParams
    >>> grid_points(QParams(0.5, 0, num_bits=2)).tolist()
    [-1.0, -0.5, 0.0, 0.5]
    """
    if qparams.axis is not None:
        raise ValueError(f"grid_points: one grid at a time, got one per slice of axis {qparams.axis}; pick a channel")
    return float(qparams.scale) * (np.arange(qparams.qmin, qparams.qmax + 1) - int(qparams.zero_point))


def histogram(ax, x, qparams=None, bins=80, label="values", unit=""):
    """Draw the histogram of `x` and the integer grid over it; counts are logarithmic so that outliers show.

    Up to 64 codes are drawn one by one; a finer grid is a band with its ends. What lies
    outside is shaded: clipped.

    >>> from edgekit.core.affine import QParams
    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = histogram(ax, [-1.0, 0.0, 0.2, 4.0], QParams(0.5, 0, num_bits=3), bins=5)
    >>> print(facts(fig))
    8 codes, step 0.5: 25 % of the values are clipped | x: values | y: count per bin
      line grid: 8 points, x -2 to 1.5 (mean -0.25), y 0 to 0 (mean 0)
      bars values: 5 bars, 0 to 2 (mean 0.8)
    """
    x = np.ravel(x)
    counts, edges = np.histogram(x, bins)
    ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=BLUE, alpha=0.75, label=label)
    ax.set(yscale="log", xlabel=_with_unit(label, unit), ylabel="count per bin", ylim=(0.7, 2.2 * counts.max()))
    ax.grid(axis="x", visible=False)
    if qparams is not None:
        points = grid_points(qparams)
        _draw_grid(ax, points)
        _shade_clipped(ax, x, points)
        clipped = np.mean((x < points[0] - qparams.scale / 2) | (x > points[-1] + qparams.scale / 2))
        step = f"{points.size} codes, step {float(qparams.scale):.3g}"
        ax.set_title(f"{step}: {100 * clipped:.3g} % of the values are clipped")
    return ax


def _draw_grid(ax, points):
    if points.size <= MOST_LINES:
        ax.vlines(points, 0, 1, transform=ax.get_xaxis_transform(), color=ORANGE, lw=1.0, alpha=0.8)
    else:
        ax.axvspan(points[0], points[-1], color=ORANGE, alpha=0.12, lw=0)
        ax.vlines(points[[0, -1]], 0, 1, transform=ax.get_xaxis_transform(), color=ORANGE, lw=1.4)
    look = "|" if points.size <= MOST_LINES else "-"
    zero = np.zeros_like(points)
    ax.plot(points, zero, look, transform=ax.get_xaxis_transform(), color=ORANGE, ms=9, label="grid", clip_on=False)
    ax.annotate(
        f"{points.size} codes",
        (points[-1], 1.0),
        (4, -11),
        xycoords=ax.get_xaxis_transform(),
        textcoords="offset points",
        color=INK,
        fontsize=10,
    )


def _shade_clipped(ax, x, points):
    low, high = min(x.min(), points[0]), max(x.max(), points[-1])
    for start, end in ((low, points[0]), (points[-1], high)):
        if end > start:
            ax.axvspan(start, end, color=RED, alpha=0.10, lw=0)
    ax.set_xlim(low - 0.03 * (high - low), high + 0.09 * (high - low))


def rounding_error(ax, x, qparams, unit=""):
    """Draw the error `fake_quantize(x) - x` against `x`: a saw tooth, and a ramp where values are clipped.

    >>> from edgekit.core.affine import QParams
    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = rounding_error(ax, [0.0, 0.2, 0.3, 9.0], QParams(0.5, 0, num_bits=4))
    >>> print(facts(fig))
    Inside the range the error stays within ± scale / 2 = 0.25 | x: value | y: error
      points rounded: 3 points, x 0 to 0.3 (mean 0.167), y -0.2 to 0.2 (mean 0)
      points clipped: 1 points, x 9 to 9 (mean 9), y -5.5 to -5.5 (mean -5.5)
    """
    x = np.ravel(np.asarray(x, np.float64))
    points, half = grid_points(qparams), float(qparams.scale) / 2
    error = fake_quantize(x, qparams) - x
    clipped = (x < points[0] - half) | (x > points[-1] + half)
    ax.axhspan(-half, half, color=GREY, alpha=0.18, lw=0)
    for chosen, color, marker, name in ((~clipped, BLUE, "o", "rounded"), (clipped, RED, "X", "clipped")):
        if chosen.any():
            ax.scatter(x[chosen], error[chosen], 14, color=color, marker=marker, lw=0, label=name, rasterized=True)
            place = np.argmax(np.abs(error) * chosen)
            if name == "clipped":
                ax.annotate(
                    name,
                    (x[place], error[place]),
                    (-6, 0),
                    textcoords="offset points",
                    ha="right",
                    va="center",
                    color=INK,
                    fontsize=10,
                )
    ax.set(
        xlabel=_with_unit("value", unit),
        ylabel=_with_unit("error", unit),
        title=f"Inside the range the error stays within ± scale / 2 = {half:.3g}",
    )
    return ax


def error_histogram(ax, x, qparams, bins=60, unit=""):
    """Draw the histogram of `fake_quantize(x) - x` between the bounds ± scale / 2.

    >>> from edgekit.core.affine import QParams
    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = error_histogram(ax, [0.0, 0.2, 0.3], QParams(0.5, 0, num_bits=4), bins=2)
    >>> print(facts(fig))
    The error of rounding is spread evenly over one step | x: error | y: count per bin
      bars error: 2 bars, 1 to 2 (mean 1.5)
    """
    x = np.ravel(np.asarray(x, np.float64))
    half = float(qparams.scale) / 2
    counts, edges = np.histogram(fake_quantize(x, qparams) - x, bins)
    ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=BLUE, alpha=0.75, label="error")
    for end, name, side in ((-half, "− scale / 2", "left"), (half, "+ scale / 2", "right")):
        ax.axvline(end, color=ORANGE, lw=1.4, ls="--", label="_guide")
        ax.annotate(
            name,
            (end, 1.0),
            (4 if side == "left" else -4, -11),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha=side,
            color=INK,
            fontsize=10,
        )
    ax.set(
        xlabel=_with_unit("error", unit),
        ylabel="count per bin",
        ylim=(0, 1.25 * counts.max()),
        title="The error of rounding is spread evenly over one step",
    )
    return ax


def sqnr(ax, num_bits, curves, title="Each bit is worth about 6 dB"):
    """Draw signal-to-quantization-noise ratios against bits: `curves` is {name: values in dB}, named at their ends.

    A dashed guide with the slope of the theory, 6.02 dB per bit, runs 4 dB below the first point of the lowest curve.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = sqnr(ax, [4, 5, 6], {"uniform": [24.0, 30.0, 36.0]})
    >>> print(facts(fig))
    Each bit is worth about 6 dB | x: bits per value | y: SQNR (dB)
      line uniform: 3 points, x 4 to 6 (mean 5), y 24 to 36 (mean 30)
      line 6.02 dB per bit: 3 points, x 4 to 6 (mean 5), y 20 to 32 (mean 26)
    """
    num_bits = np.asarray(num_bits)
    ends = {}
    for i, (name, values) in enumerate(curves.items()):
        ax.plot(num_bits, values, color=PALETTE[i], marker=MARKERS[i], label=name)
        ends[name] = (values[-1], PALETTE[i])
    guide = min(values[0] for values in curves.values()) - 4 + 6.02 * (num_bits - num_bits[0])
    ax.plot(num_bits, guide, "--", color=MUTED, lw=1.2, label="6.02 dB per bit", zorder=1)
    ends["6.02 dB per bit"] = (guide[-1], MUTED)
    label_ends(ax, num_bits[-1], ends)
    ax.set(xlabel="bits per value", ylabel="SQNR (dB)", title=title, xticks=num_bits)
    return ax


def label_ends(ax, x, ends, gap=0.075):
    """Write the names of curves beside their right ends: `ends` is {name: (y, color)}; names too close move apart."""
    low, high = ax.get_ylim()
    places = sorted((y, name, color) for name, (y, color) in ends.items())
    last = -np.inf
    for y, name, color in places:
        last = max(y, last + gap * (high - low))
        ax.annotate(
            name,
            (x, last),
            (9, 0),
            textcoords="offset points",
            va="center",
            color=color,
            fontsize=10,
            annotation_clip=False,
        )
    return ax


def _with_unit(name, unit):
    return f"{name} ({unit})" if unit else name
