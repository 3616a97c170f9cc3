"""Show a figure with its alternative text, and say in stable text what it shows."""

import base64
import html
import io
import sys

import numpy as np
from matplotlib import rc_context
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.patches import StepPatch

from edgekit.ui.style import STYLE

DPI = 144
CSS_DPI = 96


class Picture:
    """A PNG with its alternative text: an `<img alt=...>` where HTML is shown, words everywhere else."""

    def __init__(self, png, alt, text, width):
        self.png, self.alt, self.text, self.width = png, alt, text, width

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        source = base64.b64encode(self.png).decode("ascii")
        look = f'width="{self.width}" style="max-width:100%;height:auto"'
        image = f'<img alt="{html.escape(self.alt)}" {look} src="data:image/png;base64,{source}">'
        return {"text/html": image, "text/plain": self.text}


def picture(fig, alt, compare=True):
    """Return `fig` as a `Picture` and close it. `alt` says what the figure shows to one who cannot see it.

    The text that stands beside the image holds `facts(fig)`, which the notebook tests compare;
    `compare=False` leaves them out, for figures of what truly varies, such as timings.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"show: alt must be a sentence that says what the figure shows, got {alt!r}")
    with rc_context(STYLE):
        _titles_left(fig)
        png = to_png(fig, DPI)
    width = round(fig.get_size_inches()[0] * CSS_DPI)
    text = f"figure: {alt}" + (f"\n{facts(fig)}" if compare else "")
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
    return Picture(png, alt, text, width)


def show(fig, alt, compare=True):
    """Display `fig` as an image with the alternative text `alt`, and close it; see `picture`."""
    from IPython.display import display

    display(picture(fig, alt, compare))


def _titles_left(fig):
    """Set titles at the left, where a sentence begins; called within the kit's style."""
    for ax in fig.axes:
        title = ax.get_title(loc="center")
        if title:
            ax.set_title("", loc="center")
            ax.set_title(title, loc="left")


def to_png(fig, dpi):
    """Return `fig` as PNG bytes, without a time or a version in them: equal figures give equal bytes."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def facts(fig):
    """Return what `fig` shows as text: titles, axis labels, rounded extremes of every curve, bar and image.

    Numbers keep 3 significant digits of the largest value of their curve, so that noise in the last bits
    does not show and a changed curve does.

    >>> from edgekit.ui.style import subplots
    >>> fig, ax = subplots()
    >>> _ = ax.plot([0, 1, 2], [0.0, 1.5, 3.0], label="ramp")
    >>> _ = ax.set(title="A line", xlabel="time (s)")
    >>> print(facts(fig))
    A line | x: time (s) | y:
      line ramp: 3 points, x 0 to 2 (mean 1), y 0 to 3 (mean 1.5)
    """
    lines = [" ".join(fig.get_suptitle().split())] if fig.get_suptitle() else []
    for ax in fig.axes:
        title = ax.get_title(loc="left") or ax.get_title() or ax.get_title(loc="right")
        lines.append(f"{title} | x: {ax.get_xlabel()} | y: {ax.get_ylabel()}".rstrip())
        lines += [f"  {line}" for line in _marks(ax)]
    return "\n".join(lines)


def _marks(ax):
    """One line of text for each artist of `ax` that carries data; guides have a label that starts with `_guide`."""
    for line in (line for line in ax.get_lines() if not str(line.get_label()).startswith("_guide")):
        name, x, y = _name(line), *(np.asarray(values) for values in line.get_data(orig=False))
        yield f"line{name}: {len(x)} points, x {_extremes(x)}, y {_extremes(y)}"
    for points in (c for c in ax.collections if isinstance(c, PathCollection)):
        x, y = np.asarray(points.get_offsets(), float).T
        yield f"points{_name(points)}: {len(x)} points, x {_extremes(x)}, y {_extremes(y)}"
    for bars in (c for c in ax.containers if isinstance(c, BarContainer)):
        along = "get_width" if bars.orientation == "horizontal" else "get_height"
        yield f"bars{_name(bars)}: {len(bars)} bars, {_extremes([getattr(bar, along)() for bar in bars])}"
    for steps in (p for p in ax.patches if isinstance(p, StepPatch)):
        counts = steps.get_data().values
        yield f"steps{_name(steps)}: {len(counts)} bins, {_extremes(counts)}"
    for image in ax.images:
        values = np.ma.getdata(image.get_array())
        yield f"image{_name(image)}: {' x '.join(map(str, values.shape))}, {_extremes(values)}"


def _name(artist):
    label = str(artist.get_label())
    return "" if label.startswith("_") or not label else f" {label}"


def _extremes(values):
    """'low to high (mean m)', to 3 significant digits of the largest magnitude."""
    values = np.asarray(values, np.float64).ravel()
    values = values[np.isfinite(values)]
    if values.size == 0:
        return "nothing"
    largest = float(np.abs(values).max())
    decimals = 2 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    low, high, mean = (_short(round(float(v), decimals)) for v in (values.min(), values.max(), values.mean()))
    return f"{low} to {high} (mean {mean})"


def _short(value):
    return f"{value + 0.0:.6g}"
