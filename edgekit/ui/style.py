"""How every figure looks: a palette safe for colour-blind readers, markers, readable sizes."""

from matplotlib import rc_context, style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

#: Ten colours for colour-blind readers (M. A. Petroff, "Accessible Color Sequences", 2021).
PALETTE = tuple(entry["color"] for entry in style.library["petroff10"]["axes.prop_cycle"])
#: One marker for each colour, so that no curve is told by its colour alone.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
INK, MUTED, FAINT = "#222222", "#666666", "#d9d9d9"
BLUE, ORANGE, RED, GREY, PURPLE = PALETTE[:5]
#: A plate behind a name, so that a line does not cross it.
PLATE = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0}

STYLE = {
    "font.size": 11.0,
    "axes.titlesize": 12.5,
    "axes.labelsize": 11.0,
    "xtick.labelsize": 10.0,
    "ytick.labelsize": 10.0,
    "legend.fontsize": 10.0,
    "figure.titlesize": 14.0,
    "axes.prop_cycle": style.library["petroff10"]["axes.prop_cycle"],
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 9.0,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "lines.linewidth": 1.8,
    "lines.markersize": 6.0,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": ["DejaVu Sans"],
    "axes.formatter.useoffset": False,
}


def subplots(nrows=1, ncols=1, height=3.6, width=8.0, layout="constrained", **keywords):
    """Return a figure and its axes in the kit's style, `width` x `height` inches.

    8 inches fill a notebook's column. The figure belongs to the caller alone: nothing is kept open,
    nothing is drawn twice. Keywords go to `Figure.subplots`.

    >>> fig, ax = subplots()
    >>> fig.get_size_inches().tolist()
    [8.0, 3.6]
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout=layout)
        FigureCanvasAgg(figure)
        return figure, figure.subplots(nrows, ncols, **keywords)
