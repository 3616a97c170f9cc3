"""The plot of lesson 03: what the rounding profiles make of the same accumulators, side by side."""

import numpy as np

from edgekit.ui.fixed_point import WORDS, product
from edgekit.ui.style import BLUE, GREY, INK, ORANGE, RED

#: how a result lies: label -> (marker, color, size)
LOOKS = {
    "tie rounded up": ("^", BLUE, 75),
    "tie rounded down": ("v", ORANGE, 75),
    "nearest number": ("o", GREY, 42),
    "not the nearest": ("X", RED, 90),
}


def roundings(ax, accs, real, title="At a tie, each profile goes its own way"):
    """Draw profiles A to E as rows and the accumulators `accs` as columns: each cell shows the result and its way.

    Ties are shaded. A mark tells whether a tie was rounded up or down, and whether the result is a nearest number.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = roundings(ax, [-12, 1, 5], 0.125)
    >>> print(facts(fig))
    At a tie, each profile goes its own way | x: accumulator × 0.125 | y: profile
      points tie rounded up: 2 points, x 0 to 0 (mean 0), y -3 to -1 (mean -2)
      points tie rounded down: 3 points, x 0 to 0 (mean 0), y -4 to 0 (mean -2)
      points nearest number: 10 points, x 1 to 2 (mean 1.5), y -4 to 0 (mean -2)
    """
    products = [product(acc, real) for acc in accs]
    cells = {label: [] for label in LOOKS}
    for column, one in enumerate(products):
        if one.is_tie:
            ax.axvspan(column - 0.5, column + 0.5, color=ORANGE, alpha=0.12, lw=0)
        for lane, (profile, y) in enumerate(one.results.items()):
            cells[_way(one, profile, y)].append((column, -lane))
            ax.text(column + 0.28, -lane, f"{y}", ha="center", va="center", fontsize=10.5, color=INK)
    for label, (marker, color, size) in LOOKS.items():
        if cells[label]:
            x, y = np.transpose(cells[label])
            ax.scatter(x, y, size, color=color, marker=marker, label=label)
    _frame(ax, products, real, title)
    return ax


def _way(one, profile, y):
    if profile in one.strays:
        return "not the nearest"
    if not one.is_tie:
        return "nearest number"
    return "tie rounded up" if y > one.exact else "tie rounded down"


def _frame(ax, products, real, title):
    ax.set_xticks(range(len(products)), [f"{float(one.exact):g}" for one in products])
    ax.set_yticks([-lane for lane in range(len(WORDS))], [f"{profile}: {words}" for profile, words in WORDS.items()])
    ax.set(xlim=(-0.6, len(products) - 0.4), ylim=(-len(WORDS) + 0.4, 0.6))
    ax.set(xlabel=f"accumulator × {real:g}", ylabel="profile", title=title)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=4, frameon=False, handletextpad=0.2, columnspacing=1.4)
