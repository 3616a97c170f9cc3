"""From the marks of the beat model to beats and a heart rate."""

import numpy as np

CELL_S = 0.08
THRESHOLD = 0.3
REFRACTORY_CELLS = 3  # 0.24 s: no heart beats faster than 250 a minute


def beat_times(marks):
    """Return the beats in s, ascending, of one window: peaks of `marks` (125,), probabilities per 80 ms cell.

    A beat is a local maximum above 0.3 that is the highest within 0.24 s; a parabola through it and its neighbours
    gives the place between the cells.
    """
    padded = np.pad(marks, REFRACTORY_CELLS)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * REFRACTORY_CELLS - 1)[1:-1]
    cells = np.flatnonzero((marks == around.max(axis=1)) & (marks > THRESHOLD))
    cells = cells[np.diff(cells, prepend=-REFRACTORY_CELLS) >= 2]
    left, middle, right = (padded[cells + REFRACTORY_CELLS + step] for step in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -1e-9)
    return (cells + 0.5 + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) * CELL_S


def rate(beats):
    """Return the heart rate in bpm, 60 * (n - 1) / (last - first) of n beats in s; NaN below two beats."""
    return 60 * (len(beats) - 1) / (beats[-1] - beats[0]) if len(beats) > 1 else float("nan")
