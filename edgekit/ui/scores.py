"""Plots of results: who is mistaken for whom, what a model costs, what fits, what several seeds say."""

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator

from edgekit.ui.style import BLUE, INK, MARKERS, MUTED, ORANGE, PALETTE, PLATE


def confusion(ax, matrix, class_names, title="Most windows lie on the diagonal"):
    """Draw a confusion matrix (C, C) of counts; rows are the truth, the colour is the share of the row.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = confusion(ax, [[9, 1], [2, 8]], ["calm", "fast"], title="Few mistakes")
    >>> print(facts(fig))
    Few mistakes | x: predicted class | y: true class
      image: 2 x 2, 0.1 to 0.9 (mean 0.5)
    """
    matrix = np.asarray(matrix)
    if matrix.shape != (len(class_names),) * 2:
        raise ValueError(f"confusion: matrix {matrix.shape} does not fit {len(class_names)} class names")
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), count in np.ndenumerate(matrix):
        if count:
            ax.text(
                j,
                i,
                f"{100 * share[i, j]:.0f} %\n{count:,}",
                ha="center",
                va="center",
                fontsize=9,
                linespacing=1.1,
                color="white" if share[i, j] > 0.55 else INK,
            )
    names = [str(name).replace("_", "\n") for name in class_names]
    ax.set_xticks(range(len(names)), names, fontsize=9)
    ax.set_yticks(range(len(names)), names, fontsize=9)
    ax.set(xlabel="predicted class", ylabel="true class", title=title)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    return ax


def costs(ax, stages, title=""):
    """Compare what stages cost: `stages` is {stage: {cost: Quantity}}.

    Costs have different units, so each row has a scale of its own: the length of a bar is its share of the row's
    largest value, and the value is written out.

    >>> from edgekit.graph.cost import Quantity
    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> size = {"float": Quantity(400, "B", "measured", ""), "int8": Quantity(110, "B", "measured", "")}
    >>> ax = costs(ax, {name: {"weights": q} for name, q in size.items()}, title="A quarter of the bytes")
    >>> print(facts(fig))
    A quarter of the bytes | x: share of the largest | y:
      bars float: 1 bars, 1 to 1 (mean 1)
      bars int8: 1 bars, 0.275 to 0.275 (mean 0.275)
    """
    rows = list(next(iter(stages.values())))
    height = 0.8 / len(stages)
    for i, (stage, quantities) in enumerate(stages.items()):
        largest = [max(s[row].value for s in stages.values()) or 1 for row in rows]
        share = [quantities[row].value / top for row, top in zip(rows, largest, strict=True)]
        y = np.arange(len(rows)) + (i - (len(stages) - 1) / 2) * height
        ax.barh(y, share, 0.9 * height, color=PALETTE[i], label=stage)
        for place, width, row in zip(y, share, rows, strict=True):
            ax.text(width + 0.012, place, f"{stage}: {quantities[row]}", va="center", fontsize=9.5)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlim=(0, 1.6), xlabel="share of the largest", title=title, xticks=[0, 0.25, 0.5, 0.75, 1.0])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    return ax


def constraint(ax, points, baseline, delta, budgets=None, metric="accuracy", cost="weight bytes", title=""):
    """Draw the optimisation problem: `points` is {name: (cost, score)}.

    Allowed are scores >= baseline - delta: filled markers. `budgets` is {device: most bytes it holds}, drawn as
    vertical lines.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> models = {"float": (88_000, 0.95), "int8": (23_000, 0.949), "2-bit": (7_000, 0.71)}
    >>> ax = constraint(ax, models, 0.95, 0.01, {"small device": 32_000}, title="Only int8 is allowed and fits")
    >>> print(facts(fig))
    Only int8 is allowed and fits | x: weight bytes | y: accuracy
      line allowed: 2 points, x 23000 to 88000 (mean 55500), y 0.949 to 0.95 (mean 0.95)
      line not allowed: 1 points, x 7000 to 7000 (mean 7000), y 0.71 to 0.71 (mean 0.71)
      line baseline − delta: 2 points, x 0 to 1 (mean 0.5), y 0.94 to 0.94 (mean 0.94)
      line small device: 2 points, x 32000 to 32000 (mean 32000), y 0 to 1 (mean 0.5)
    """
    floor, budgets = baseline - delta, budgets or {}
    _points(ax, points, floor)
    _frame(ax, points, budgets, floor)
    _floor(ax, floor)
    for name, (x, y) in points.items():
        ax.annotate(name, (x, y), (0, 9), textcoords="offset points", ha="center", fontsize=10, bbox=PLATE)
    for name, limit in budgets.items():
        _budget(ax, name, limit)
    ax.set(xlabel=cost, ylabel=metric, title=title)
    return ax


