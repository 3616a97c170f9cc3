"""What a car's body carries: windows, bumpers, lamps, number plates, door lines."""

from itertools import pairwise

import numpy as np

from edgekit.data.synthetic.camera.colors import DARK


def glass(solid, vehicle, corners, width, belt):
    """Windscreen, rear window and side windows; glass mirrors the sky a little."""
    body = vehicle.shape
    pane = 0.02 + vehicle.glass * 0.35 * solid.light.sky * solid.light.ambient.mean()
    for low, high in ((3, 4), (7, 6)):
        if not (corners[low, 1] > 0.97 * body.height or (low == 7 and body.load)):
            _screen(solid, body, corners[[low, high]], width[[low, high]], belt, pane, low == 3)
    for sign in (-1, 1):
        for quad in _side_panes(body, corners, belt):
            half = np.interp(quad[:, 1], corners[4:2:-1, 1][::-1], width[3:5])
            corners_3d = np.column_stack([quad[:, 0], sign * 1.003 * half, quad[:, 1]])
            solid.face(corners_3d, (0, sign, 0), pane, 0.3, 0.5, glow=True)


def _screen(solid, body, edge, width, belt, pane, ahead):
    """The windscreen or the rear window, along `edge`, a line (2, 2) of the profile from below to above."""
    inset = edge[0] + np.array([[0.08], [0.92]]) * (edge[1] - edge[0])
    share = np.interp(inset[:, 1], [belt, body.height], [0.92, 0.9])
    half = share * np.interp([0.08, 0.92], [0, 1], width)
    (x0, z0), (x1, z1) = inset
    quad = [(x0, -half[0], z0), (x0, half[0], z0), (x1, half[1], z1), (x1, -half[1], z1)]
    along, up = edge[1] - edge[0]
    solid.face(quad, (up if ahead else -up, 0, abs(along)), pane, 0.3, 0.5, glow=True)


def _at_height(low, high, z):
    """Forward position at height z on the line between two corners (forward, up)."""
    return low[0] + (high[0] - low[0]) * np.clip((z - low[1]) / max(high[1] - low[1], 1e-6), 0, 1)


def _side_panes(body, corners, belt):
    """Quads (4, 2) of the side windows between the pillars."""
    heights, gap = (belt, 0.92 * body.height), 0.012 * body.length
    front = [_at_height(corners[3], corners[4], z) - 0.03 * body.length for z in heights]
    rear = [_at_height(corners[7], corners[6], z) + 0.03 * body.length for z in heights]
    if body.panes == 1 and body.height > 2 and not body.load:  # a van: the door window only
        rear = [front[1] - 0.12 * body.length] * 2

    def between(part, k):
        return front[k] + part * (rear[k] - front[k])

    (low, high), cuts = heights, np.linspace(0, 1, body.panes + 1)
    return [np.array([(between(a, 0) - gap, low), (between(b, 0) + gap, low),
                      (between(b, 1) + gap, high), (between(a, 1) - gap, high)]) for a, b in pairwise(cuts)]


def trim(solid, vehicle, half):
    """Bumpers, grille, lamps and number plates at both ends, sills and door lines at both sides."""
    body, low = vehicle.shape, 0.55 * vehicle.shape.wheel
    nose, tail = 0.86 * body.nose * body.height, 0.6 * body.tail * body.height
    _end(solid, vehicle, half, 1, (low, nose), np.array([1.0, 0.95, 0.8]))
    _end(solid, vehicle, half, -1, (low, tail), np.array([0.6, 0.02, 0.02]))
    for sign in (-1, 1):
        _side(solid, vehicle, half, sign, low)


def _end(solid, vehicle, half, sign, heights, lamp):
    """The front, `sign` 1, or the rear."""
    low, top = heights
    x, rise, shine = sign * vehicle.shape.length / 2 + 0.01 * sign, top - low, 1.5 if vehicle.lamps_on else 0.45

    def plate(y0, y1, z0, z1, color, glow=False):
        solid.face([(x, y0, z0), (x, y1, z0), (x, y1, z1), (x, y0, z1)], (sign, 0, 0), color, 0.35, glow=glow)

    plate(-half, half, low, low + 0.28 * rise, DARK * 2)
    grille = DARK if sign > 0 else vehicle.color * 0.8
    plate(-0.45 * half, 0.45 * half, low + 0.5 * rise, low + 0.82 * rise, grille)
    plate(-0.26, 0.26, low + 0.22 * rise, low + 0.22 * rise + 0.12, np.array([0.75, 0.72, 0.6]))
    for side in (-1, 1):
        ends = sorted((side * 0.55 * half, side * 0.95 * half))
        plate(*ends, low + 0.58 * rise, low + 0.84 * rise, lamp * shine, True)


def _side(solid, vehicle, half, sign, low):
    """The sill, a stripe of another colour where it has one, and the lines of the doors."""
    body, h, y = vehicle.shape, vehicle.shape.height, sign * (half + 0.006)
    reach, bands = 0.47 * body.length, [(low, low + 0.1, DARK)]
    bands += [(0.36 * h, 0.43 * h, vehicle.second)] if body.stripe else []
    for z0, z1, color in bands:
        corners = [(reach, y, z0), (-reach, y, z0), (-reach, y, z1), (reach, y, z1)]
        solid.face(corners, (0, sign, 0), color, 0.3)
    if solid.sees(np.array([0.0, y, 0.5]), (0, sign, 0)):
        for part in np.linspace(body.bonnet + 0.06, 0.86 - body.boot, body.panes + 1)[:4]:
            x = body.length * (0.5 - part)
            solid.bar((x, y, low + 0.1), (x, y, body.belt * h), 0.012, vehicle.color * 0.35, 0.4)
