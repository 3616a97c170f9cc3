"""Right and wrong answers to the exercises of lesson 06, written apart from their mutants."""

import math

import numpy as np


def order(w):
    return sorted(range(w.size), key=lambda i: -abs(w.flat[i]))


def mask(w, budget):
    return np.isin(np.arange(w.size), order(w)[:budget]).reshape(w.shape)


def step(w, v, g, m, rate, old=0.9, new=1.0):
    return np.where(m, w - rate * (old * v + new * g), 0)


def runs(w, written=lambda gap: [15] * (gap // 16) + [gap % 16]):
    found, zeros = [], 0
    for value in w.tolist():
        zeros += 1
        if value:
            found, zeros = found + written(zeros - 1), 0
    return found


RIGHT = [
    ("06/mask", mask), ("06/mask", lambda w, budget: mask(w, budget).astype(int)),
    ("06/mask", lambda w, budget: mask(w, budget) * 1.0),
    ("06/pruned_step", step), ("06/pruned_step", lambda w, v, g, m, rate: w * m - rate * (0.9 * v * m + g * m)),
    ("06/pruned_step", lambda w, v, g, *rest: step(np.float32(w), np.float32(v), np.float32(g), *rest)),
    ("06/bitmap_bytes", lambda w: math.ceil(w.size / 8) + int((w != 0).sum())),
    ("06/bitmap_bytes", lambda w: (w.size + 7) // 8 + float(np.count_nonzero(w))),
    ("06/gaps", runs), ("06/gaps", lambda w: np.array(runs(w), np.uint8)),
    ("06/predict_bitmap", 1000 / 8 + 200),
]

WRONG = [
    ("06/mask", "places", lambda w, budget: np.array(order(w)[:budget], int)),
    ("06/mask", "weights", lambda w, budget: np.where(mask(w, budget), w, 0)),
    ("06/mask", "each_row", lambda w, budget: np.argsort(np.argsort(-np.abs(w), -1, kind="stable"), -1,
                                                         kind="stable") < budget),
    ("06/mask", "last_of_ties", lambda w, budget: np.isin(np.arange(w.size), np.argsort(
        np.abs(w).ravel(), kind="stable")[::-1][:budget]).reshape(w.shape)),
    ("06/mask", "one_too_few", lambda w, budget: mask(w, max(0, budget - 1))),
    ("06/mask", "ties", lambda w, budget: np.abs(w) >= (np.abs(w.flat[order(w)[budget - 1]]) if budget else np.inf)),
    ("06/pruned_step", "averaged", lambda *args: step(*args, new=0.1)),
    ("06/pruned_step", "both_decay", lambda *args: step(*args, new=0.9)),
    ("06/pruned_step", "full_momentum", lambda *args: step(*args, old=1.0)),
    ("06/pruned_step", "gradient_sign", lambda *args: step(*args, new=-1.0)),
    ("06/pruned_step", "rate_inside", lambda w, v, g, m, rate: step(w, v, rate * g, m, 1.0)),
    ("06/pruned_step", "no_rate", lambda w, v, g, m, rate: step(w, v, g, m, 1.0)),
    ("06/pruned_step", "velocity_too", lambda w, v, g, m, rate: (step(w, v, g, m, rate), 0.9 * v + g)),
    ("06/pruned_step", "velocity_masked", lambda w, v, g, m, rate: w - rate * (0.9 * v * m + g)),
    ("06/pruned_step", "left_out", lambda *args: step(*args)[args[3]]),
    ("06/bitmap_bytes", "one_more", lambda w: w.size // 8 + 1 + np.count_nonzero(w)),
    ("06/bitmap_bytes", "bits_cut", lambda w: math.floor(w.size / 8) + np.count_nonzero(w)),
    ("06/bitmap_bytes", "each_row", lambda w: np.packbits(w != 0, axis=1).size + np.count_nonzero(w)),
    ("06/bitmap_bytes", "only_places", lambda w: np.packbits(w != 0).size),
    ("06/bitmap_bytes", "dense", lambda w: w.nbytes),
    ("06/bitmap_bytes", "positive", lambda w: np.packbits(w != 0).size + (w > 0).sum()),
    ("06/bitmap_bytes", "rows", lambda w: math.ceil(len(w) / 8) + (w != 0).sum()),
    ("06/gaps", "fifteen_each", lambda w: runs(w, lambda gap: [15] * (gap // 15) + [gap % 15])),
    ("06/gaps", "late_filler", lambda w: runs(w, lambda gap: [15, gap - 16] if gap == 40 else [
        *[15] * ((gap - 1) // 16), (gap - 1) % 16 + 1] if gap else [0])),
    ("06/gaps", "places", lambda w: np.nonzero(w)[0]),
    ("06/gaps", "filler_behind", lambda w: runs(w, lambda gap: [gap % 16] + [15] * (gap // 16))),
    ("06/gaps", "filler_and_zero", lambda w: runs(w, lambda gap: [15, 0] * (gap // 16) + [gap % 16])),
    ("06/gaps", "fillers_lost", lambda w: runs(w, lambda gap: [gap % 16])),
    ("06/gaps", "one_filler", lambda w: runs(w, lambda gap: [15, gap - 16] if gap > 15 else [gap])),
    ("06/gaps", "no_first", lambda w: np.diff(np.flatnonzero(w)) - 1),
    ("06/predict_ratio", "percent", 75.0), ("06/predict_bitmap", "only_places", 125),
    ("06/predict_break_even", "wide", 0.67), ("06/predict_break_even", "runs", 0.333),
]