def _points(ax, points, floor):
    """Markers, filled where the score is at least `floor`."""
    for name, kept, fill in (("allowed", True, BLUE), ("not allowed", False, "white")):
        chosen = [point for point in points.values() if (point[1] >= floor) is kept]
        if chosen:
            ax.plot(*zip(*chosen, strict=True), "o", mfc=fill, mec=BLUE, mew=1.6, ms=9, label=name, zorder=3)


def _floor(ax, floor):
    """The least score that is allowed, and the band above it."""
    ax.axhline(floor, color=ORANGE, lw=1.4, label="baseline − delta")
    ax.axhspan(floor, ax.get_ylim()[1], color=ORANGE, alpha=0.10, lw=0)
    ax.annotate(f"allowed: at least {floor:.3g}", (0, floor), (6, 4), xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", va="bottom", color=INK, fontsize=10)


def _budget(ax, name, limit):
    """A vertical line where a device is full."""
    ax.axvline(limit, color=MUTED, lw=1.4, ls="--", label=name)
    ax.annotate(f"{name}: {bytes_text(limit)}", (limit, 0), (5, 6), xycoords=ax.get_xaxis_transform(),
                textcoords="offset points", rotation=90, ha="right", va="bottom", color=MUTED, fontsize=9.5)


def _frame(ax, points, budgets, floor):
    """Limits that leave room for names; the costs on a logarithmic axis, in bytes that people read."""
    costs_, scores = (np.array(values, float) for values in zip(*points.values(), strict=True))
    low, high = min([*costs_, *budgets.values()]), max([*costs_, *budgets.values()])
    span = max(np.ptp([*scores, floor]), 0.01)
    ax.set(
        xscale="log", xlim=(low / 1.8, high * 1.8), ylim=(min(*scores, floor) - 0.25 * span, max(scores) + 0.3 * span)
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: bytes_text(value)))
    ax.xaxis.set_major_locator(LogLocator(base=2))
    ax.minorticks_off()


def bytes_text(value):
    """Return a number of bytes as people say it.

    >>> bytes_text(512), bytes_text(23_552), bytes_text(2_097_152)
    ('512 B', '23 KiB', '2 MiB')
    """
    for unit, size in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} B"


def study(ax, values, intervals, metric="accuracy", title="", digits=".4g"):
    """Draw a study: `values` is {name: one value per seed}, `intervals` {name: (low, high)} of the mean, 95 %.

    `digits` says how a mean is written, such as ".1f".

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = study(ax, {"float": [0.95, 0.96, 0.94]}, {"float": (0.925, 0.975)}, title="Five seeds")
    >>> print(facts(fig))
    Five seeds | x: accuracy (markers: seeds, band: 95 % interval of the mean) | y:
      line interval of float: 2 points, x 0.925 to 0.975 (mean 0.95), y 0 to 0 (mean 0)
      points float: 3 points, x 0.94 to 0.96 (mean 0.95), y 0 to 0 (mean 0)
    """
    for i, (name, seeds) in enumerate(values.items()):
        low, high = intervals[name]
        ax.plot(
            [low, high], [i, i], color=PALETTE[i], lw=7, alpha=0.35, solid_capstyle="butt", label=f"interval of {name}"
        )
        ax.scatter(seeds, np.full(len(seeds), i), 34, color=PALETTE[i], marker=MARKERS[i], label=name, zorder=3)
        ax.plot(np.mean(seeds), i, "|", color=INK, ms=16, mew=1.6, label="_guide", zorder=4)
        ax.annotate(
            f"mean {np.mean(seeds):{digits}}, {len(seeds)} seeds",
            (np.mean(seeds), i),
            (0, 11),
            textcoords="offset points",
            ha="center",
            fontsize=10,
            bbox=PLATE,
        )
    ax.set_yticks(range(len(values)), list(values))
    ax.set(xlabel=f"{metric} (markers: seeds, band: 95 % interval of the mean)", title=title)
    ax.set(ylim=(len(values) - 0.4, -0.6))
    ax.grid(axis="y", visible=False)
    return ax
