"""Cars, vans, buses and lorries as extruded profiles on wheels."""

import numpy as np

from edgekit.data.synthetic.camera.car_parts import glass, trim
from edgekit.data.synthetic.camera.colors import DARK, TYRE


def profile(body):
    """Corners (V, 2) forward and up, anticlockwise seen from the right, of a body whose middle is at 0."""
    h, low, roof_end = body.height, 0.55 * body.wheel, 1 - body.boot - body.back
    parts = [
        (0.0, low),
        (0.0, 0.86 * body.nose * h),
        (0.03 + 0.1 * body.bonnet, 0.95 * body.nose * h),
        (body.bonnet, body.nose * h),
        (body.bonnet + body.screen, 0.985 * h),
        (body.bonnet + body.screen + 0.1 * roof_end, h),
        (roof_end, 0.985 * h),
        (1 - body.boot, body.tail * h),
        (0.995, 0.97 * body.tail * h),
        (1.0, 0.6 * body.tail * h),
        (1.0, low),
    ]
    return np.array([(body.length / 2 - part * body.length, z) for part, z in parts])


def car(solid, vehicle):
    """Treads, the body, a load, glass, trim, wheels: what comes later is painted over."""
    body = vehicle.shape
    half, belt = body.width / 2, body.belt * body.height
    corners = profile(body)
    lean = np.clip((corners[:, 1] - belt) / (body.height - belt), 0, 1)
    width = half * (1 - (0.2 if body.height < 2 else 0.05) * lean)
    _treads(solid, body, half)
    solid.extrude(corners, width, vehicle.color, fade=0.25)
    if body.load:
        rear, sill = -body.length / 2, 0.9 * body.wheel + 0.35
        far = (rear + body.boot * body.length - 0.1, half, body.load)
        solid.box((rear, -half, sill), far, vehicle.second, nearer=0.05)
    glass(solid, vehicle, corners, width, belt)
    trim(solid, vehicle, half)
    _wheels(solid, body, half)


def _treads(solid, body, half):
    r = body.wheel
    for center, _ in _hubs(body, half):
        solid.bar(center * [1, 0.82, 1] - [0, 0, 0.75 * r], center * [1, 0.82, 1], 0.14, TYRE, flat=True)


def _wheels(solid, body, half):
    """The wheel housing, the tyre with its rim, and the hub, on the sides that are seen."""
    r, rim = body.wheel, ((0.62, np.array([0.3, 0.3, 0.31])), (1.0, TYRE))
    for center, sign in _hubs(body, half):
        if solid.sees(center, (0, sign, 0)):
            solid.disc(center, 1.2 * r, ((1.0, DARK * 0.5),), 0.6 * half)
            solid.disc(center, r, rim, 0.7 * half, normal=(0, sign, 0))
            solid.disc(center, 0.25 * r, ((1.0, DARK),), 0.75 * half)


def _hubs(body, half):
    """The centres of the four wheels and the side, -1 or 1, of each."""
    places = (0.5 - 0.17, -0.5 + 0.2) if body.length > 3.6 else (0.5 - 0.16, -0.5 + 0.17)
    return [(np.array([part * body.length, sign * (half + 0.005), body.wheel]), sign)
            for part in places for sign in (-1, 1)]
