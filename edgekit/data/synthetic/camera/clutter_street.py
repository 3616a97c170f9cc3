"""Clutter of streets and gardens: lamp posts, signs, bins, cones, benches, parasols."""

import numpy as np

from edgekit.data.synthetic.camera.colors import hsv, to_linear


def post(solid, t):
    """A lamp post with one arm or two."""
    h, grey = t.height_m, np.array([0.16, 0.17, 0.17])
    solid.bar((0, 0, 0), (0, 0, h), (0.07, 0.045), grey)
    solid.bar((0, 0, 0), (0, 0, 0.12 * h), 0.1, grey * 0.8, 0.01)
    reach = t.width_m * (0.4 if t.form == 1 else 0.9)
    solid.bar((0, 0, h), (0, reach, h + 0.08), 0.04, grey)
    if t.form == 1:
        solid.bar((0, 0, h), (0, -reach, h + 0.08), 0.04, grey)
        solid.ball((0, -reach, h), (0.16, 0.13), np.array([0.8, 0.8, 0.75]))
    solid.ball((0, reach, h), (0.16, 0.13), np.array([0.8, 0.8, 0.75]))


def sign(solid, t):
    """A post with a round sign, two arms that show the way, or a triangle."""
    solid.bar((0, 0, 0), (0, 0, t.height_m), 0.035, np.array([0.2, 0.2, 0.21]))
    (_round, _arms, _triangle)[t.form](solid, t, np.array([0.75, 0.75, 0.72]))


def _round(solid, t, ink):
    rings, middle = ((0.72, ink), (1.0, t.color)), (0.04, 0, t.height_m - t.width_m / 2)
    solid.disc(middle, t.width_m / 2, rings, 0.1, axes=((0, 1, 0), (0, 0, 1)), normal=(1, 0, 0))


def _arms(solid, t, ink):
    h, w = t.height_m, t.width_m
    for k, rise in enumerate((0.16, 0.42)):
        y0 = -0.1 + 0.15 * t.loose[k]
        low, high = h - rise, h - rise + 0.2
        corners = [(0.05, y0, low), (0.05, y0 + w, low), (0.05, y0 + w, high), (0.05, y0, high)]
        solid.face(corners, _towards(solid), t.color, 0.1)


def _triangle(solid, t, ink):
    middle = t.height_m - 0.4 * t.width_m
    for size, color in ((1.0, t.color), (0.62, ink)):
        s = size * t.width_m / 2
        corners = [(0.05, -s, middle - 0.58 * s), (0.05, s, middle - 0.58 * s), (0.05, 0, middle + 1.15 * s)]
        solid.face(corners, _towards(solid), color, 0.1 + 0.05 * (1 - size))


def _towards(solid):
    """The normal, forward or backward, that the camera sees."""
    return 1 if solid.sees(np.zeros(3), (1, 0, 0)) else -1, 0, 0


def barrel(solid, t):
    """A bin, a bollard or hydrant, a drum: an upright with bands around it."""
    h, r = t.height_m, t.width_m / 2
    solid.bar((0, 0, 0.04), (0, 0, h), (r, r), t.color, flat=True)
    band = t.second if t.form == 1 else t.color * 0.5
    for rise in {0: (0.92,), 1: (0.6, 0.75), 2: (0.33, 0.66, 0.97)}[t.form]:
        solid.bar((0, 0, rise * h - 0.03), (0, 0, rise * h + 0.03), 1.06 * r, band, 0.05, flat=True)
    if t.form == 1:
        solid.ball((0, 0, h), (r, 0.7 * r), t.color, 0.02)


def cone(solid, t):
    """A traffic cone with a white band."""
    orange, white = to_linear(hsv(0.04, 0.85, 0.9)), np.full(3, 0.7)
    h, r = t.height_m, t.width_m / 2
    solid.bar((0, 0, 0), (0, 0, h), (0.7 * r, 0.12 * r), orange, flat=True)
    solid.bar((0, 0, 0.4 * h), (0, 0, 0.62 * h), (0.5 * r, 0.36 * r), white, 0.03, flat=True)
    solid.box((-r, -r, 0), (r, r, 0.05), orange * 0.6)


def bench(solid, t):
    """A seat and a back of boards on four legs."""
    h, w, wood = t.height_m, t.width_m / 2, t.color
    for y in (-0.85 * w, 0.85 * w):
        solid.bar((0.2, y, 0), (0.2, y, 0.5 * h), 0.03, np.full(3, 0.03))
        solid.bar((-0.2, y, 0), (-0.26, y, h), 0.03, np.full(3, 0.03))
    solid.box((-0.2, -w, 0.47 * h), (0.25, w, 0.53 * h), wood)
    for z in (0.68, 0.85):
        solid.box((-0.26, -w, z * h), (-0.22, w, (z + 0.12) * h), wood)


def parasol(solid, t):
    """A pole and a roof of cloth."""
    h, r = t.height_m, t.width_m / 2
    solid.bar((0, 0, 0), (0, 0, h), 0.03, np.full(3, 0.25))
    solid.bar((0, 0, h), (0, 0, 0.78 * h), (0.05, 0.55 * r, r), t.second, 0.1, flat=True)
