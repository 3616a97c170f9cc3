"""Clutter that lives: trees and bushes in green, dogs that stand about."""

import numpy as np


def tree(solid, t):
    """A trunk, and nine balls of leaves in the form of the crown: round, pointed, slender."""
    h, w, bark = t.height_m, t.width_m, np.array([0.10, 0.075, 0.05])
    crown = 0.25 if t.form else 0.42
    solid.bar((0, 0, 0), (0.1 * w * (t.loose[0] - 0.5), 0, h * 0.75), (0.05 * h * 0.5, 0.03 * h * 0.5), bark)
    for k in range(9):
        rise = crown + (1 - crown) * (k + 0.5) / 9
        taper = {0: np.sin(np.pi * (0.15 + 0.8 * (k + 0.5) / 9)), 1: 1.05 - (k + 0.5) / 9, 2: 0.8}[t.form]
        side = (t.loose[k] - 0.5) * w * (0.7 if t.form == 0 else 0.15) * taper
        size = w * (0.36 if t.form == 0 else 0.5) * taper * (0.7 + 0.6 * t.loose[k + 9])
        shade = t.color * (0.6 + 0.7 * t.loose[(k * 5) % 24])
        solid.ball(
            (0.2 * w * (t.loose[k + 9] - 0.5), side, h * rise),
            (size, size * (0.8 if t.form < 2 else 1.3)),
            shade,
            leaf=t.leaf,
        )


def bush(solid, t):
    """Eight balls of leaves in a row: a shrub, or a hedge."""
    for k in range(8):
        y = (k / 7 - 0.5) * t.width_m * 0.8
        size = t.height_m * (0.32 + 0.2 * t.loose[k]) * (1 if t.form else 0.7 + 0.5 * np.sin(np.pi * k / 7))
        rise = size * 0.9 if t.form == 0 else t.height_m * (0.35 + 0.25 * (k % 2))
        solid.ball(
            (0.1 * t.loose[k + 8], y, rise), (size, size), t.color * (0.6 + 0.8 * t.loose[k + 8]), leaf=t.leaf
        )


def dog(solid, t):
    """A body on four legs, a neck and a head."""
    h, long, coat = t.height_m, t.width_m, t.color
    back = 0.72 * h
    solid.bar((-0.4 * long, 0, back), (0.3 * long, 0, back), (0.15 * h, 0.2 * h, 0.23 * h), coat)
    for k, (x, y) in enumerate([(-0.38, -0.1), (-0.38, 0.1), (0.28, -0.1), (0.28, 0.1)]):
        hip, paw = (x * long, y * long, back), (x * long + 0.3 * (t.loose[k] - 0.5) * long, y * long, 0.03)
        solid.bar(hip, paw, (0.09 * h, 0.045 * h), coat * 0.85, 0.02 * (y > 0))
    solid.bar((0.3 * long, 0, back), (0.46 * long, 0, 1.0 * h), (0.17 * h, 0.12 * h), coat)
    _head(solid, t)
    tail = (-0.62 * long, 0, back + (t.loose[5] - 0.3) * 0.6 * h)
    solid.bar((-0.4 * long, 0, back), tail, (0.06 * h, 0.03 * h), coat)


def _head(solid, t):
    """Skull, muzzle and an ear, pricked or hanging."""
    h, long, coat = t.height_m, t.width_m, t.color
    solid.ball((0.48 * long, 0, 1.02 * h), (0.17 * h, 0.16 * h), coat, 0.05)
    solid.bar((0.48 * long, 0, 1.0 * h), (0.66 * long, 0, 0.95 * h), (0.1 * h, 0.07 * h), coat * 0.7, 0.06)
    tip = (0.4 * long, 0.05, (0.95 if t.form else 1.3) * h)
    solid.bar((0.42 * long, 0.05, 1.1 * h), tip, (0.06 * h, 0.03 * h), coat * 0.6, 0.08)
