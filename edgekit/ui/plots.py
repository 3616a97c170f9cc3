"""Plots of the lessons: each takes and returns an Axes, labels its units, and draws one message."""

from edgekit.ui.figures import facts, picture, show
from edgekit.ui.style import MARKERS, PALETTE, subplots

__all__ = ["MARKERS", "PALETTE", "facts", "picture", "show", "subplots"]
