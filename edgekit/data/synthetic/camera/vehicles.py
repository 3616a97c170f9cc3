"""Vehicles: cars, vans, buses and lorries as extruded profiles; bicycles and motorcycles as frames of
bars."""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from edgekit.data.synthetic.camera.colors import paint
from edgekit.data.synthetic.camera.solids import Solid

TYRE = np.array([0.012, 0.012, 0.013])
DARK = np.array([0.03, 0.03, 0.032])


@dataclass(frozen=True)
class Body:
    """Shape of a car family. Lengths in metres, the rest in parts of length or height, counted from the
    front.

    bonnet, screen, boot, back: lengths of bonnet, windscreen, boot and rear window; belt: height where glass
    begins; nose: height of the bonnet; tail: height of the boot; panes: side windows, 0 for a closed side;
    load: height of a box behind the cab (lorry), 0 for none; trough: an open bed behind the cab (pick-up).
    """

    length: float
    height: float
    width: float
    bonnet: float = 0.24
    screen: float = 0.14
    boot: float = 0.02
    back: float = 0.07
    nose: float = 0.62
    tail: float = 0.66
    belt: float = 0.58
    panes: int = 2
    wheel: float = 0.31
    load: float = 0.0
    trough: bool = False
    stripe: bool = False


@dataclass(frozen=True)
class Cycle:
    """Shape of a two-wheeler family in metres; heavy = tyre radius in parts of the wheel's; motor: engine and
    tank."""

    base: float
    wheel: float
    heavy: float = 0.06
    motor: bool = False
    step: bool = False
    basket: bool = False


FAMILIES = {
    "train": {
        "hatchback": Body(3.9, 1.48, 1.72, 0.22, 0.15, 0.02, 0.08),
        "saloon": Body(4.6, 1.44, 1.8, 0.25, 0.15, 0.15, 0.12),
        "offroader": Body(4.5, 1.82, 1.9, 0.24, 0.09, 0.01, 0.05, 0.62, 0.7, 0.6, 3, 0.38),
        "van": Body(5.3, 2.2, 1.98, 0.13, 0.12, 0.0, 0.01, 0.5, 0.9, 0.55, 1, 0.35),
        "bus": Body(10.5, 3.0, 2.5, 0.005, 0.02, 0.0, 0.005, 0.4, 0.9, 0.42, 6, 0.46, stripe=True),
        "pickup": Body(5.2, 1.78, 1.88, 0.23, 0.11, 0.42, 0.02, 0.58, 0.57, 0.6, 2, 0.38, trough=True),
        "lorry": Body(7.2, 2.4, 2.4, 0.01, 0.04, 0.7, 0.01, 0.5, 0.36, 0.5, 1, 0.46, load=3.3),
        "bicycle": Cycle(1.04, 0.34),
        "motorcycle": Cycle(1.4, 0.31, 0.17, motor=True),
    },
    "val": {
        "city car": Body(3.4, 1.52, 1.62, 0.16, 0.18, 0.01, 0.05),
        "limousine": Body(5.1, 1.47, 1.88, 0.27, 0.14, 0.17, 0.1),
        "people carrier": Body(4.8, 1.76, 1.88, 0.17, 0.17, 0.0, 0.06, 0.56, 0.7, 0.57, 3, 0.33),
        "coach": Body(12.0, 3.5, 2.55, 0.01, 0.03, 0.0, 0.005, 0.35, 0.9, 0.5, 7, 0.5),
        "touring bicycle": Cycle(1.08, 0.36, 0.07, basket=True),
    },
    "test": {
        "coupe": Body(4.3, 1.32, 1.8, 0.3, 0.17, 0.1, 0.2, 0.63, 0.72, 0.62, 1),
        "estate": Body(4.75, 1.5, 1.82, 0.24, 0.14, 0.0, 0.1, 0.62, 0.66, 0.6, 3),
        "crossover": Body(4.2, 1.64, 1.82, 0.22, 0.13, 0.03, 0.1, 0.63, 0.68, 0.62, 2, 0.36),
        "delivery van": Body(6.0, 2.65, 2.05, 0.1, 0.1, 0.0, 0.005, 0.45, 0.95, 0.47, 1, 0.36, stripe=True),
        "minibus": Body(6.4, 2.6, 2.08, 0.1, 0.11, 0.0, 0.02, 0.46, 0.9, 0.48, 4, 0.37),
        "box lorry": Body(6.2, 2.2, 2.2, 0.07, 0.08, 0.66, 0.01, 0.5, 0.35, 0.52, 1, 0.4, load=2.9),
        "moped": Cycle(1.2, 0.22, 0.2, motor=True, step=True),
        "step-through": Cycle(1.1, 0.33, 0.07, step=True, basket=True),
    },
}


