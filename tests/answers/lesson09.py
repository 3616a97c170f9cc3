"""Right and wrong answers to the exercises of lesson 09, written apart from their mutants."""

import math

import numpy as np


def size(n, kernel, stride, padding, steps=lambda room, stride: room // stride):
    return steps(n + 2 * padding - kernel, stride) + 1


def grouped(h, w, c, d, k, g, kernel=lambda k: k * k, places=lambda h, w, k: h * w, inputs=lambda c, g: c // g):
    return places(h, w, k) * d * inputs(c, g) * kernel(k)


def separable(h, w, c, d, k, s, places=lambda h, w, s: math.ceil(h / s) * math.ceil(w / s), first=None, second=None,
              kernel=lambda k: k * k):
    at = places(h, w, s)
    return (first or at) * c * kernel(k) + (second or at) * c * d


def width(macs, budget, resolution, root=0.5, power=1, most=1.0):
    return min(most, (budget / macs) ** root / resolution**power)


RIGHT = [
    ("09/out_size", lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s))),
    ("09/out_size", lambda n, k, s, p: math.ceil((n + 2 * p - k + 1) / s)),
    ("09/out_size", lambda n, k, s, p: np.floor((n + 2 * p - k) / s) + 1),
    ("09/grouped_macs", lambda h, w, c, d, k, g: g * h * w * (c / g) * (d / g) * k**2),
    ("09/separable_macs", lambda *args: float(separable(*args))),
    ("09/width_for", width), ("09/width_for", lambda m, b, r: np.float32(np.clip(np.sqrt(b / (m * r * r)), 0, 1))),
    ("09/predict_separable", 576 / 73), ("09/predict_separable", 8), ("09/predict_width", 3.9),
]

WRONG = [
    ("09/out_size", "no_kernel_cut", lambda n, k, s, p: int(n / s)),
    ("09/out_size", "first_inside", lambda n, k, s, p: (n + 2 * p - k + 1) // s),
    ("09/out_size", "padded_only", lambda n, k, s, p: (n + 2 * p) // s),
    ("09/out_size", "one_step_less", lambda n, k, s, p: size(n - 1, k, s, p)),
    ("09/out_size", "half_kernel", lambda n, k, s, p: size(n, k // 2, s, p)),
    ("09/out_size", "rounded", lambda *args: size(*args, steps=lambda room, stride: round(room / stride))),
    ("09/out_size", "ceil", lambda *args: size(*args, steps=lambda room, stride: math.ceil(room / stride))),
    ("09/out_size", "padding_taken", lambda n, k, s, p: size(n, k, s, -p)),
    ("09/out_size", "both_axes", lambda *args: size(*args) ** 2),
    ("09/grouped_macs", "times_groups", lambda *args: grouped(*args, inputs=lambda c, g: c * g)),
    ("09/grouped_macs", "groups_for_inputs", lambda *args: grouped(*args, inputs=lambda c, g: g)),
    ("09/grouped_macs", "twice_kernel", lambda *args: grouped(*args, kernel=lambda k: 2 * k)),
    ("09/grouped_macs", "kernel", lambda *args: grouped(*args, kernel=lambda k: k)),
    ("09/grouped_macs", "bias", lambda h, w, c, d, k, g: grouped(h, w, c, d, k, g) + h * w * d),
    ("09/grouped_macs", "one_axis", lambda *args: grouped(*args, places=lambda h, w, k: h)),
    ("09/grouped_macs", "shrunk", lambda *args: grouped(*args, places=lambda h, w, k: (
        len(range(h - k + 1)) * len(range(w - k + 1))))),
    ("09/grouped_macs", "groups_twice", lambda h, w, c, d, k, g: grouped(h, w, c, d // g, k, g)),
    ("09/separable_macs", "stride_early", lambda h, w, *rest: separable(h, w, *rest, first=h * w)),
    ("09/separable_macs", "stride_late", lambda h, w, *rest: separable(h, w, *rest, second=h * w)),
    ("09/separable_macs", "fraction", lambda *args: separable(*args, places=lambda h, w, s: h * w / s / s)),
    ("09/separable_macs", "unpadded", lambda *args: separable(*args, places=lambda h, w, s: (
        size(h, args[4], s, 0) * size(w, args[4], s, 0)))),
    ("09/separable_macs", "rounded", lambda *args: separable(
        *args, places=lambda h, w, s: round(h / s) * round(w / s))),
    ("09/separable_macs", "area_rounded", lambda *args: separable(
        *args, places=lambda h, w, s: math.ceil(h * w / s**2))),
    ("09/separable_macs", "side", lambda *args: separable(*args, kernel=lambda k: k)),
    ("09/separable_macs", "weights", lambda *args: separable(*args, places=lambda h, w, s: 1)),
    ("09/separable_macs", "full_depthwise", lambda *args: separable(*args, kernel=lambda k: k * k * args[2])),
    ("09/separable_macs", "flops", lambda *args: 2 * separable(*args)),
    ("09/width_for", "resolution_squared", lambda *args: width(*args, power=2)),
    ("09/width_for", "linear_both", lambda *args: width(*args, root=1)),
    ("09/width_for", "linear_alone", lambda *args: width(*args, root=1, power=0)),
    ("09/width_for", "linear", lambda *args: width(*args, root=1, power=2)),
    ("09/width_for", "cube", lambda *args: width(*args, root=1 / 3)),
    ("09/width_for", "limited_early", lambda macs, budget, r: width(macs, budget, 1) / r),
    ("09/width_for", "no_limit", lambda *args: width(*args, most=np.inf)),
    ("09/width_for", "at_least", lambda *args: max(1, width(*args, most=np.inf))),
    ("09/width_for", "percent", lambda *args: 100 * width(*args)),
    ("09/predict_separable", "inverse", 73 / 576), ("09/predict_separable", "kernel", 9.0),
    ("09/predict_groups", "depthwise", 64), ("09/predict_width", "half", 0.5), ("09/predict_flops", "same", 600.0),
]
