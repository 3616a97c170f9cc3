"""Independent right answers to the exercises of lesson 04, which every check must accept."""

import numpy as np


def through_by_open_ends(g, x, scale, qmin, qmax):
    """As the authors of learned step size write it: x / scale strictly between the ends."""
    ratio = np.asarray(x) / scale
    return np.where((ratio > qmin) & (ratio < qmax), g, 0.0)


def step_one_by_one(x, scale, qmin, qmax):
    """The three cases, one value at a time, on the unrounded ratio."""
    found = []
    for ratio in (float(value) / scale for value in x):
        found.append(qmin if ratio <= qmin else qmax if ratio >= qmax else round(ratio) - ratio)
    return found


def clip_one_by_one(g, x, alpha):
    """The three cases, one value at a time."""
    to_x, to_alpha = np.zeros(np.shape(x)), 0.0
    for place, value in np.ndenumerate(x):
        if value >= alpha:
            to_alpha += g[place]
        elif value > 0:
            to_x[place] = g[place]
    return to_x, to_alpha


VARIANTS = {"04/straight_through": through_by_open_ends, "04/step_gradient": step_one_by_one,
            "04/clip_gradients": clip_one_by_one, "04/predict_slope": 0.0, "04/predict_updates": 9.0,
            "04/predict_two_bits": 3.0}