@dataclass(frozen=True)
class Vehicle:
    """One vehicle: the shape with its proportions drawn anew, and colours."""

    shape: Body | Cycle
    color: np.ndarray
    second: np.ndarray
    glass: float
    lamps_on: bool

    @property
    def extent_m(self):
        """(length, width, height)."""
        s = self.shape
        if isinstance(s, Cycle):
            return s.base + 2 * s.wheel, 0.5, 1.1
        return s.length, s.width, max(s.height, s.load)


def draw_vehicle(family, split, rng):
    """A vehicle of a family: every measure within 4 % of the family's, colours and glass drawn anew."""
    shape = FAMILIES[split][family]
    values = {item.name: getattr(shape, item.name) for item in fields(shape)}
    jitter = {
        name: value * rng.uniform(0.96, 1.04) for name, value in values.items() if isinstance(value, float)
    }
    return Vehicle(
        type(shape)(**(values | jitter)), paint(rng), paint(rng), rng.uniform(0.05, 0.7), rng.random() < 0.25
    )


def shapes(vehicle, pose, view, light):
    """The shapes of a `vehicle` standing at `pose`, for `raster.render`."""
    solid = Solid(pose, view, light)
    (_cycle if isinstance(vehicle.shape, Cycle) else _car)(solid, vehicle)
    return solid.shapes


def profile(body):
    """Corners (V, 2) forward and up, anticlockwise seen from the right, of a body whose middle is at 0."""
    front, h, low = body.length / 2, body.height, 0.55 * body.wheel
    x = lambda part: front - part * body.length  # noqa: E731 - parts counted from the front
    roof_end = 1 - body.boot - body.back
    return np.array(
        [
            (x(0.0), low),
            (x(0.0), 0.86 * body.nose * h),
            (x(0.03 + 0.1 * body.bonnet), 0.95 * body.nose * h),
            (x(body.bonnet), body.nose * h),
            (x(body.bonnet + body.screen), 0.985 * h),
            (x(body.bonnet + body.screen + 0.1 * roof_end), h),
            (x(roof_end), 0.985 * h),
            (x(1 - body.boot), body.tail * h),
            (x(0.995), 0.97 * body.tail * h),
            (x(1.0), 0.6 * body.tail * h),
            (x(1.0), low),
        ]
    )


def _car(solid, vehicle):
    body = vehicle.shape
    half, belt = body.width / 2, body.belt * body.height
    corners = profile(body)
    lean = np.clip((corners[:, 1] - belt) / (body.height - belt), 0, 1)
    width = half * (1 - (0.2 if body.height < 2 else 0.05) * lean)
    _wheels(solid, body, half, treads=True)
    solid.extrude(corners, width, vehicle.color, fade=0.25)
    if body.load:
        rear = -body.length / 2
        solid.box(
            (rear, -half, 0.9 * body.wheel + 0.35),
            (rear + body.boot * body.length - 0.1, half, body.load),
            vehicle.second,
            nearer=0.05,
        )
    _glass(solid, vehicle, corners, width, belt)
    _trim(solid, vehicle, half)
    _wheels(solid, body, half)


def _wheels(solid, body, half, treads=False):
    r = body.wheel
    places = (0.5 - 0.17, -0.5 + 0.2) if body.length > 3.6 else (0.5 - 0.16, -0.5 + 0.17)
    for part in places:
        for sign in (-1, 1):
            center = np.array([part * body.length, sign * (half + 0.005), r])
            if treads:
                solid.bar(
                    center * [1, 0.82, 1] - [0, 0, 0.75 * r], center * [1, 0.82, 1], 0.14, TYRE, flat=True
                )
            elif solid.sees(center, (0, sign, 0)):
                solid.disc(center, 1.2 * r, ((1.0, DARK * 0.5),), 0.6 * half)
                solid.disc(
                    center,
                    r,
                    ((0.62, np.array([0.3, 0.3, 0.31])), (1.0, TYRE)),
                    0.7 * half,
                    normal=(0, sign, 0),
                )
                solid.disc(center, 0.25 * r, ((1.0, DARK),), 0.75 * half)


