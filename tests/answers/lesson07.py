"""Right and wrong answers to the exercises of lesson 07, written apart from their mutants."""

import numpy as np


def weights(widths, kernels, depthwise, ratio, ends=False, gone=lambda n, p: round(p * n), kernel=lambda k: k):
    new = [n - gone(n, ratio) if ends or 0 < i < len(widths) - 1 else n for i, n in enumerate(widths)]
    return [kernel(k) * (b if d else a * b) for a, b, k, d in zip(new, new[1:], kernels, depthwise, strict=False)]


def dead(w, bias, norm, eps, dead, sign=-1, spread=lambda v, e: (v + e) ** 0.5, add=1):
    g, b, m, v = norm
    says = np.maximum(g * sign * m / spread(v, eps) + b, 0)
    return w[:, ~dead], bias + add * w[:, dead] @ says[dead]


def scaled_as_a_whole(w, bias, norm, eps, gone):
    g, b, m, v = norm
    return w[:, ~gone], bias + w[:, gone] @ np.maximum(g * (b - m / np.sqrt(v + eps)), 0)[gone]


def in_place(w, bias, norm, eps, gone):
    bias += dead(w, bias, norm, eps, gone)[1] - bias
    return w[:, ~gone], bias


RIGHT = [
    ("07/weights_left", lambda *args: np.sum(weights(*args))),
    ("07/weights_left", lambda *args: sum(weights(*args, gone=lambda n, p: n - round(n - p * n)))),
    ("07/thin_residual", lambda a, b, c, y, k: (a[k, :], b[:, np.flatnonzero(k)], c[k, :], y.T[k].T)),
    ("07/without_dead", dead),
    ("07/without_dead", lambda w, *rest: dead(w.astype(np.float32), *rest)),
    ("07/friendly", lambda c, w, m: min(w, max(m, int(c / m + 0.5) * m))),
    ("07/friendly", lambda c, w, m: np.minimum(w, np.maximum(m, np.floor(c / m + 0.5) * m))),
    ("07/predict_left", np.float32(0.25)), ("07/predict_left", 0.5**2),
]

WRONG = [
    ("07/weights_left", "both_ends", lambda *args: sum(weights(*args, ends=True))),
    ("07/weights_left", "layer_by_layer", weights),
    ("07/weights_left", "kernel_squared", lambda *args: sum(weights(*args, kernel=lambda k: k * k))),
    ("07/weights_left", "unrounded", lambda *args: sum(weights(*args, gone=lambda n, p: n * p))),
    ("07/weights_left", "kept_cut", lambda *args: sum(weights(*args, gone=lambda n, p: n - int(n * (1 - p))))),
    ("07/weights_left", "no_kernel", lambda *args: sum(weights(*args, kernel=lambda k: 1))),
    ("07/thin_residual", "rows", lambda *args: tuple(w[args[4]] for w in args[:4])),
    ("07/thin_residual", "columns", lambda *args: tuple(w[:, args[4]] for w in args[:4])),
    ("07/thin_residual", "inner", lambda a, b, c, y, k: (a[k], b[k], c[:, k], y[:, k])),
    ("07/thin_residual", "exchanged", lambda a, b, c, y, k: (a[:, k], b[k], c[:, k], y[k])),
    ("07/thin_residual", "inner_too", lambda a, b, c, y, k: (a[k], b[np.ix_(k, k)], c[np.ix_(k, k)], y[:, k])),
    ("07/thin_residual", "block_forgotten", lambda a, b, c, y, k: (a[k], b, c, y[:, k])),
    ("07/thin_residual", None, lambda a, b, c, y, k: a[k][[99]]),  # an error of another cause
    ("07/without_dead", "mean_added", lambda *args: dead(*args, sign=1)),
    ("07/without_dead", "no_root", lambda *args: dead(*args, spread=lambda v, e: v + e)),
    ("07/without_dead", "eps_after", lambda *args: dead(*args, spread=lambda v, e: v**0.5 + e)),
    ("07/without_dead", "no_eps", lambda *args: dead(*args, spread=lambda v, e: v**0.5)),
    ("07/without_dead", "taken_away", lambda *args: dead(*args, add=-1)),
    ("07/without_dead", "beta_only", lambda *args: dead(*args, sign=0)),
    ("07/without_dead", "gamma_on_beta", scaled_as_a_whole),
    ("07/without_dead", "inverted", lambda w, b, n, e, d: dead(w, b, n, e, ~d)),
    ("07/without_dead", None, in_place),  # what it says is that the argument changed
    ("07/friendly", "last_multiple", lambda c, w, m: min(w // m * m, max(m, int(c / m + 0.5) * m))),
    ("07/friendly", "last_multiple", lambda c, w, m: max(m, min(w // m * m, int(c / m + 0.5) * m))),
    ("07/friendly", "one_left", lambda c, w, m: min(w, max(1, int(c / m + 0.5) * m))),
    ("07/friendly", "wider", lambda c, w, m: max(m, min(w, int(c / m + 0.5) * m))),
    ("07/friendly", "down", lambda c, w, m: c // m * m),
    ("07/friendly", "half_to_even", lambda c, w, m: round(c / m) * m),
    ("07/friendly", "none", lambda c, w, m: min(w, int(c / m + 0.5) * m)),
    ("07/predict_left", "percent", 25.0), ("07/predict_left", "root", 0.71), ("07/predict_left", "gone", 0.75),
    ("07/predict_depthwise", "all_inputs", 48 * 64 * 9), ("07/predict_depthwise", "standard", 20_736.0),
    ("07/predict_left", None, "25 %"), ("07/predict_left", None, [0.25]), ("07/predict_left", None, 0.3),
]
