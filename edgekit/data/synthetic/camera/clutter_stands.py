"""Clutter that looks like people without a body: coat stands, dress forms, hat stands."""

import numpy as np


def stand(solid, t):
    """A rod on three feet, and what hangs on it: a coat and perhaps a hat, a torso, or two coats."""
    w, rod = t.width_m, np.array([0.09, 0.06, 0.04]) * (0.5 + 1.5 * t.loose[0])
    _rod(solid, t, rod)
    if t.form == 1:
        _cloth(solid, t, (0, 0, 0.86), (0, 0, 0.48), (0.2, 0.44, 0.4, 0.28, 0.36, 0.42), t.color, 0.05)
        return
    fall = 0.30 + 0.25 * t.loose[1]
    _cloth(solid, t, (0.02, 0.1 * w, 0.9), (0.02, 0.12 * w, fall), (0.18, 0.42, 0.4, 0.38, 0.42, 0.46), t.color, 0.1)
    if t.form == 2:
        _cloth(solid, t, (0.0, -0.35 * w, 0.92), (0.0, -0.3 * w, 0.5), (0.15, 0.3, 0.3, 0.34), t.second, 0.05)
    elif t.loose[2] > 0.4:
        solid.ball((0.0, 0.02, 1.0 * t.height_m), (0.13, 0.08), t.second, 0.12)
        solid.ball((0.0, 0.02, 0.97 * t.height_m), (0.2, 0.03), t.second, 0.12)


def _rod(solid, t, rod):
    """The rod, its feet, and its arms where it has no torso."""
    h, reach = t.height_m, 0.45 * t.width_m
    solid.bar((0, 0, 0), (0, 0, h), 0.022, rod)
    for angle in (0.3, 2.4, 4.5):
        solid.bar((0, 0, 0.12 * h), (0.3 * np.cos(angle), 0.3 * np.sin(angle), 0), 0.02, rod)
    if t.form != 1:
        for angle in (0.0, 2.1, 4.2):
            solid.bar((0, 0, 0.93 * h), (reach * np.cos(angle), reach * np.sin(angle), h), 0.016, rod)


def _cloth(solid, t, top, foot, parts, color, nearer):
    """A hanging bar, whose thickness is given along it in `parts` of the width; heights in parts of the height."""
    ends = ((x, y, z * t.height_m) for x, y, z in (top, foot))
    solid.bar(*ends, [f * t.width_m for f in parts], color, nearer)