def _glass(solid, vehicle, corners, width, belt):
    """Windscreen, rear window and side windows; glass mirrors the sky a little."""
    body, h = vehicle.shape, vehicle.shape.height
    pane = 0.02 + vehicle.glass * 0.35 * solid.light.sky * solid.light.ambient.mean()
    for low, high in ((3, 4), (7, 6)):
        if corners[low, 1] > 0.97 * h or (low == 7 and body.load):
            continue
        edge = corners[[low, high]]
        inset = edge[0] + np.array([[0.08], [0.92]]) * (edge[1] - edge[0])
        half = np.interp(inset[:, 1], [belt, h], [0.92, 0.9]) * np.interp(
            [0.08, 0.92], [0, 1], width[[low, high]]
        )
        quad = [
            (inset[0, 0], -half[0], inset[0, 1]),
            (inset[0, 0], half[0], inset[0, 1]),
            (inset[1, 0], half[1], inset[1, 1]),
            (inset[1, 0], -half[1], inset[1, 1]),
        ]
        direction = edge[1] - edge[0]
        normal = (direction[1], 0, abs(direction[0])) if low == 3 else (-direction[1], 0, abs(direction[0]))
        solid.face(quad, normal, pane, 0.3, 0.5, glow=True)
    for sign in (-1, 1):
        for quad in _side_panes(body, corners, belt):
            half = np.interp(quad[:, 1], corners[4:2:-1, 1][::-1], width[3:5])
            solid.face(
                np.column_stack([quad[:, 0], sign * 1.003 * half, quad[:, 1]]),
                (0, sign, 0),
                pane,
                0.3,
                0.5,
                glow=True,
            )


def _at_height(low, high, z):
    """Forward position at height z on the line between two corners (forward, up)."""
    return low[0] + (high[0] - low[0]) * np.clip((z - low[1]) / max(high[1] - low[1], 1e-6), 0, 1)


def _side_panes(body, corners, belt):
    """Quads (4, 2) of the side windows between the pillars."""
    high = 0.92 * body.height
    front = [_at_height(corners[3], corners[4], z) - 0.03 * body.length for z in (belt, high)]
    rear = [_at_height(corners[7], corners[6], z) + 0.03 * body.length for z in (belt, high)]
    if body.panes == 1 and body.height > 2 and not body.load:  # a van: the door window only
        rear = [front[1] - 0.12 * body.length] * 2
    cuts = np.linspace(0, 1, body.panes + 1)
    gap = 0.012 * body.length
    mix = lambda t, k: front[k] + t * (rear[k] - front[k])  # noqa: E731
    return [
        np.array(
            [
                (mix(a, 0) - gap, belt),
                (mix(b, 0) + gap, belt),
                (mix(b, 1) + gap, high),
                (mix(a, 1) - gap, high),
            ]
        )
        for a, b in pairwise(cuts)
    ]


def _trim(solid, vehicle, half):
    """Bumpers, grille, lamps, number plates, sills and door lines."""
    body, h, low = vehicle.shape, vehicle.shape.height, 0.55 * vehicle.shape.wheel
    shine = 1.5 if vehicle.lamps_on else 0.45
    nose, tail = 0.86 * body.nose * h, 0.6 * body.tail * h
    ends = (
        (body.length / 2, 1, nose, np.array([1.0, 0.95, 0.8])),
        (-body.length / 2, -1, tail, np.array([0.6, 0.02, 0.02])),
    )
    for x, sign, top, lamp in ends:
        x, rise = x + 0.01 * sign, top - low

        def plate(y0, y1, z0, z1, color, glow=False, x=x, sign=sign):
            solid.face(
                [(x, y0, z0), (x, y1, z0), (x, y1, z1), (x, y0, z1)], (sign, 0, 0), color, 0.35, glow=glow
            )

        plate(-half, half, low, low + 0.28 * rise, DARK * 2)
        plate(
            -0.45 * half,
            0.45 * half,
            low + 0.5 * rise,
            low + 0.82 * rise,
            DARK if sign > 0 else vehicle.color * 0.8,
        )
        plate(-0.26, 0.26, low + 0.22 * rise, low + 0.22 * rise + 0.12, np.array([0.75, 0.72, 0.6]))
        for side in (-1, 1):
            plate(
                *sorted((side * 0.55 * half, side * 0.95 * half)),
                low + 0.58 * rise,
                low + 0.84 * rise,
                lamp * shine,
                True,
            )
    for sign in (-1, 1):
        y = sign * (half + 0.006)
        reach, bands = 0.47 * body.length, [(low, low + 0.1, DARK)]
        bands += [(0.36 * h, 0.43 * h, vehicle.second)] if body.stripe else []
        for z0, z1, color in bands:
            solid.face(
                [(reach, y, z0), (-reach, y, z0), (-reach, y, z1), (reach, y, z1)], (0, sign, 0), color, 0.3
            )
        if solid.sees(np.array([0.0, y, 0.5]), (0, sign, 0)):
            for part in np.linspace(body.bonnet + 0.06, 0.86 - body.boot, body.panes + 1)[:4]:
                x = body.length * (0.5 - part)
                solid.bar((x, y, low + 0.1), (x, y, body.belt * h), 0.012, vehicle.color * 0.35, 0.4)


