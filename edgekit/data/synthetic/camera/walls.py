"""What stands behind the ground: sky, houses, hedges, rooms.

Each takes (column, row, foot, view, distance, tint, light, fine, rng): pixel positions, the row where the
ground ends, the distance of the wall in metres, a wall colour, the light, fine noise; and gives linear
colours for the whole canvas.
"""

import numpy as np

from edgekit.data.synthetic.camera.colors import hsv, to_linear
from edgekit.data.synthetic.camera.textures import grey, mix
from edgekit.data.synthetic.camera.view import CANVAS


def _sky(column, row, foot, view, distance, tint, light, fine, rng):
    """Sky with clouds over a low silhouette."""
    clouds = np.clip(0.5 + 0.6 * fine.at(0.6 * column + 7, 1.6 * row), 0, 1)
    blue = light.sky * to_linear(hsv(0.58, rng.uniform(0.05, 0.5), 0.9)) * 1.2
    top = mix(blue * np.ones((CANVAS, CANVAS, 1)), light.sky * 1.1, clouds * rng.uniform(0.2, 0.9))
    skyline = foot - rng.uniform(2, 12) - 3 * fine.at(column / 6, 3 + 0 * column)
    return mix(top, grey(rng, 0.25, 0.5) * light.ambient * 1.5, np.clip(row - skyline, 0, 1))


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
    lattice = _windows(
        column,
        row,
        foot,
        (rng.uniform(2.2, 3.6), rng.uniform(2.8, 3.4)),
        (rng.uniform(0.9, 1.4), rng.uniform(1.2, 1.7)),
        0.9,
        view,
        distance * rng.uniform(0.5, 1),
    )
    wall = tint * _lit_wall(light, rng) * (1 + 0.15 * np.sign(fine.at(column / 30, 0 * row)))[..., None]
    pane = light.sky * rng.uniform(0.03, 0.5) * (0.8 + 0.4 * fine.at(column / 9, row / 9))[..., None]
    facade = mix(wall, np.maximum(pane, 0.01), lattice)
    eaves = (
        foot - rng.uniform(3, 9) * view.focal / distance - 4 * np.sign(fine.at(column / 30, 2 + 0 * column))
    )
    return mix(
        _sky(column, row, foot, view, distance, tint, light, fine, rng), facade, np.clip(row - eaves, 0, 1)
    )


def _foliage(height, rough, hue):
    def wall(column, row, foot, view, distance, tint, light, fine, rng):
        green = to_linear(hsv(rng.uniform(*hue), rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.5)))
        leaves = np.maximum(
            1 + 0.45 * fine.at(column * 1.3, row * 1.3) + 0.2 * fine.at(column / 4, row / 4), 0.1
        )
        top = (
            foot - rng.uniform(*height) * view.focal / distance - rough * fine.at(column / 3, 1 + 0 * column)
        )
        scene = _sky(column, row, foot, view, distance, tint, light, fine, rng)
        return mix(scene, 0, np.clip(row - top, 0, 1)) + (leaves * np.clip(row - top, 0, 1))[
            ..., None
        ] * green * _lit_wall(light, rng)

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
            wall = mix(wall, light.sky * rng.uniform(0.05, 0.4), lattice)
        return wall * _lit_wall(light, rng)

    return wall


def _plaster(column, row, foot, view, distance, tint, light, fine, rng):
    """A room: wall with skirting board, a picture, a window and a door."""
    wall = tint * np.ones((CANVAS, CANVAS, 1)) * (1 + 0.03 * fine.at(column, row))[..., None]
    scale = view.focal / distance
    for _ in range(rng.integers(1, 4)):
        wide, tall = rng.uniform(0.4, 1.4), rng.uniform(0.5, 2.0)
        x, y = rng.uniform(0, CANVAS), foot - scale * rng.uniform(0.0, 1.4) * (tall < 1.5)
        inside = np.minimum(
            scale * wide / 2 - np.abs(column - x), np.minimum(y - row, row - y + scale * tall)
        )
        wall = mix(wall, grey(rng, 0.3, 0.7), np.clip(inside + 1.5, 0, 1))
        filling = grey(rng, 0.2, 0.9, 0.1) * (1 + 0.3 * fine.at(column, row))[..., None]
        wall = mix(wall, np.maximum(filling, 0.01), np.clip(inside - 0.5, 0, 1))
    return mix(
        wall, grey(rng, 0.4, 0.9), np.clip(row - foot + 0.1 * scale, 0, 1) * np.ones((1, CANVAS))
    ) * _lit_wall(light, rng)


