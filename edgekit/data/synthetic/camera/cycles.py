"""Bicycles and motorcycles as frames of bars on two wheels."""

import numpy as np

from edgekit.data.synthetic.camera.colors import DARK, TYRE

STEEL = np.array([0.25, 0.25, 0.26])


def cycle(solid, vehicle):
    """Wheels, frame, handlebar and saddle; a motor, a basket where it has them."""
    shape, seat = vehicle.shape, 0.75 if vehicle.shape.motor else 0.92
    half = shape.base / 2
    for x in (-half, half):
        _wheel(solid, shape, x)
    _frame(solid, shape, half, seat, vehicle.color)
    solid.bar((-0.38, 0, seat + 0.03), (-0.1, 0, seat + 0.03), (0.07, 0.04), DARK, 0.03)
    if shape.motor:
        _motor(solid, shape, half, seat, vehicle.color)
    if shape.basket:
        solid.box((half - 0.28, -0.17, seat - 0.02), (half + 0.06, 0.17, seat + 0.22), vehicle.second * 0.6)


def _wheel(solid, shape, x):
    """The tyre, the hub, and the spokes of a bicycle."""
    r = shape.wheel
    solid.disc((x, 0, r), r, ((1.0, TYRE),), hole=1 - 2.4 * shape.heavy)
    solid.disc((x, 0, r), (0.55 if shape.motor else 0.12) * r, ((1.0, STEEL),), hole=0.3)
    for angle in () if shape.motor else np.arange(4) * np.pi / 4 + 0.2:
        dx, dz = 0.93 * r * np.cos(angle), 0.93 * r * np.sin(angle)
        solid.bar((x - dx, 0, r - dz), (x + dx, 0, r + dz), 0.003, STEEL)


def _frame(solid, shape, half, seat, color):
    """Tubes between crank, head, saddle and hubs, and the handlebar."""
    r, tube = shape.wheel, 0.045 if shape.motor else 0.024
    crank, head, saddle = (-0.06, 0, r), (half - 0.22, 0, seat - 0.06), (-0.24, 0, seat)
    down = (0.1, 0, 0.3 * seat) if shape.step else head
    frame = [(crank, down), (crank, saddle), ((-half, 0, r), crank), ((-half, 0, r), saddle), (head, (half, 0, r))]
    frame += [(down, head)] if shape.step else [(head, (-0.2, 0, 0.85 * seat))]
    for start, end in frame:
        solid.bar(start, end, tube, color, 0.02)
    bar = (half - 0.3, 0, seat + 0.14)
    solid.bar(head, bar, tube, DARK, 0.02)
    solid.bar((bar[0] - 0.05, -0.27, bar[2]), (bar[0] - 0.05, 0.27, bar[2]), 0.02, DARK, 0.03)


def _motor(solid, shape, half, seat, color):
    """A long seat and a tank; the shield and floor of a moped, or an engine with its exhaust; a headlamp."""
    r = shape.wheel
    solid.bar((-half - 0.1, 0, seat - 0.02), (0.0, 0, seat), (0.07, 0.11, 0.1), DARK, 0.05)
    solid.bar((0.02, 0, seat - 0.02), (half - 0.3, 0, seat + 0.04), (0.1, 0.15, 0.1), color, 0.06)
    if shape.step:
        solid.bar((half - 0.25, 0, 0.25), (half - 0.32, 0, seat + 0.05), (0.12, 0.17, 0.1), color, 0.08)
        solid.bar((-half, 0, r + 0.2), (0.05, 0, r + 0.12), (0.17, 0.2, 0.12), color, 0.07)
    else:
        solid.bar((-0.15, 0, 0.42), (0.2, 0, 0.42), (0.16, 0.2, 0.16), STEEL * 0.6, 0.01)
        solid.bar((-half - 0.15, 0.12, 0.32), (0.05, 0.12, 0.3), 0.05, STEEL, 0.04)
    solid.ball((half - 0.2, 0, seat), (0.1, 0.11), np.array([0.7, 0.7, 0.65]), 0.1)
