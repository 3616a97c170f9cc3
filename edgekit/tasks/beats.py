"""From the marks of the beat model to beats and a heart rate."""

import numpy as np

from edgekit.graph.run import predict

CELL_SAMPLES = 8  # the model marks one cell for every 8 samples, 80 ms
SHIFTS = (0, 2, 4, 6)  # samples by which the window is moved to look between the cells
STEP_S = 0.02
REFRACTORY = 12  # steps, 0.24 s: no heart beats faster than 250 a minute
THRESHOLDS = (0.25, 0.4)  # a bold and a careful reading
SMOOTHING = np.hanning(15)[1:-1] / np.hanning(15).sum()


def fine_marks(graph, inputs):
    """Return how likely a beat is every 20 ms, (N, 500), by the beat model `graph` for inputs (N, 1, 1000, 1).

    The model marks cells of 80 ms. The window is shown four times, moved by 0, 20, 40 and 60 ms, and the answers are
    interleaved and smoothed: the four judgements sharpen the place and forgive each other's slips.
    """
    looks = [predict(graph, _moved(inputs, shift))[:, 0, :, 0] for shift in SHIFTS]
    marks = 1 / (1 + np.exp(-np.stack(looks, axis=2).reshape(len(inputs), -1)))
    half = len(SMOOTHING) // 2
    padded = np.pad(marks, ((0, 0), (half, half)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, len(SMOOTHING), axis=1) @ SMOOTHING


def _moved(inputs, shift):
    """The window `shift` samples later; its end is continued by reflection."""
    return np.concatenate([inputs[:, :, shift:], inputs[:, :, : -shift - 1 : -1]], axis=2) if shift else inputs


def beat_times(marks, threshold):
    """Return the beats in s, ascending, of one window: peaks of `marks` (500,) above `threshold`, alone in 0.24 s."""
    padded = np.pad(marks, REFRACTORY - 1)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * REFRACTORY - 1).max(axis=1)
    places = np.flatnonzero((marks == highest) & (marks > threshold))
    places = places[np.diff(places, prepend=-REFRACTORY) >= REFRACTORY // 4]
    return places * STEP_S + CELL_SAMPLES / 200


def rate(beats):
    """Return the heart rate in bpm, 60 * (n - 1) / (last - first) of n beats in s; NaN below two beats."""
    return 60 * (len(beats) - 1) / (beats[-1] - beats[0]) if len(beats) > 1 else float("nan")