def _cycle(solid, vehicle):
    cycle, color = vehicle.shape, vehicle.color
    r, half, seat = cycle.wheel, cycle.base / 2, 0.75 if cycle.motor else 0.92
    crank, head, saddle = (-0.06, 0, r), (half - 0.22, 0, seat - 0.06), (-0.24, 0, seat)
    steel = np.array([0.25, 0.25, 0.26])
    for x in (-half, half):
        solid.disc((x, 0, r), r, ((1.0, TYRE),), hole=1 - 2.4 * cycle.heavy)
        solid.disc((x, 0, r), (0.55 if cycle.motor else 0.12) * r, ((1.0, steel),), hole=0.3)
        if not cycle.motor:
            for angle in np.arange(4) * np.pi / 4 + 0.2:
                dx, dz = 0.93 * r * np.cos(angle), 0.93 * r * np.sin(angle)
                solid.bar((x - dx, 0, r - dz), (x + dx, 0, r + dz), 0.003, steel)
    tube = 0.045 if cycle.motor else 0.024
    down = (0.1, 0, 0.3 * seat) if cycle.step else head
    frame = [
        (crank, down),
        (crank, saddle),
        ((-half, 0, r), crank),
        ((-half, 0, r), saddle),
        (head, (half, 0, r)),
    ]
    frame += [(down, head)] if cycle.step else [(head, (-0.2, 0, 0.85 * seat))]
    for start, end in frame:
        solid.bar(start, end, tube, color, 0.02)
    bar = (half - 0.3, 0, seat + 0.14)
    solid.bar(head, bar, tube, DARK, 0.02)
    solid.bar((bar[0] - 0.05, -0.27, bar[2]), (bar[0] - 0.05, 0.27, bar[2]), 0.02, DARK, 0.03)
    solid.bar((-0.38, 0, seat + 0.03), (-0.1, 0, seat + 0.03), (0.07, 0.04), DARK, 0.03)
    if cycle.motor:
        solid.bar((-half - 0.1, 0, seat - 0.02), (0.0, 0, seat), (0.07, 0.11, 0.1), DARK, 0.05)
        solid.bar((0.02, 0, seat - 0.02), (half - 0.3, 0, seat + 0.04), (0.1, 0.15, 0.1), color, 0.06)
        if cycle.step:
            solid.bar((half - 0.25, 0, 0.25), (half - 0.32, 0, seat + 0.05), (0.12, 0.17, 0.1), color, 0.08)
            solid.bar((-half, 0, r + 0.2), (0.05, 0, r + 0.12), (0.17, 0.2, 0.12), color, 0.07)
        else:
            solid.bar((-0.15, 0, 0.42), (0.2, 0, 0.42), (0.16, 0.2, 0.16), steel * 0.6, 0.01)
            solid.bar((-half - 0.15, 0.12, 0.32), (0.05, 0.12, 0.3), 0.05, steel, 0.04)
        solid.ball((half - 0.2, 0, seat), (0.1, 0.11), np.array([0.7, 0.7, 0.65]), 0.1)
    if cycle.basket:
        solid.box((half - 0.28, -0.17, seat - 0.02), (half + 0.06, 0.17, seat + 0.22), vehicle.second * 0.6)
