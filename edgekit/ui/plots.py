"""Plots of the lessons: each takes and returns an Axes, labels its units, and draws one message.

>>> from edgekit.ui import plots
>>> fig, ax = plots.subplots()
>>> ax = plots.signal(ax, [0.0, 1.0, 0.0], fs=100)
>>> plots.show(fig, "One beat of a pulse.", compare=False)
figure: One beat of a pulse.
"""

from edgekit.ui.examples import contact_sheet, microphones, scene, spectrogram
from edgekit.ui.figures import Picture, facts, picture, show
from edgekit.ui.grids import error_histogram, grid_points, histogram, label_ends, rounding_error, sqnr
from edgekit.ui.roundings import roundings
from edgekit.ui.scores import bytes_text, confusion, constraint, costs, study
from edgekit.ui.signals import signal
from edgekit.ui.style import MARKERS, PALETTE, subplots

__all__ = [
    "MARKERS",
    "PALETTE",
    "Picture",
    "bytes_text",
    "confusion",
    "constraint",
    "contact_sheet",
    "costs",
    "error_histogram",
    "facts",
    "grid_points",
    "histogram",
    "label_ends",
    "microphones",
    "picture",
    "rounding_error",
    "roundings",
    "scene",
    "show",
    "signal",
    "spectrogram",
    "sqnr",
    "study",
    "subplots",
]
