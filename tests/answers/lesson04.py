"""Right and wrong answers to the exercises of lesson 04, written apart from their mutants."""

import numpy as np


def inside(x, scale, qmin, qmax):
    return (x >= qmin * scale) & (x <= qmax * scale)


def in_place(g, x, scale, qmin, qmax):
    g[~inside(x, scale, qmin, qmax)] = 0
    return g


def step(x, scale, qmin, qmax, within=lambda r: np.rint(r) - r, low=None, high=None):
    r = x / scale
    return np.where(r <= qmin, qmin if low is None else low, np.where(r >= qmax, qmax if high is None else high,
                                                                      within(r)))


def clip(g, x, alpha):
    return g * ((x >= 0) & (x <= alpha)), np.sum(g[x >= alpha])


RIGHT = [
    ("04/straight_through", lambda g, x, s, a, b: g * inside(x, s, a, b)),
    ("04/straight_through", lambda g, x, s, a, b: np.where(inside(x, s, a, b), g, 0).astype(np.float32)),
    ("04/straight_through", lambda g, x, s, a, b: g * (np.clip(np.rint(x / s), a, b) == np.rint(x / s))),
    ("04/step_gradient", step), ("04/step_gradient", lambda x, *grid: step(x.astype(np.float32), *grid)),
    ("04/clip_gradients", clip), ("04/clip_gradients", lambda *args: list(clip(*args))),
    ("04/predict_slope", 0.0), ("04/predict_updates", np.ceil(0.42 / 0.05)), ("04/predict_two_bits", 2**2 - 1),
]

WRONG = [
    ("04/straight_through", None, in_place),  # what it says is that the argument changed
    ("04/straight_through", "times_scale", lambda g, x, s, a, b: s * g * inside(x, s, a, b)),
    ("04/straight_through", "inverted", lambda g, x, s, a, b: np.where(inside(x, s, a, b), 0, g)),
    ("04/straight_through", "only_above", lambda g, x, s, a, b: np.where(x / s > b, 0, g)),
    ("04/straight_through", "only_below", lambda g, x, s, a, b: np.where(x / s < a, 0, g)),
    ("04/straight_through", "no_upstream", lambda g, x, s, a, b: inside(x, s, a, b)),
    ("04/straight_through", "g_clipped", lambda g, x, s, a, b: np.maximum(a, np.minimum(b, g))),
    ("04/straight_through", "code", lambda g, x, s, a, b: np.rint(x / s).clip(a, b)),
    ("04/step_gradient", "floor", lambda *args: step(*args, within=lambda r: np.floor(r) - r)),
    ("04/step_gradient", "code_held", lambda *args: step(*args, within=lambda r: -r)),
    ("04/step_gradient", "undivided", lambda x, s, a, b: step(x, s, a, b, within=lambda r: np.rint(r) - x)),
    ("04/step_gradient", "sign", lambda *args: step(*args, within=lambda r: r - np.rint(r))),
    ("04/step_gradient", "ends_exchanged", lambda x, s, a, b: step(x, s, a, b, low=b, high=a)),
    ("04/step_gradient", "ends_one", lambda *args: step(*args, low=-1, high=1)),
    ("04/step_gradient", "ends_real", lambda x, s, a, b: step(x, s, a, b, low=a * s, high=b * s)),
    ("04/step_gradient", "nothing_beyond", lambda *args: step(*args, low=0, high=0)),
    ("04/step_gradient", "damped", lambda x, s, a, b: step(x, s, a, b) / (len(x) * b) ** 0.5),
    ("04/step_gradient", "summed", lambda *args: sum(step(*args))),
    ("04/step_gradient", "turned", lambda *args: -step(*args)),
    ("04/clip_gradients", "only_x", lambda *args: clip(*args)[0]),
    ("04/clip_gradients", "order", lambda *args: clip(*args)[::-1]),
    ("04/clip_gradients", "everywhere", lambda g, x, a: (clip(g, x, a)[0], np.sum(g))),
    ("04/clip_gradients", "no_upstream", lambda g, x, a: ((x > 0) & (x < a), clip(g, x, a)[1])),
    ("04/clip_gradients", "sign", lambda g, x, a: (clip(g, x, a)[0], -clip(g, x, a)[1])),
    ("04/clip_gradients", "symmetric", lambda g, x, a: (g * (np.abs(x) < a), clip(g, x, a)[1])),
    ("04/predict_updates", "in_parts", 0.42 / 0.05), ("04/predict_updates", "one_too_many", 10),
    ("04/predict_updates", "nearly_zero", 0.92 / 0.05), ("04/predict_updates", "eight", 8.0),
    ("04/predict_slope", None, np.nan),
]
