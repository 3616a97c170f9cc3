"""Grounds in perspective: roads, grass, tiles, boards. Each takes (plane, fine noise, rng) and gives linear
colours."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.colors import hsv, to_linear
from edgekit.data.synthetic.camera.textures import grey, mix
from edgekit.data.synthetic.camera.view import CANVAS


@dataclass(frozen=True)
class Ground:
    """Per pixel of the canvas: distance and sideways position on the ground in metres, and where there is
    ground."""

    away: np.ndarray
    side: np.ndarray
    mask: np.ndarray
    pixel: np.ndarray  # metres of the ground that one pixel covers in depth: details smaller than this fade


def plane_of(column, row, foot, view):
    below = np.maximum(row - view.horizon, 0.5)
    away = view.focal * view.height_m / below + 0 * column
    side = (column - CANVAS / 2) * away / view.focal
    return Ground(away, side, (row > foot) & (column > -1), away / below)


def _line(value, period, width, pixel):
    """1 on lines of `width` at every `period`, fading where a pixel covers more than a line."""
    place = np.abs((value / period + 0.5) % 1 - 0.5) * period
    soft = np.maximum(pixel, 1e-3)
    return np.clip((width / 2 - place) / soft + 0.5, 0, 1) / (
        1 + 0.6 * soft / max(width, 1e-3) / period * width
    )


def _plain_ground(low, high, tint=0.02):
    def ground(plane, fine, rng):
        return np.broadcast_to(grey(rng, low, high, tint), (*plane.away.shape, 3))

    return ground


def _road(plane, fine, rng):
    turn, offset = rng.normal(0, 0.5), rng.uniform(-3, 3)
    across = plane.side * np.cos(turn) + plane.away * np.sin(turn) + offset
    along = plane.away * np.cos(turn) - plane.side * np.sin(turn)
    base = mix(
        grey(rng, 0.3, 0.45) + 0 * plane.away[..., None],
        grey(rng, 0.45, 0.65),
        (np.abs(across) > 4).astype(float),
    )
    kerb = _line(np.abs(across) - 4, 1e3, 0.25, plane.pixel * abs(np.sin(turn)) + 0.1)
    base = mix(base, grey(rng, 0.6, 0.8), kerb)
    dash = _line(across, 1e3, 0.16, 0.08 + plane.pixel * abs(np.sin(turn))) * ((along % 6) < 3)
    return mix(base, (0.7, 0.7, 0.66), dash * 0.8)


def _lanes(plane, fine, rng):
    offset, turn = rng.uniform(-4, 4), rng.normal(0, 0.15)
    across = plane.side + plane.away * turn + offset
    base = np.broadcast_to(grey(rng, 0.35, 0.55), (*across.shape, 3))
    dash = _line(across, 3.7, 0.2, 0.1 + 0.2 * plane.pixel) * ((plane.away % 12) < 5)
    return mix(base, (0.75, 0.75, 0.7), dash * 0.8)


def _bays(plane, fine, rng):
    turn, offset = rng.uniform(-0.7, 0.7), rng.uniform(0, 3)
    u = plane.side * np.cos(turn) + plane.away * np.sin(turn) + offset
    w = plane.away * np.cos(turn) - plane.side * np.sin(turn)
    lines = np.maximum(
        _line(u, 2.6, 0.13, 0.06 + 0.3 * plane.pixel) * ((w % 11) < 5), _line(w, 11, 0.13, 0.06 + plane.pixel)
    )
    return mix(np.broadcast_to(grey(rng, 0.32, 0.52), (*u.shape, 3)), (0.7, 0.7, 0.68), 0.75 * lines)


def _grass(plane, fine, rng):
    green = to_linear(hsv(rng.uniform(0.18, 0.32), rng.uniform(0.3, 0.65), rng.uniform(0.3, 0.6)))
    dry = to_linear(hsv(rng.uniform(0.1, 0.17), 0.4, 0.6))
    patches = np.clip(0.4 + 0.35 * fine.crop(rng), 0, 1)
    return mix(green * np.ones((*patches.shape, 1)), dry, patches * rng.uniform(0.1, 0.7))


def _sand(plane, fine, rng):
    base = to_linear(hsv(rng.uniform(0.08, 0.13), rng.uniform(0.2, 0.45), rng.uniform(0.6, 0.85)))
    ripple = 0.5 + 0.5 * np.sin(
        2 * np.pi * plane.away / rng.uniform(0.3, 0.9) + 2 * fine.at(plane.side * 4, plane.away * 4)
    )
    return base * (1 - 0.2 * ripple / (1 + 8 * plane.pixel))[..., None]


def _grid(period_range, seam, low, high, checks=False, tint=0.03):
    def ground(plane, fine, rng):
        period, turn = rng.uniform(*period_range), rng.uniform(-0.8, 0.8)
        u = plane.side * np.cos(turn) + plane.away * np.sin(turn)
        w = plane.away * np.cos(turn) - plane.side * np.sin(turn)
        first, second = grey(rng, low, high, tint), grey(rng, low * 0.6, high * 0.75, tint)
        fade = 1 / (1 + 3 * (plane.pixel / period) ** 2)
        odd = (
            (np.floor(u / period) + np.floor(w / period)) % 2
            if checks
            else 0.5 + 0.25 * fine.at(u / period, w / period)
        )
        base = mix(first * np.ones((*u.shape, 1)), second, np.clip(odd * fade * (1 if checks else 0.5), 0, 1))
        lines = np.maximum(
            _line(u, period, seam * period, 0.02 + plane.pixel * 0.5),
            _line(w, period, seam * period, 0.02 + plane.pixel),
        )
        return mix(base, second * 0.5, 0.6 * lines * fade)

    return ground


def _boards(plane, fine, rng):
    wood = to_linear(hsv(rng.uniform(0.05, 0.1), rng.uniform(0.3, 0.6), rng.uniform(0.35, 0.7)))
    width, turn = rng.uniform(0.12, 0.22), rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.1)
    u = plane.side * np.cos(turn) + plane.away * np.sin(turn)
    w = plane.away * np.cos(turn) - plane.side * np.sin(turn)
    tone = 1 + 0.2 * fine.at(u / width, w * 0.4) / (1 + (plane.pixel / width) ** 2)
    seam = _line(u, width, 0.02, 0.01 + plane.pixel)
    return wood * np.maximum(tone * (1 - 0.4 * seam), 0.1)[..., None]


def _wet(plane, fine, rng):
    base = np.broadcast_to(grey(rng, 0.2, 0.4), (*plane.away.shape, 3))
    puddle = np.clip(0.6 * fine.crop(rng) - 0.2, 0, 0.7)
    return mix(base, grey(rng, 0.35, 0.6), puddle)


GROUND = {
    "road": _road,
    "grass": _grass,
    "paving": _grid((0.4, 0.8), 0.05, 0.4, 0.7),
    "bays": _bays,
    "boards": _boards,
    "lino": _plain_ground(0.35, 0.75, 0.05),
    "concrete": _plain_ground(0.4, 0.7),
    "gravel": _plain_ground(0.4, 0.65, 0.03),
    "tiles": _grid((0.25, 0.45), 0.07, 0.5, 0.85),
    "sand": _sand,
    "cobbles": _grid((0.14, 0.3), 0.2, 0.35, 0.65),
    "checks": _grid((0.35, 0.6), 0.03, 0.5, 0.9, checks=True),
    "wet": _wet,
    "lanes": _lanes,
}
