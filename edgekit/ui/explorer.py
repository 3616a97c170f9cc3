"""The frame of every widget: controls, one figure drawn again and again, a sentence and a table of numbers.

A subclass says four things: which controls there are, which artists the figure holds, what follows from the values
of the controls (`compute`, pure), and how the artists show it (`draw`). The frame does the rest: it redraws when a
control moves, and shows a still picture where widgets cannot run.
"""

import html
import textwrap
import time
from contextlib import contextmanager
from itertools import cycle

import ipywidgets as W
import numpy as np
from matplotlib import rc_context

from edgekit.ui.figures import picture
from edgekit.ui.render import Renderer
from edgekit.ui.style import STYLE

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Explorer:
    """Controls and a figure that follows them. Evaluate one at the end of a cell to see it."""

    def __init__(self):
        self.watching = True
        self.controls = self.make_controls()
        with rc_context(STYLE):
            self.figure = self.make_figure()
        self.renderer = Renderer(self.figure)
        self.headline, self.image, self.numbers = W.HTML(), W.Image(format="png"), W.HTML()
        self.image.layout.max_width = "100%"
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self.widget = W.VBox([self.arrange(), self.headline, self.image, self.numbers])
        self.refresh()

    def make_controls(self):
        """Return {name: ipywidgets control}; the names are the keywords of `compute`."""
        raise NotImplementedError

    def make_figure(self):
        """Return a new figure whose artists `draw` fills; those marked `set_animated(True)` are redrawn fast."""
        raise NotImplementedError

    def compute(self, **values):
        """Return all that is shown for these values of the controls, without drawing anything."""
        raise NotImplementedError

    def draw(self, figure, state):
        """Show `state` on the artists of `figure`, which `make_figure` made: by default its panels do."""
        for panel in figure.panels:
            panel.draw(state)

    def sentence(self, state):
        """Return what the figure shows in one sentence: the headline, and the alternative text."""
        raise NotImplementedError

    def rows(self, state):
        """Return [(name, value)] for the table of numbers."""
        return []

    def adjust(self, values):
        """Switch off the controls that have no effect at these values, and move those whose value is not there."""

    def arrange(self):
        """Return the box of controls."""
        return W.Box(list(self.controls.values()), layout=W.Layout(flex_flow="row wrap", grid_gap="2px 18px"))

    @property
    def values(self):
        """The values of the controls, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values):
        """Move several controls and redraw once. Raises ValueError for a name that is not a control."""
        unknown = sorted(set(values) - set(self.controls))
        if unknown:
            raise ValueError(f"set: no control named {unknown[0]!r}; there are {', '.join(self.controls)}")
        with self.unwatched():
            for name, value in values.items():
                self.controls[name].value = value
        self.refresh()

    @contextmanager
    def unwatched(self):
        """Within it controls may be changed without a redraw."""
        before, self.watching = self.watching, False
        try:
            yield
        finally:
            self.watching = before

    def refresh(self):
        """Compute and draw for the present values. An error is shown in place of the headline, and raised."""
        try:
            self.adjust(self.values)
            state = self.compute(**self.values)
            self.draw(self.figure, state)
            self.image.value = self.renderer.png()
        except Exception as error:
            self.headline.value = f'<p role="alert"><b>{html.escape(str(error))}</b></p>'
            raise
        self.headline.value = f'<p role="status" style="{HEADLINE}">{html.escape(self.sentence(state))}</p>'
        self.numbers.value = table(self.rows(state))

    def _moved(self, change):
        if self.watching:
            self.refresh()

    def static(self):
        """Return a new figure for the present values: what to show where widgets cannot run."""
        with rc_context(STYLE):
            figure = self.make_figure()
            state = self.compute(**self.values)
            self.draw(figure, state)
        return _with_headline(figure, self.sentence(state))

    def picture(self):
        """Return `static()` as a picture with its alternative text."""
        return picture(self.static(), self.sentence(self.compute(**self.values)))

    def _repr_mimebundle_(self, include=None, exclude=None):
        still = self.picture()._repr_mimebundle_()
        view = self.widget._repr_mimebundle_() or {}
        return still | {WIDGET_VIEW: view[WIDGET_VIEW]} if WIDGET_VIEW in view else still


HEADLINE = "margin:8px 0 2px;font-size:15px;line-height:1.35;font-weight:600"


LETTERS = 11.5  # of the headline, to an inch


def _with_headline(figure, text, inches=0.4):
    """Make `figure` higher and write `text` above its axes, in as many lines as it needs."""
    width, height = figure.get_size_inches()
    text = textwrap.fill(text, round(LETTERS * width))
    inches += 0.2 * text.count("\n")
    if figure.get_layout_engine() is not None:  # it makes room by itself
        figure.set_size_inches(width, height + inches)
        figure.suptitle(text, x=0.012, ha="left", fontsize=11.5)
        return figure
    share = height / (height + inches)
    places = [ax.get_position() for ax in figure.axes]
    figure.set_size_inches(width, height + inches)
    for ax, place in zip(figure.axes, places, strict=True):
        ax.set_position([place.x0, place.y0 * share, place.width, place.height * share])
    figure.suptitle(text, x=0.012, y=0.985, ha="left", va="top", fontsize=11.5)
    return figure


def table(rows):
    """Return `rows`, [(name, value)], as a small HTML table, names above values."""
    if not rows:
        return ""
    cells = "".join(
        f'<div style="margin-right:22px"><div style="color:#666;font-size:12px">{html.escape(name)}</div>'
        f'<div style="font-size:15px">{html.escape(value)}</div></div>'
        for name, value in rows
    )
    return f'<div style="display:flex;flex-wrap:wrap;line-height:1.35">{cells}</div>'


def positions(control):
    """Return values that a control can take: all options of a choice, or lowest, highest and steps between.

    >>> positions(W.IntSlider(min=2, max=5))
    [2, 3, 4, 5]
    """
    if hasattr(control, "options"):
        options = control.options.values() if isinstance(control.options, dict) else control.options
        return [option[1] if isinstance(option, tuple) else option for option in options]
    if isinstance(control, W.Checkbox):
        return [False, True]
    steps = round((control.max - control.min) / control.step)
    grid = [control.min + i * control.step for i in range(steps + 1)]
    if isinstance(control, W.FloatLogSlider):  # least, most and step are exponents
        return [control.base**exponent for exponent in grid]
    return [type(control.value)(round(value, 10)) for value in grid]


def latency_ms(explorer, name, moves=60):
    """Move the control `name` to and fro and return the milliseconds of each redraw, (moves,), in this process.

    Everything that happens in the kernel is in it: computing, drawing, encoding. The way to the browser is not.
    """
    control = explorer.controls[name]
    way = positions(control)
    if len(way) < 2:
        raise ValueError(f"latency_ms: the control {name!r} has nowhere to move, its only value is {control.value!r}")
    taken, values = [], cycle(way[1:] + way[-2::-1])
    while len(taken) < moves:
        value = next(values)
        if value != control.value:
            start = time.perf_counter()
            control.value = value
            taken.append(1000 * (time.perf_counter() - start))
    return np.array(taken)
