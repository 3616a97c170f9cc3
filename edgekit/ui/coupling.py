"""The coupling of a network's channels as a picture: boxes in their order, one colour and one number a group."""

from matplotlib.patches import FancyBboxPatch

from edgekit.graph.channel_scores import picture
from edgekit.ui.style import FAINT, INK, MUTED, PALETTE, PLATE

#: operators that only pass channels on; left out of a picture, their readers read what they read
PASSING = ("batch_norm", "relu", "relu6", "hard_swish", "sigmoid", "hard_sigmoid", "tanh", "pad")


def coupling(ax, coupled, passing=PASSING):
    """Draw the `Coupling` of a graph on `ax` and return it: what has one colour is pruned together, grey stays whole.

    A box says its operator and its channels, the text beside it its layer and its group; a thick edge marks a node
    that ties channels together. Of a box with several groups, each gets its share of the width. Arrows go from a
    layer to its readers.
    """
    boxes, arrows = condensed(*picture(coupled), passing)
    numbers = {group.name: i for i, group in enumerate(coupled.prunable)}
    places = positions(boxes, arrows)
    for start, end in arrows:
        _arrow(ax, places[start], places[end])
    for box in boxes:
        _draw(ax, box, places[box["name"]], numbers)
    ax.set(xlim=(-1.0, max(x for x, _ in places.values()) + 0.9), ylim=(-len(boxes) + 0.3, 0.7))
    ax.set_axis_off()
    return ax


def _arrow(ax, start, end):
    """Straight down to the next box; past other boxes along their left side; to a branch and back on its own side."""
    (x0, y0), (x1, y1) = start, end
    bend = 0.0
    if x1 > x0:
        start, end, bend = (x0 + 0.43, y0 - 0.2), (x1, y1 + 0.3), -0.3
    elif x1 < x0:
        start, end = (x0 - 0.43, y0), (x1 + 0.43, y1 + 0.2)
    elif y0 - y1 > 1:
        start, end, bend = (x0 - 0.43, y0), (x1 - 0.43, y1), 0.3
    else:
        start, end = (x0, y0 - 0.3), (x1, y1 + 0.3)
    style = {"arrowstyle": "-|>", "color": MUTED, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", end, start, zorder=1, arrowprops=style)


def condensed(boxes, arrows, passing=PASSING):
    """Return boxes and arrows without the boxes whose operator only passes channels on and ties nothing.

    >>> condensed([{"name": n, "op": op, "ties": False} for n, op in zip("abc", ("dense", "relu", "dense"))],
    ...           [("a", "b"), ("b", "c")])[1]
    [('a', 'c')]
    """
    gone = {box["name"] for box in boxes if box["op"] in passing and not box["ties"]}
    source = {end: start for start, end in arrows if end in gone}

    def origin(name):
        while name in gone:
            name = source[name]
        return name

    kept = [(origin(start), end) for start, end in arrows if end not in gone]
    return [box for box in boxes if box["name"] not in gone], list(dict.fromkeys(kept))


def positions(boxes, arrows):
    """Return {name: (column, -row)}: a row for each box; a branch that another box interrupts moves a column over."""
    places, before = {}, None
    for row, box in enumerate(boxes):
        sources = [start for start, end in arrows if end == box["name"]]
        column = min((places[name][0] for name in sources), default=0)
        places[box["name"]] = (column + (before is not None and len(sources) == 1 and sources != [before]), -row)
        before = box["name"]
    return places


def _draw(ax, box, place, numbers):
    x, y = place
    total, left = sum(box["groups"].values()) or 1, x - 0.42
    for group, channels in box["groups"].items() or (("", 1),):
        width = 0.84 * channels / total
        colour = PALETTE[numbers[group] % len(PALETTE)] if group in numbers else FAINT
        ax.add_patch(FancyBboxPatch((left, y - 0.28), width, 0.56, boxstyle="round,pad=0,rounding_size=0.05", zorder=2,
                                    facecolor=colour, edgecolor=INK, alpha=0.75,
                                    linewidth=2.2 if box["ties"] else 0.6))
        left += width
    channels = f"  {sum(box['groups'].values())}" if box["groups"] else ""
    ax.text(x, y, f"{box['op']}{channels}", ha="center", va="center", fontsize=9, zorder=3)
    own = [str(numbers[group] + 1) for group in box["groups"] if group in numbers]
    label = f"{box['label']}, group {' and '.join(own)}" if own else box["label"]
    ax.text(x + 0.46, y, label, ha="left", va="center", fontsize=8, color=MUTED, zorder=3, bbox=PLATE)