def _panels(period, dark, shelf=0):
    """Upright panels, pickets, arches or racks of goods: vertical structure of a given period in metres."""

    def wall(column, row, foot, view, distance, tint, light, fine, rng):
        scale = max(view.focal / distance, 5.0)
        step = scale * rng.uniform(0.7, 1.3) * period
        cell = np.floor(column / step)
        tone = 1 + 0.25 * fine.at(cell * 7, 0 * row + 5)
        wall = (
            tint
            * np.maximum(tone * (1 - dark * ((column / step) % 1 < max(0.12, 1.2 / step))), 0.05)[..., None]
        )
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
    return mix(back, slats, np.clip(row - foot + rng.uniform(1.0, 1.8) * max(view.focal / distance, 5), 0, 1))


def _arcade(column, row, foot, view, distance, tint, light, fine, rng):
    """Arches: a dark opening with a round top between pillars."""
    scale = max(view.focal / distance, 4.0)
    step = scale * rng.uniform(2.5, 4)
    x = (column / step) % 1 - 0.5
    rise = (foot - row) / step
    top = np.sqrt(np.maximum(0.16 - x * x, 0)) + 0.6
    opening = (np.abs(x) < 0.36) & (rise < np.where(np.abs(x) < 0.4, top, 0))
    wall = tint * (1 + 0.1 * fine.at(column, row))[..., None] * _lit_wall(light, rng)
    upper = _windows(column, row, foot - 1.3 * step, (3.0, 3.2), (1.0, 1.6), 0.8, view, distance) * (
        rise > 1.25
    )
    return np.maximum(
        mix(mix(wall, wall * rng.uniform(0.08, 0.3), opening.astype(float)), light.sky * 0.2, upper), 0.004
    )


def _sea(column, row, foot, view, distance, tint, light, fine, rng):
    sky = _sky(column, row, view.horizon + 200, view, distance, tint, light, fine, rng)
    water = to_linear(hsv(rng.uniform(0.48, 0.6), rng.uniform(0.15, 0.5), rng.uniform(0.35, 0.65)))
    waves = np.maximum(1 + 0.25 * fine.at(column / 2, 3 * (row - view.horizon)), 0.2)
    shade = (waves[..., None] * water) * light.ambient * 1.3
    return (
        mix(sky, 0, np.clip(row - view.horizon, 0, 1) * np.ones((1, CANVAS)))
        + np.clip(row - view.horizon, 0, 1)[..., None] * shade
    )


def _hall_windows(column, row, foot, view, distance, tint, light, fine, rng):
    lattice = _windows(
        column,
        row,
        foot,
        (rng.uniform(1.6, 2.6), 9.0),
        (rng.uniform(1.0, 1.5), rng.uniform(1.8, 3)),
        rng.uniform(0.5, 1.2),
        view,
        distance,
    )
    bars = _windows(column, row, foot, (0.5, 0.6), (0.44, 0.54), 0.0, view, distance)
    wall = tint * np.ones((CANVAS, CANVAS, 1)) * _lit_wall(light, rng)
    outside = light.sky * rng.uniform(0.6, 1.6) * (1 + 0.25 * fine.at(column / 2, row / 2))[..., None]
    return mix(wall, np.maximum(outside, 0.02), lattice * bars)


def _corridor(column, row, foot, view, distance, tint, light, fine, rng):
    """Two side walls that run to the end wall, doors on them, lamps above."""
    half = rng.uniform(1.1, 2.2)
    end = view.focal * half / distance
    offset = np.abs(column - CANVAS / 2 - rng.uniform(-8, 8))
    away = view.focal * half / np.maximum(offset, 0.5)
    side = (offset > end) & (row > -1)
    doors = (
        ((away % 3.2) < 1.0)
        & side
        & ((row - view.horizon) > -0.9 * (2.1 - view.height_m) * view.focal / away)
    )
    tone = np.where(side, 0.45 + 0.5 / (1 + 0.1 * away), 0.8)
    wall = tint * tone[..., None] * (1 + 0.04 * fine.at(column, row))[..., None]
    return mix(wall, grey(rng, 0.25, 0.6, 0.06), 0.85 * doors.astype(float)) * _lit_wall(light, rng)


UPRIGHT = {
    "houses": _houses,
    "treeline": _foliage((4, 9), 4, (0.2, 0.36)),
    "bricks": _masonry(0.08, 3.0, 0.18, (0.01, 0.06), (0.3, 0.6)),
    "sky": _sky,
    "plaster": _plaster,
    "corridor": _corridor,
    "panels": _panels(1.0, 0.4),
    "fence": _fence,
    "hedge": _foliage((1.5, 3), 1.5, (0.24, 0.4)),
    "tiled wall": _masonry(0.2, 1.0, 0.05, (0.1, 0.6), (0.02, 0.2)),
    "windows": _hall_windows,
    "sea": _sea,
    "arcade": _arcade,
    "shelves": _panels(0.9, 0.3, shelf=1),
    "stone": _masonry(0.35, 1.8, 0.22, (0.07, 0.13), (0.05, 0.2)),
    "noise wall": _panels(2.5, 0.35),
}
