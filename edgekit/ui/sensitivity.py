"""The widget of lesson 02 that shows which layer suffers: a bar for each layer, from reports of `graph.sensitivity`."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from edgekit.ui.explorer import Explorer
from edgekit.ui.style import BLUE, INK, MUTED, ORANGE, subplots

QUESTIONS = {"only this layer is quantized": "only", "all but this layer are quantized": "but"}
ASKED = {kind: text for text, kind in QUESTIONS.items()}
#: an SQNR that is not finite, because nothing changed, is drawn as this many dB
NO_ERROR_DB = 100.0


@dataclass(frozen=True)
class Bars:
    """A value for each layer, the value to compare with, the layer that stands out, and the words for all that."""

    setting: str
    question: str
    measure: str
    values: tuple
    reference: float | None
    reference_name: str
    chosen: int


class LayerSensitivity(Explorer):
    """Which layer costs most: `reports` is {setting in words: Report} of one network, such as {"8 bits": report}.

    `metric` names the metric of the reports; without one only SQNR can be chosen.

    >>> from edgekit.graph.sensitivity import Report, Row
    >>> rows = (Row("a", "first", "conv2d", 30.0, 12.0), Row("b", "second", "dense", 9.0, 28.0))
    >>> explorer = LayerSensitivity({"4 bits": Report(rows, 8.0)})
    >>> explorer.headline.value.split(">")[1].split("<")[0]
    '4 bits: quantizing only second leaves 9.0 dB, the worst of 2 layers'
    """

    def __init__(self, reports, metric=None):
        self.reports, self.metric = dict(reports), metric
        _check(self.reports, metric)
        self.labels = [row.label for row in next(iter(self.reports.values())).rows]
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "80px"}, "layout": W.Layout(width="330px")}
        measures = {"SQNR of the output (dB)": "db"} | ({self.metric: "metric"} if self.metric else {})
        controls = {
            "setting": W.Dropdown(options=list(self.reports), description="weights", **look),
            "question": W.Dropdown(options=QUESTIONS, description="when", **look),
            "measure": W.Dropdown(options=measures, description="measure", **look),
        }
        controls["setting"].tooltip = "bits and scales of the weights"
        controls["question"].tooltip = "one layer alone on its grid, or all layers but one"
        controls["measure"].tooltip = "what is measured at the output of the network"
        return controls

    def compute(self, setting, question, measure):
        report = self.reports[setting]
        values = [getattr(row, f"{question}_{measure}") for row in report.rows]
        values = tuple(min(max(value, -NO_ERROR_DB), NO_ERROR_DB) for value in values)
        everything = report.all_db if measure == "db" else report.all_metric
        spared = {"db": None, "metric": report.float_metric}[measure]
        reference, name = (everything, "all quantized") if question == "but" else (spared, "all in floats")
        chosen = int(np.argmax(values) if question == "but" else np.argmin(values))
        return Bars(setting, question, measure, values, reference, name, chosen)

    def make_figure(self):
        figure, ax = subplots(height=0.9 + 0.34 * len(self.labels), width=8.6)
        figure.bars = ax.barh(range(len(self.labels)), [0] * len(self.labels), 0.72, label="layers")
        look = {"va": "center", "fontsize": 9.5, "color": INK, "bbox": {"fc": "white", "ec": "none", "pad": 0.8},
                "xytext": (7, 0), "textcoords": "offset points", "annotation_clip": False, "zorder": 4}
        figure.written = [ax.annotate("", (0, y), **look) for y in range(len(self.labels))]
        figure.line = ax.axvline(0, color=MUTED, ls="--", lw=1.4, label="_guide")
        figure.name = ax.text(0, 1.0, "", transform=ax.get_xaxis_transform(), color=MUTED, fontsize=9.5, va="bottom")
        ax.set_yticks(range(len(self.labels)), self.labels)
        ax.set_ylabel("layer")
        ax.invert_yaxis()
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
        for artist in (*figure.bars, *figure.written, figure.line, figure.name):
            artist.set_animated(True)
        return figure

    def draw(self, figure, state):
        ax = figure.axes[0]
        self._frame(ax, state)
        for i, (bar, text, value) in enumerate(zip(figure.bars, figure.written, state.values, strict=True)):
            bar.set(width=value, facecolor=ORANGE if i == state.chosen else BLUE)
            text.xy = max(value, 0.0), i
            text.set_text(self._text(state, value))
        shown = state.reference is not None
        for artist in (figure.line, figure.name):
            artist.set_visible(shown)
        if shown:
            figure.line.set_xdata([state.reference] * 2)
            figure.name.set(x=state.reference, text=f" {state.reference_name} {self._text(state, state.reference)}")

    def _frame(self, ax, state):
        """Limits and label of the axis; set only when they change, since that draws everything anew."""
        everything = (*state.values, state.reference or 0.0)
        step = 10.0 if state.measure == "db" else 0.5
        low = min(0.0, 1.2 * min(everything))
        limits = low, 1.13 * step * np.ceil(max(*everything, step / 2) / step)
        label = "SQNR of the output (dB)" if state.measure == "db" else self.metric
        if ax.get_xlim() != limits or ax.get_xlabel() != label:
            ax.set(xlim=limits, xlabel=label)

    @staticmethod
    def _text(state, value):
        if state.measure == "metric":
            return f"{value:.3f}"
        return "no error" if value >= NO_ERROR_DB else f"{value:.1f} dB"

    def sentence(self, state):
        layer, value = self.labels[state.chosen], self._text(state, state.values[state.chosen])
        count = len(state.values)
        if state.question == "only":
            return f"{state.setting}: quantizing only {layer} leaves {value}, the worst of {count} layers"
        return f"{state.setting}: sparing only {layer} brings {value}, the most of {count} layers"

    def rows(self, state):
        report = self.reports[state.setting]
        rows = [("all layers quantized", f"{report.all_db:.1f} dB")]
        if self.metric:
            rows += [(f"{self.metric}, all quantized", f"{report.all_metric:.3f}"),
                     (f"{self.metric}, in floats", f"{report.float_metric:.3f}")]
        return [*rows, ("orange", "the worst alone" if state.question == "only" else "the one to spare first")]


def _check(reports, metric):
    if not reports:
        raise ValueError("LayerSensitivity: no reports; give {setting: sensitivity(floating, integer, x)}")
    names = [[row.name for row in report.rows] for report in reports.values()]
    if any(other != names[0] for other in names):
        raise ValueError("LayerSensitivity: the reports are of different networks; give reports of one")
    if metric and any(report.all_metric is None for report in reports.values()):
        raise ValueError(f"LayerSensitivity: a report has no {metric}; pass a metric to sensitivity")
