"""Independent right answers to the exercises of lesson 07, which every check must accept."""

import numpy as np


def count_by_loop(widths, kernels, depthwise, ratio):
    """Layer by layer; the first and the last width stay."""
    new = [n - round(ratio * n) if 0 < i < len(widths) - 1 else n for i, n in enumerate(widths)]
    total = 0
    for i, kernel in enumerate(kernels):
        total += kernel * new[i + 1] * (1 if depthwise[i] else new[i])
    return float(total)


def thin_by_delete(w_a, w_b, w_c, w_y, keep):
    """By the numbers of the rows and columns that go."""
    gone = [i for i, kept in enumerate(keep) if not kept]
    return [np.delete(w_a, gone, 0), np.delete(w_b, gone, 1), np.delete(w_c, gone, 0), np.delete(w_y, gone, 1)]


def dead_by_running(w, bias, norm, eps, dead):
    """Put zeros through the layers, one channel after the other."""
    bias = bias.copy()
    for i in np.flatnonzero(dead):
        gamma, beta, mean, variance = norm[:, i]
        bias += w[:, i] * max(gamma * (0.0 - mean) / (variance + eps) ** 0.5 + beta, 0.0)
    return np.compress(~dead, w, axis=1), bias


def width_by_search(count, width, multiple):
    """The nearest of all multiples; of two, the larger."""
    nearest = min(range(multiple, width + 2 * multiple, multiple), key=lambda n: (abs(n - count), -n))
    return min(nearest, width)


VARIANTS = {"07/weights_left": count_by_loop, "07/thin_residual": thin_by_delete, "07/without_dead": dead_by_running,
            "07/friendly": width_by_search, "07/predict_left": 1 / 4, "07/predict_touched": 4.0,
            "07/predict_depthwise": 432.0, "07/predict_faster": 20 / 11}
