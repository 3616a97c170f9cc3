"""Plots of what models answer: boxes on a picture, anomaly scores, ROC curves."""

import numpy as np
from matplotlib.patches import Rectangle

from edgekit.core.metrics import roc
from edgekit.ui.style import BLUE, INK, MUTED, ORANGE, PALETTE

MAX_FPR = 0.1


def scene(ax, picture, true, found, kind_names, title=""):
    """Draw a picture (H, W, 3) in 0..1 with its true boxes, dashed, and the boxes `found`, solid with their score.

    true (K, 5): kind, left, top, right, bottom in pixels, kind -1 for none. found: (boxes (M, 4), kinds (M,), scores
    (M,)). Every kind has a colour and its name beside each box.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> found = np.array([[8.0, 8, 30, 60]]), np.array([0]), np.array([0.9])
    >>> ax = scene(ax, np.zeros((96, 96, 3)), [[0, 9, 9, 30, 62]], found, ("person", "vehicle"))
    >>> print(facts(fig))
    1 true, 1 found | x: | y:
      image: 96 x 96 x 3, 0 to 0 (mean 0)
    """
    ax.imshow(np.clip(picture, 0, 1))
    true = np.asarray(true)[np.asarray(true)[:, 0] >= 0]
    for kind, left, top, right, bottom in true:
        _box(ax, (left, top, right, bottom), PALETTE[int(kind)], "--")
    for box, kind, score in zip(*found, strict=True):
        _box(ax, box, PALETTE[int(kind)], "-")
        label = f"{kind_names[int(kind)]} {score:.2f}"
        ax.text(box[0], box[1] - 1, label, fontsize=8, color="white", va="bottom",
                bbox={"facecolor": PALETTE[int(kind)], "edgecolor": "none", "pad": 1.0}, clip_on=True)
    ax.set(title=title or f"{len(true)} true, {len(found[0])} found", xticks=[], yticks=[])
    ax.grid(visible=False)
    return ax


def _box(ax, box, color, style):
    left, top, right, bottom = box
    place, size = (left - 0.5, top - 0.5), (right - left, bottom - top)
    ax.add_patch(Rectangle(place, *size, fill=False, ec="white", lw=2.6))
    ax.add_patch(Rectangle(place, *size, fill=False, ec=color, lw=1.6, ls=style))


def score_histogram(ax, anomaly, score, bins=40, title=""):
    """Draw how the scores (R,) of normal and of anomalous recordings spread; anomaly (R,) holds 0 and 1.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = score_histogram(ax, [0, 0, 1], [1.0, 2.0, 4.0], bins=3, title="Apart")
    >>> print(facts(fig))
    Apart | x: anomaly score (squared error) | y: recordings
      steps normal (2): 3 bins, 0 to 1 (mean 0.67)
      steps anomaly (1): 3 bins, 0 to 1 (mean 0.33)
    """
    anomaly, score = np.asarray(anomaly), np.asarray(score, float)
    spaced = np.geomspace if score.min() > 0 else np.linspace
    edges = spaced(score.min(), score.max(), bins + 1)
    for value, name, color in ((0, "normal", BLUE), (1, "anomaly", ORANGE)):
        counts, _ = np.histogram(score[anomaly == value], edges)
        ax.stairs(counts, edges, fill=True, color=color, alpha=0.55, label=f"{name} ({counts.sum()})")
    if score.min() > 0:
        ax.set_xscale("log")
    ax.set(xlabel="anomaly score (squared error)", ylabel="recordings", title=title)
    ax.legend()
    return ax


def roc_curves(ax, anomaly, unit, score, title=""):
    """Draw the ROC curve of every unit and their mean; anomaly, unit, score (R,), one entry per recording.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = roc_curves(ax, [0, 1, 0, 1], [3, 3, 4, 4], [1.0, 2.0, 5.0, 4.0], title="One right, one wrong")
    >>> print(facts(fig))
    One right, one wrong | x: false alarms (share of normal recordings) | y: anomalies found (share)
      line unit 3: 3 points, x 0 to 1 (mean 0.33), y 0 to 1 (mean 0.67)
      line unit 4: 3 points, x 0 to 1 (mean 0.67), y 0 to 1 (mean 0.33)
      line mean of the units: 101 points, x 0 to 1 (mean 0.5), y 0.5 to 1 (mean 0.5)
    """
    anomaly, unit, score = map(np.asarray, (anomaly, unit, score))
    grid, found = np.linspace(0, 1, 101), []
    for name in np.unique(unit):
        own = unit == name
        false, true = roc(anomaly[own], score[own])
        ax.plot(false, true, color=MUTED, lw=0.8, alpha=0.5, label=f"unit {name}")
        found.append(np.interp(grid, false, true))
    ax.plot(grid, np.mean(found, axis=0), color=BLUE, lw=2.6, label="mean of the units")
    ax.plot([0, 1], [0, 1], color=INK, lw=1.0, ls=":", label="_guide")
    ax.axvspan(0, MAX_FPR, color=ORANGE, alpha=0.12, lw=0)
    ax.set(xlabel="false alarms (share of normal recordings)", ylabel="anomalies found (share)", title=title)
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    return ax
