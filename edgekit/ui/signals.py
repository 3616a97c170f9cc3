"""Plots of signals in time."""

import numpy as np

from edgekit.ui.style import BLUE, INK, ORANGE


def signal(ax, x, fs, beats=None, prediction="", label="pulse", unit="a.u.", start=0.0):
    """Draw the signal `x` (N,), sampled at `fs` Hz, against time, with its beats and what a model says of it.

    `beats` are indices into `x`, drawn as circles; `prediction` is a short text set above the curve, such as
    "predicted: sinus, 72 bpm"; `start` is the time of the first sample in seconds.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = signal(ax, [0.0, 1.0, 0.0, 1.0], fs=2, beats=[1, 3], prediction="sinus")
    >>> print(facts(fig))
    sinus | x: time (s) | y: pulse (a.u.)
      line pulse: 4 points, x 0 to 1.5 (mean 0.75), y 0 to 1 (mean 0.5)
      line beats: 2 points, x 0.5 to 1.5 (mean 1), y 1 to 1 (mean 1)
    """
    x = np.asarray(x, np.float64)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"signal: x must have shape (samples,), got {x.shape}; plot one window at a time")
    time = start + np.arange(x.size) / fs
    ax.plot(time, x, color=BLUE, lw=1.4, label=label)
    if beats is not None and len(beats):
        beats = np.asarray(beats, int)
        ax.plot(time[beats], x[beats], "o", color=ORANGE, mec="white", mew=0.8, ms=7, label="beats")
        last = beats[-1]
        ax.annotate("beat", (time[last], x[last]), (7, 2), textcoords="offset points", color=INK, fontsize=10)
    ax.set(xlabel="time (s)", ylabel=f"{label} ({unit})", title=prediction)
    ax.margins(x=0.0, y=0.12)
    return ax
