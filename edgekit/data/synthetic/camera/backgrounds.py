"""Backgrounds without an object: ground in perspective, something upright behind it, 1/f texture over both."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from edgekit.data.synthetic.camera.colors import hsv, to_linear
from edgekit.data.synthetic.camera.view import CANVAS

NOISE = 128

# family -> (ground, upright, indoors)
FAMILIES = {
    "train": {
        "street": ("road", "houses", False), "meadow": ("grass", "treeline", False), "brick yard": ("paving", "bricks", False),
        "car park": ("bays", "sky", False), "living room": ("boards", "plaster", True), "corridor": ("lino", "corridor", True),
        "workshop": ("concrete", "panels", True), "garden": ("grass", "fence", False),
    },
    "val": {
        "lane": ("gravel", "hedge", False), "kitchen": ("tiles", "tiled wall", True), "hall": ("concrete", "windows", True),
    },
    "test": {
        "shore": ("sand", "sea", False), "square": ("cobbles", "arcade", False), "shop": ("checks", "shelves", True),
        "underpass": ("wet", "stone", True), "motorway": ("lanes", "noise wall", False),
    },
}
INDEX = {name: i for i, name in enumerate(name for split in FAMILIES.values() for name in split)}


@dataclass(frozen=True)
class Ground:
    """Per pixel of the canvas: distance and sideways position on the ground in metres, and where there is ground."""

    away: np.ndarray
    side: np.ndarray
    mask: np.ndarray
    pixel: np.ndarray  # metres of the ground that one pixel covers in depth: details smaller than this fade


class Texture:
    """1/f noise (NOISE, NOISE) that can be looked up at any place."""

    def __init__(self, values):
        self.values = values

    def at(self, x, y):
        """Noise (zero mean, unit deviation) at places measured in cells."""
        i, j = np.floor(y).astype(np.int64) & (NOISE - 1), np.floor(x).astype(np.int64) & (NOISE - 1)
        return self.values[i, j]

    def crop(self, rng):
        """The noise over the canvas, from a random corner."""
        i, j = rng.integers(0, NOISE, 2)
        return np.roll(self.values, (i, j), (0, 1))[:CANVAS, :CANVAS]


@cache
def _frequency(size):
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size))
    frequency[0, 0] = 1.0
    return frequency


def one_over_f(size, slope, rng):
    """Two fields (2, size, size) of noise whose amplitude falls as 1 / frequency^slope: periodic, zero
    mean, unit deviation.

    White complex noise, filtered and transformed once; its real and imaginary parts are independent.
    """
    white = rng.standard_normal((size, size, 2)).view(complex)[..., 0]
    spectrum = white * _frequency(size) ** -slope
    spectrum[0, 0] = 0
    noise = np.fft.ifft2(spectrum)
    return np.stack([noise.real / noise.real.std(), noise.imag / noise.imag.std()])


def paint(family, split, view, light, distance, noise, rng):
    """The background (CANVAS, CANVAS, 3) in linear light, of a family, as `view` sees it under `light`.

    distance: of the wall behind, in metres; noise: two fields from `one_over_f`.
    """
    ground_kind, upright_kind, _ = FAMILIES[split][family]
    fine, coarse = Texture(noise[0]), Texture(noise[1])
    row, column = np.arange(CANVAS)[:, None] + 0.5, np.arange(CANVAS)[None, :] + 0.5
    foot = view.horizon + view.focal * view.height_m / distance
    tint = to_linear(hsv(rng.random(), 0.6 * rng.beta(1.2, 3), rng.uniform(0.35, 0.85)))
    scene = UPRIGHT[upright_kind](column, row, foot, view, distance, tint, light, fine, rng)
    scene = scene * (1 + 0.12 * coarse.crop(rng))[..., None]
    plane = _plane(column, row, foot, view)
    if plane.mask.any():
        floor = GROUND[ground_kind](plane, fine, rng)
        detail = fine.at(plane.side * 12, plane.away * 12) / (1 + 6 * plane.pixel)
        floor = floor * np.maximum(1 + 0.16 * detail + 0.13 * coarse.crop(rng), 0.1)[..., None]
        floor = floor * light.on(np.float64(0), np.float64(1), np.float64(0))
        scene = np.where(plane.mask[..., None], floor, scene)
        scene = scene * _contact(row, foot)[..., None]
    return np.maximum(scene * (1 + 0.05 * fine.crop(rng))[..., None], 0.002)


def _plane(column, row, foot, view):
    below = np.maximum(row - view.horizon, 0.5)
    away = view.focal * view.height_m / below + 0 * column
    side = (column - CANVAS / 2) * away / view.focal
    return Ground(away, side, (row > foot) & (column > -1), away / below)


def _contact(row, foot):
    """Darker along the foot of a wall, as dirt and missing sky make it."""
    return 1 - 0.3 * np.exp(-((row - foot) / 2.5) ** 2) * (row > -1)


def _line(value, period, width, pixel):
    """1 on lines of `width` at every `period`, fading where a pixel covers more than a line."""
    place = np.abs((value / period + 0.5) % 1 - 0.5) * period
    soft = np.maximum(pixel, 1e-3)
    return np.clip((width / 2 - place) / soft + 0.5, 0, 1) / (1 + 0.6 * soft / max(width, 1e-3) / period * width)


def _mix(base, other, weight):
    return base + weight[..., None] * (np.asarray(other) - base)


def _grey(rng, low, high, tint=0.02):
    """A greyish linear colour between two sRGB values."""
    return to_linear(np.clip(rng.uniform(low, high) + rng.normal(0, tint, 3), 0.03, 0.97))


def _plain_ground(low, high, tint=0.02):
    def ground(plane, fine, rng):
        return np.broadcast_to(_grey(rng, low, high, tint), (*plane.away.shape, 3))
    return ground


def _road(plane, fine, rng):
    turn, offset = rng.normal(0, 0.5), rng.uniform(-3, 3)
    across = plane.side * np.cos(turn) + plane.away * np.sin(turn) + offset
    along = plane.away * np.cos(turn) - plane.side * np.sin(turn)
    base = _mix(_grey(rng, 0.3, 0.45) + 0 * plane.away[..., None], _grey(rng, 0.45, 0.65), (np.abs(across) > 4).astype(float))
    kerb = _line(np.abs(across) - 4, 1e3, 0.25, plane.pixel * abs(np.sin(turn)) + 0.1)
    base = _mix(base, _grey(rng, 0.6, 0.8), kerb)
    dash = _line(across, 1e3, 0.16, 0.08 + plane.pixel * abs(np.sin(turn))) * ((along % 6) < 3)
    return _mix(base, (0.7, 0.7, 0.66), dash * 0.8)


def _lanes(plane, fine, rng):
    offset, turn = rng.uniform(-4, 4), rng.normal(0, 0.15)
    across = plane.side + plane.away * turn + offset
    base = np.broadcast_to(_grey(rng, 0.35, 0.55), (*across.shape, 3))
    dash = _line(across, 3.7, 0.2, 0.1 + 0.2 * plane.pixel) * ((plane.away % 12) < 5)
    return _mix(base, (0.75, 0.75, 0.7), dash * 0.8)


def _bays(plane, fine, rng):
    turn, offset = rng.uniform(-0.7, 0.7), rng.uniform(0, 3)
    u = plane.side * np.cos(turn) + plane.away * np.sin(turn) + offset
    w = plane.away * np.cos(turn) - plane.side * np.sin(turn)
    lines = np.maximum(_line(u, 2.6, 0.13, 0.06 + 0.3 * plane.pixel) * ((w % 11) < 5), _line(w, 11, 0.13, 0.06 + plane.pixel))
    return _mix(np.broadcast_to(_grey(rng, 0.32, 0.52), (*u.shape, 3)), (0.7, 0.7, 0.68), 0.75 * lines)


def _grass(plane, fine, rng):
    green = to_linear(hsv(rng.uniform(0.18, 0.32), rng.uniform(0.3, 0.65), rng.uniform(0.3, 0.6)))
    dry = to_linear(hsv(rng.uniform(0.1, 0.17), 0.4, 0.6))
    patches = np.clip(0.4 + 0.35 * fine.crop(rng), 0, 1)
    return _mix(green * np.ones((*patches.shape, 1)), dry, patches * rng.uniform(0.1, 0.7))


def _sand(plane, fine, rng):
    base = to_linear(hsv(rng.uniform(0.08, 0.13), rng.uniform(0.2, 0.45), rng.uniform(0.6, 0.85)))
    ripple = 0.5 + 0.5 * np.sin(2 * np.pi * plane.away / rng.uniform(0.3, 0.9) + 2 * fine.at(plane.side * 4, plane.away * 4))
    return base * (1 - 0.2 * ripple / (1 + 8 * plane.pixel))[..., None]


def _grid(period_range, seam, low, high, checks=False, tint=0.03):
    def ground(plane, fine, rng):
        period, turn = rng.uniform(*period_range), rng.uniform(-0.8, 0.8)
        u = plane.side * np.cos(turn) + plane.away * np.sin(turn)
        w = plane.away * np.cos(turn) - plane.side * np.sin(turn)
        first, second = _grey(rng, low, high, tint), _grey(rng, low * 0.6, high * 0.75, tint)
        fade = 1 / (1 + 3 * (plane.pixel / period) ** 2)
        odd = (np.floor(u / period) + np.floor(w / period)) % 2 if checks else 0.5 + 0.25 * fine.at(u / period, w / period)
        base = _mix(first * np.ones((*u.shape, 1)), second, np.clip(odd * fade * (1 if checks else 0.5), 0, 1))
        lines = np.maximum(_line(u, period, seam * period, 0.02 + plane.pixel * 0.5), _line(w, period, seam * period, 0.02 + plane.pixel))
        return _mix(base, second * 0.5, 0.6 * lines * fade)
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
    base = np.broadcast_to(_grey(rng, 0.2, 0.4), (*plane.away.shape, 3))
    puddle = np.clip(1.5 * fine.crop(rng) - 0.6, 0, 1)
    return _mix(base, _grey(rng, 0.45, 0.65), puddle)


def _sky(column, row, foot, view, distance, tint, light, fine, rng):
    """Sky with clouds over a low silhouette."""
    clouds = np.clip(0.5 + 0.6 * fine.at(0.6 * column + 7, 1.6 * row), 0, 1)
    blue = light.sky * to_linear(hsv(0.58, rng.uniform(0.05, 0.5), 0.9)) * 1.2
    top = _mix(blue * np.ones((CANVAS, CANVAS, 1)), light.sky * 1.1, clouds * rng.uniform(0.2, 0.9))
    skyline = foot - rng.uniform(2, 12) - 3 * fine.at(column / 6, 3 + 0 * column)
    return _mix(top, _grey(rng, 0.25, 0.5) * light.ambient * 1.5, np.clip(row - skyline, 0, 1))


def _lit_wall(light, rng):
    """Light that falls on a wall facing the camera."""
    return light.on(np.float64(0.1), np.float64(0), np.float64(-1))


def _windows(column, row, foot, period, size, low, view, distance):
    """1 inside a lattice of window panes, in metres of a wall at `distance`."""
    scale = view.focal / distance
    x, y = (column - CANVAS / 2) / scale, (foot - row) / scale
    u, w = x % period[0], y % period[1]
    soft = 1 / scale
    inside = np.minimum(np.minimum(u, size[0] - u) / soft, np.minimum(w - low, low + size[1] - w) / soft)
    return np.clip(inside + 0.5, 0, 1)


def _houses(column, row, foot, view, distance, tint, light, fine, rng):
    lattice = _windows(column, row, foot, (rng.uniform(2.2, 3.6), rng.uniform(2.8, 3.4)), (rng.uniform(0.9, 1.4), rng.uniform(1.2, 1.7)),
                       0.9, view, distance * rng.uniform(0.5, 1))
    wall = tint * _lit_wall(light, rng) * (1 + 0.15 * np.sign(fine.at(column / 30, 0 * row)))[..., None]
    pane = light.sky * rng.uniform(0.03, 0.5) * (0.8 + 0.4 * fine.at(column / 9, row / 9))[..., None]
    facade = _mix(wall, np.maximum(pane, 0.01), lattice)
    eaves = foot - rng.uniform(3, 9) * view.focal / distance - 4 * np.sign(fine.at(column / 30, 2 + 0 * column))
    return _mix(_sky(column, row, foot, view, distance, tint, light, fine, rng), facade, np.clip(row - eaves, 0, 1))


def _foliage(height, rough, hue):
    def wall(column, row, foot, view, distance, tint, light, fine, rng):
        green = to_linear(hsv(rng.uniform(*hue), rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.5)))
        leaves = np.maximum(1 + 0.45 * fine.at(column * 1.3, row * 1.3) + 0.2 * fine.at(column / 4, row / 4), 0.1)
        top = foot - rng.uniform(*height) * view.focal / distance - rough * fine.at(column / 3, 1 + 0 * column)
        scene = _sky(column, row, foot, view, distance, tint, light, fine, rng)
        return _mix(scene, 0, np.clip(row - top, 0, 1)) + (leaves * np.clip(row - top, 0, 1))[..., None] * green * _lit_wall(light, rng)
    return wall


def _masonry(course, length, jitter, hue, saturation):
    def wall(column, row, foot, view, distance, tint, light, fine, rng):
        scale = view.focal / distance
        high = max(course * scale, 2.5)  # a course shows at least 2.5 pixels
        wide = high * length
        level = np.floor((foot - row) / high)
        u = column / wide + 0.5 * (level % 2)
        tone = 1 + jitter * fine.at(np.floor(u) * 3, level * 5 + 0 * column)
        seam = np.maximum(((foot - row) / high) % 1 < 0.16, (u % 1) < 0.16 / length)
        stone = to_linear(hsv(rng.uniform(*hue), rng.uniform(*saturation), rng.uniform(0.4, 0.75)))
        wall = stone * np.maximum(tone * (1 - 0.3 * seam), 0.1)[..., None]
        if rng.random() < 0.5:
            lattice = _windows(column, row, foot, (rng.uniform(2.5, 4), 3.0), (1.2, 1.4), 0.9, view, distance)
            wall = _mix(wall, light.sky * rng.uniform(0.05, 0.4), lattice)
        return wall * _lit_wall(light, rng)
    return wall


def _plaster(column, row, foot, view, distance, tint, light, fine, rng):
    """A room: wall with skirting board, a picture, a window and a door."""
    wall = tint * np.ones((CANVAS, CANVAS, 1)) * (1 + 0.03 * fine.at(column, row))[..., None]
    scale = view.focal / distance
    for _ in range(rng.integers(1, 4)):
        wide, tall = rng.uniform(0.4, 1.4), rng.uniform(0.5, 2.0)
        x, y = rng.uniform(0, CANVAS), foot - scale * rng.uniform(0.0, 1.4) * (tall < 1.5)
        inside = np.minimum(scale * wide / 2 - np.abs(column - x), np.minimum(y - row, row - y + scale * tall))
        wall = _mix(wall, _grey(rng, 0.3, 0.7), np.clip(inside + 1.5, 0, 1))
        filling = _grey(rng, 0.2, 0.9, 0.1) * (1 + 0.3 * fine.at(column, row))[..., None]
        wall = _mix(wall, np.maximum(filling, 0.01), np.clip(inside - 0.5, 0, 1))
    return _mix(wall, _grey(rng, 0.4, 0.9), np.clip(row - foot + 0.1 * scale, 0, 1) * np.ones((1, CANVAS))) * _lit_wall(light, rng)


def _panels(period, dark, shelf=0):
    """Upright panels, pickets, arches or racks of goods: vertical structure of a given period in metres."""
    def wall(column, row, foot, view, distance, tint, light, fine, rng):
        scale = max(view.focal / distance, 5.0)
        step = scale * rng.uniform(0.7, 1.3) * period
        cell = np.floor(column / step)
        tone = 1 + 0.25 * fine.at(cell * 7, 0 * row + 5)
        wall = tint * np.maximum(tone * (1 - dark * ((column / step) % 1 < max(0.12, 1.2 / step))), 0.05)[..., None]
        if shelf:
            level = np.floor((foot - row) / (scale * 0.45))
            goods = fine.at(np.floor(column / (scale * rng.uniform(0.15, 0.5))) * 3, level * 9)
            shift = np.stack([goods, np.roll(goods, 7, 1), np.roll(goods, 19, 1)], -1)
            colors = to_linear(np.clip(0.5 + 0.16 * goods[..., None] + 0.09 * shift, 0.08, 0.9))
            board = ((foot - row) / (scale * 0.45)) % 1 < 0.15
            wall = np.where(board[..., None], tint * 0.7, colors)
        wall = wall * np.ones((CANVAS, CANVAS, 1)) * _lit_wall(light, rng)
        return wall
    return wall


def _fence(column, row, foot, view, distance, tint, light, fine, rng):
    back = _foliage((3, 7), 3, (0.2, 0.35))(column, row, foot, view, distance, tint, light, fine, rng)
    slats = _panels(0.35, 0.7)(column, row, foot, view, distance, tint, light, fine, rng)
    return _mix(back, slats, np.clip(row - foot + rng.uniform(1.0, 1.8) * max(view.focal / distance, 5), 0, 1))


def _arcade(column, row, foot, view, distance, tint, light, fine, rng):
    """Arches: a dark opening with a round top between pillars."""
    scale = max(view.focal / distance, 4.0)
    step = scale * rng.uniform(2.5, 4)
    x = (column / step) % 1 - 0.5
    rise = (foot - row) / step
    top = np.sqrt(np.maximum(0.16 - x * x, 0)) + 0.6
    opening = (np.abs(x) < 0.36) & (rise < np.where(np.abs(x) < 0.4, top, 0))
    wall = tint * (1 + 0.1 * fine.at(column, row))[..., None] * _lit_wall(light, rng)
    upper = _windows(column, row, foot - 1.3 * step, (3.0, 3.2), (1.0, 1.6), 0.8, view, distance) * (rise > 1.25)
    return np.maximum(_mix(_mix(wall, wall * rng.uniform(0.08, 0.3), opening.astype(float)), light.sky * 0.2, upper), 0.004)


def _sea(column, row, foot, view, distance, tint, light, fine, rng):
    sky = _sky(column, row, view.horizon + 200, view, distance, tint, light, fine, rng)
    water = to_linear(hsv(rng.uniform(0.48, 0.6), rng.uniform(0.15, 0.5), rng.uniform(0.35, 0.65)))
    waves = np.maximum(1 + 0.25 * fine.at(column / 2, 3 * (row - view.horizon)), 0.2)
    shade = (waves[..., None] * water) * light.ambient * 1.3
    return _mix(sky, 0, np.clip(row - view.horizon, 0, 1) * np.ones((1, CANVAS))) + np.clip(row - view.horizon, 0, 1)[..., None] * shade


def _hall_windows(column, row, foot, view, distance, tint, light, fine, rng):
    lattice = _windows(column, row, foot, (rng.uniform(1.6, 2.6), 9.0), (rng.uniform(1.0, 1.5), rng.uniform(1.8, 3)), rng.uniform(0.5, 1.2), view, distance)
    bars = _windows(column, row, foot, (0.5, 0.6), (0.44, 0.54), 0.0, view, distance)
    wall = tint * np.ones((CANVAS, CANVAS, 1)) * _lit_wall(light, rng)
    outside = light.sky * rng.uniform(0.6, 1.6) * (1 + 0.25 * fine.at(column / 2, row / 2))[..., None]
    return _mix(wall, np.maximum(outside, 0.02), lattice * bars)


def _corridor(column, row, foot, view, distance, tint, light, fine, rng):
    """Two side walls that run to the end wall, doors on them, lamps above."""
    half = rng.uniform(1.1, 2.2)
    end = view.focal * half / distance
    offset = np.abs(column - CANVAS / 2 - rng.uniform(-8, 8))
    away = view.focal * half / np.maximum(offset, 0.5)
    side = (offset > end) & (row > -1)
    doors = ((away % 3.2) < 1.0) & side & ((row - view.horizon) > -0.9 * (2.1 - view.height_m) * view.focal / away)
    tone = np.where(side, 0.45 + 0.5 / (1 + 0.1 * away), 0.8)
    wall = tint * tone[..., None] * (1 + 0.04 * fine.at(column, row))[..., None]
    return _mix(wall, _grey(rng, 0.25, 0.6, 0.06), 0.85 * doors.astype(float)) * _lit_wall(light, rng)


GROUND = {"road": _road, "grass": _grass, "paving": _grid((0.4, 0.8), 0.05, 0.4, 0.7), "bays": _bays, "boards": _boards,
          "lino": _plain_ground(0.35, 0.75, 0.05), "concrete": _plain_ground(0.4, 0.7), "gravel": _plain_ground(0.4, 0.65, 0.03),
          "tiles": _grid((0.25, 0.45), 0.07, 0.5, 0.85), "sand": _sand, "cobbles": _grid((0.14, 0.3), 0.2, 0.35, 0.65),
          "checks": _grid((0.35, 0.6), 0.03, 0.5, 0.9, checks=True), "wet": _wet, "lanes": _lanes}
UPRIGHT = {"houses": _houses, "treeline": _foliage((4, 9), 4, (0.2, 0.36)), "bricks": _masonry(0.08, 3.0, 0.18, (0.01, 0.06), (0.3, 0.6)),
           "sky": _sky, "plaster": _plaster, "corridor": _corridor, "panels": _panels(1.0, 0.4), "fence": _fence,
           "hedge": _foliage((1.5, 3), 1.5, (0.24, 0.4)), "tiled wall": _masonry(0.2, 1.0, 0.05, (0.1, 0.6), (0.02, 0.2)),
           "windows": _hall_windows, "sea": _sea, "arcade": _arcade, "shelves": _panels(0.9, 0.3, shelf=1),
           "stone": _masonry(0.35, 1.8, 0.22, (0.07, 0.13), (0.05, 0.2)), "noise wall": _panels(2.5, 0.35)}
