"""Clutter with flat sides: cartons, skips and containers, cabinets; much like a vehicle from afar."""

import numpy as np


def boxes(solid, t):
    """A stack of cartons, a skip or container with ribs, a cabinet with a door."""
    if t.form == 0:
        return _cartons(solid, t)
    h, w, deep = t.height_m, t.width_m, 0.55 * t.width_m + 0.2
    solid.box((-deep / 2, -w / 2, 0), (deep / 2, w / 2, h), t.color, fade=0.2)
    front = deep / 2 + 0.01
    sign = 1 if solid.sees(np.array([front, 0, 0]), (1, 0, 0)) else -1
    return (_container if t.form == 1 else _door)(solid, t, sign * front, sign)


def _cartons(solid, t):
    h, w = t.height_m, t.width_m
    for k in range(3):
        y0, z0 = (k % 2 - 0.5) * 0.5 * w + 0.1 * (t.loose[k] - 0.5), (k // 2) * 0.5 * h
        low, high = (-0.25 * w, y0 - 0.24 * w, z0), (0.25 * w, y0 + 0.24 * w, z0 + 0.5 * h)
        solid.box(low, high, t.color * (0.7 + 0.6 * t.loose[k + 3]))


def _container(solid, t, x, sign):
    """Ribs, and dark openings low down, where a car has wheels."""
    h, w = t.height_m, t.width_m
    for y in np.linspace(-0.42, 0.42, 8) * w:
        _panel(solid, x, sign, (y, y + 0.04 * w), (0.05 * h, 0.95 * h), t.color * 0.6, 0.1)
    for y in np.array([-0.4, 0.25]) * w * (t.loose[0] > 0.5):
        _panel(solid, x, sign, (y, y + 0.15 * w), (0.0, 0.22 * h), np.full(3, 0.02), 0.2)


def _door(solid, t, x, sign):
    """A door with a window."""
    h, w = t.height_m, t.width_m
    _panel(solid, x, sign, (-0.4 * w, 0.4 * w), (0.08 * h, 0.92 * h), t.color * 0.75, 0.1)
    _panel(solid, x, sign, (-0.3 * w, 0.2 * w), (0.45 * h, 0.85 * h), t.second, 0.2)


def _panel(solid, x, sign, across, up, color, nearer):
    """A rectangle on the front or the back: `across` (y0, y1), `up` (z0, z1)."""
    (y0, y1), (z0, z1) = across, up
    solid.face([(x, y0, z0), (x, y1, z0), (x, y1, z1), (x, y0, z1)], (sign, 0, 0), color, nearer)
