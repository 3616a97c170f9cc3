"""Things that are neither person nor vehicle, some of them much like one: trees, poles, signs, boxes, dogs,
coat stands."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.colors import cloth, hsv, paint, to_linear
from edgekit.data.synthetic.camera.solids import Solid

# family -> (kind, height in metres, width in metres, form 0..2)
FAMILIES = {
    "train": {
        "maple": ("tree", 4.5, 2.6, 0),
        "sapling": ("tree", 2.2, 1.0, 0),
        "lamp post": ("post", 3.4, 0.9, 1),
        "road sign": ("sign", 2.3, 0.55, 0),
        "cartons": ("boxes", 0.9, 0.9, 0),
        "crate": ("boxes", 1.4, 2.4, 1),
        "hound": ("dog", 0.65, 0.9, 0),
        "coat stand": ("stand", 1.75, 0.5, 0),
        "litter bin": ("barrel", 0.95, 0.5, 0),
        "cone": ("cone", 0.75, 0.4, 0),
        "shrub": ("bush", 1.1, 1.6, 0),
        "bench": ("bench", 0.85, 1.7, 0),
        "cabinet": ("boxes", 1.7, 0.9, 2),
    },
    "val": {
        "fir": ("tree", 4.0, 1.7, 1),
        "bollard": ("barrel", 1.0, 0.22, 1),
        "signpost": ("sign", 2.5, 0.9, 1),
        "terrier": ("dog", 0.42, 0.6, 1),
        "dress form": ("stand", 1.55, 0.42, 1),
        "skip": ("boxes", 1.3, 3.2, 1),
        "drum": ("barrel", 1.0, 0.62, 2),
        "garden chair": ("bench", 0.9, 0.6, 1),
    },
    "test": {
        "poplar": ("tree", 5.0, 1.1, 2),
        "birch": ("tree", 3.6, 2.0, 0),
        "gallows lamp": ("post", 3.0, 1.4, 2),
        "warning sign": ("sign", 2.0, 0.75, 2),
        "pallet load": ("boxes", 1.5, 1.2, 0),
        "container": ("boxes", 2.3, 4.4, 1),
        "shepherd dog": ("dog", 0.75, 1.05, 2),
        "hat stand": ("stand", 1.85, 0.46, 2),
        "hydrant": ("barrel", 0.8, 0.3, 1),
        "vending box": ("boxes", 1.85, 0.95, 2),
        "hedge": ("bush", 1.3, 2.6, 1),
        "parasol": ("parasol", 2.3, 1.8, 0),
    },
}


@dataclass(frozen=True)
class Clutter:
    """One thing: kind, size, form, colours, and a seed for its irregular parts."""

    kind: str
    height_m: float
    width_m: float
    form: int
    color: np.ndarray
    second: np.ndarray
    leaf: np.ndarray
    loose: np.ndarray  # (24,) uniform 0..1

    @property
    def extent_m(self):
        """(width, height)."""
        return self.width_m, self.height_m


def draw_clutter(family, split, rng):
    """A thing of a family; size within a quarter of the family's."""
    kind, height, width, form = FAMILIES[split][family]
    green = to_linear(hsv(rng.uniform(0.16, 0.4), rng.uniform(0.25, 0.7), rng.uniform(0.2, 0.6)))
    wood = to_linear(hsv(rng.uniform(0.05, 0.12), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.75)))
    color = {"tree": green, "bush": green, "bench": wood, "dog": wood, "stand": cloth(rng)}.get(
        kind, paint(rng)
    )
    if kind == "boxes" and form == 0:
        color = wood
    return Clutter(
        kind,
        height * rng.uniform(0.78, 1.25),
        width * rng.uniform(0.78, 1.25),
        form,
        color,
        cloth(rng),
        rng.uniform(-1, 1, (32, 32)),
        rng.random(24),
    )


def shapes(thing, pose, view, light):
    """The shapes of a `thing` standing at `pose`, for `raster.render`."""
    solid = Solid(pose, view, light)
    PAINTERS[thing.kind](solid, thing)
    return solid.shapes


def _tree(solid, t):
    h, w, bark = t.height_m, t.width_m, np.array([0.10, 0.075, 0.05])
    crown = 0.25 if t.form else 0.42
    solid.bar((0, 0, 0), (0.1 * w * (t.loose[0] - 0.5), 0, h * 0.75), (0.05 * h * 0.5, 0.03 * h * 0.5), bark)
    for k in range(9):
        rise = crown + (1 - crown) * (k + 0.5) / 9
        taper = {0: np.sin(np.pi * (0.15 + 0.8 * (k + 0.5) / 9)), 1: 1.05 - (k + 0.5) / 9, 2: 0.8}[t.form]
        side = (t.loose[k] - 0.5) * w * (0.7 if t.form == 0 else 0.15) * taper
        size = w * (0.36 if t.form == 0 else 0.5) * taper * (0.7 + 0.6 * t.loose[k + 9])
        shade = t.color * (0.6 + 0.7 * t.loose[(k * 5) % 24])
        solid.ball(
            (0.2 * w * (t.loose[k + 9] - 0.5), side, h * rise),
            (size, size * (0.8 if t.form < 2 else 1.3)),
            shade,
            leaf=t.leaf,
        )


def _post(solid, t):
    h, grey = t.height_m, np.array([0.16, 0.17, 0.17])
    solid.bar((0, 0, 0), (0, 0, h), (0.07, 0.045), grey)
    solid.bar((0, 0, 0), (0, 0, 0.12 * h), 0.1, grey * 0.8, 0.01)
    reach = t.width_m * (0.4 if t.form == 1 else 0.9)
    solid.bar((0, 0, h), (0, reach, h + 0.08), 0.04, grey)
    if t.form == 1:
        solid.bar((0, 0, h), (0, -reach, h + 0.08), 0.04, grey)
        solid.ball((0, -reach, h), (0.16, 0.13), np.array([0.8, 0.8, 0.75]))
    solid.ball((0, reach, h), (0.16, 0.13), np.array([0.8, 0.8, 0.75]))


def _sign(solid, t):
    h, w = t.height_m, t.width_m
    solid.bar((0, 0, 0), (0, 0, h), 0.035, np.array([0.2, 0.2, 0.21]))
    ink = np.array([0.75, 0.75, 0.72])
    if t.form == 0:
        solid.disc(
            (0.04, 0, h - w / 2),
            w / 2,
            ((0.72, ink), (1.0, t.color)),
            0.1,
            axes=((0, 1, 0), (0, 0, 1)),
            normal=(1, 0, 0),
        )
    elif t.form == 1:
        for k, rise in enumerate((0.16, 0.42)):
            y0 = -0.1 + 0.15 * t.loose[k]
            solid.face(
                [
                    (0.05, y0, h - rise),
                    (0.05, y0 + w, h - rise),
                    (0.05, y0 + w, h - rise + 0.2),
                    (0.05, y0, h - rise + 0.2),
                ],
                (1 if solid.sees(np.zeros(3), (1, 0, 0)) else -1, 0, 0),
                t.color,
                0.1,
            )
    else:
        for size, color in ((1.0, t.color), (0.62, ink)):
            s = size * w / 2
            middle = h - 0.4 * w
            solid.face(
                [(0.05, -s, middle - 0.58 * s), (0.05, s, middle - 0.58 * s), (0.05, 0, middle + 1.15 * s)],
                (1 if solid.sees(np.zeros(3), (1, 0, 0)) else -1, 0, 0),
                color,
                0.1 + 0.05 * (1 - size),
            )


def _boxes(solid, t):
    """A stack of cartons, a skip or container with ribs, a cabinet with a door."""
    h, w, deep = t.height_m, t.width_m, 0.55 * t.width_m + 0.2
    if t.form == 0:
        for k in range(3):
            y0, z0 = (k % 2 - 0.5) * 0.5 * w + 0.1 * (t.loose[k] - 0.5), (k // 2) * 0.5 * h
            solid.box(
                (-0.25 * w, y0 - 0.24 * w, z0),
                (0.25 * w, y0 + 0.24 * w, z0 + 0.5 * h),
                t.color * (0.7 + 0.6 * t.loose[k + 3]),
            )
        return
    solid.box((-deep / 2, -w / 2, 0), (deep / 2, w / 2, h), t.color, fade=0.2)
    front = deep / 2 + 0.01
    sign = 1 if solid.sees(np.array([front, 0, 0]), (1, 0, 0)) else -1
    x = sign * front
    if t.form == 1:
        for y in np.linspace(-0.42, 0.42, 8) * w:
            solid.face(
                [
                    (x, y, 0.05 * h),
                    (x, y + 0.04 * w, 0.05 * h),
                    (x, y + 0.04 * w, 0.95 * h),
                    (x, y, 0.95 * h),
                ],
                (sign, 0, 0),
                t.color * 0.6,
                0.1,
            )
        for y in (
            np.array([-0.4, 0.25]) * w * (t.loose[0] > 0.5)
        ):  # dark openings low down, where a car has wheels
            solid.face(
                [(x, y, 0.0), (x, y + 0.15 * w, 0.0), (x, y + 0.15 * w, 0.22 * h), (x, y, 0.22 * h)],
                (sign, 0, 0),
                np.full(3, 0.02),
                0.2,
            )
        return
    solid.face(
        [(x, -0.4 * w, 0.08 * h), (x, 0.4 * w, 0.08 * h), (x, 0.4 * w, 0.92 * h), (x, -0.4 * w, 0.92 * h)],
        (sign, 0, 0),
        t.color * 0.75,
        0.1,
    )
    solid.face(
        [(x, -0.3 * w, 0.45 * h), (x, 0.2 * w, 0.45 * h), (x, 0.2 * w, 0.85 * h), (x, -0.3 * w, 0.85 * h)],
        (sign, 0, 0),
        t.second,
        0.2,
    )


def _dog(solid, t):
    h, long, coat = t.height_m, t.width_m, t.color
    back = 0.72 * h
    solid.bar((-0.4 * long, 0, back), (0.3 * long, 0, back), (0.15 * h, 0.2 * h, 0.23 * h), coat)
    for k, (x, y) in enumerate([(-0.38, -0.1), (-0.38, 0.1), (0.28, -0.1), (0.28, 0.1)]):
        swing = 0.3 * (t.loose[k] - 0.5) * long
        solid.bar(
            (x * long, y * long, back),
            (x * long + swing, y * long, 0.03),
            (0.09 * h, 0.045 * h),
            coat * 0.85,
            0.02 * (y > 0),
        )
    solid.bar((0.3 * long, 0, back), (0.46 * long, 0, 1.0 * h), (0.17 * h, 0.12 * h), coat)
    solid.ball((0.48 * long, 0, 1.02 * h), (0.17 * h, 0.16 * h), coat, 0.05)
    solid.bar((0.48 * long, 0, 1.0 * h), (0.66 * long, 0, 0.95 * h), (0.1 * h, 0.07 * h), coat * 0.7, 0.06)
    solid.bar(
        (0.42 * long, 0.05, 1.1 * h),
        (0.4 * long, 0.05, (0.95 if t.form else 1.3) * h),
        (0.06 * h, 0.03 * h),
        coat * 0.6,
        0.08,
    )
    solid.bar(
        (-0.4 * long, 0, back),
        (-0.62 * long, 0, back + (t.loose[5] - 0.3) * 0.6 * h),
        (0.06 * h, 0.03 * h),
        coat,
    )


def _stand(solid, t):
    """A coat stand (coat and hat), a dress form (a torso on a rod), a hat stand (two coats): people without a
    body."""
    h, w, rod = t.height_m, t.width_m, np.array([0.09, 0.06, 0.04]) * (0.5 + 1.5 * t.loose[0])
    solid.bar((0, 0, 0), (0, 0, h), 0.022, rod)
    for angle in (0.3, 2.4, 4.5):
        solid.bar((0, 0, 0.12 * h), (0.3 * np.cos(angle), 0.3 * np.sin(angle), 0), 0.02, rod)
    for angle in (0.0, 2.1, 4.2):
        reach = 0.45 * w
        if t.form != 1:
            solid.bar((0, 0, 0.93 * h), (reach * np.cos(angle), reach * np.sin(angle), h), 0.016, rod)
    if t.form == 1:
        solid.bar(
            (0, 0, 0.86 * h),
            (0, 0, 0.48 * h),
            [f * w for f in (0.2, 0.44, 0.4, 0.28, 0.36, 0.42)],
            t.color,
            0.05,
        )
        return
    fall = 0.30 + 0.25 * t.loose[1]
    solid.bar(
        (0.02, 0.1 * w, 0.9 * h),
        (0.02, 0.12 * w, fall * h),
        [f * w for f in (0.18, 0.42, 0.4, 0.38, 0.42, 0.46)],
        t.color,
        0.1,
    )
    if t.form == 2:
        solid.bar(
            (0.0, -0.35 * w, 0.92 * h),
            (0.0, -0.3 * w, 0.5 * h),
            [f * w for f in (0.15, 0.3, 0.3, 0.34)],
            t.second,
            0.05,
        )
    elif t.loose[2] > 0.4:
        solid.ball((0.0, 0.02, 1.0 * h), (0.13, 0.08), t.second, 0.12)
        solid.ball((0.0, 0.02, 0.97 * h), (0.2, 0.03), t.second, 0.12)


def _barrel(solid, t):
    h, r = t.height_m, t.width_m / 2
    solid.bar((0, 0, 0.04), (0, 0, h), (r, r), t.color, flat=True)
    bands = {0: (0.92,), 1: (0.6, 0.75), 2: (0.33, 0.66, 0.97)}[t.form]
    for rise in bands:
        solid.bar(
            (0, 0, rise * h - 0.03),
            (0, 0, rise * h + 0.03),
            1.06 * r,
            t.second if t.form == 1 else t.color * 0.5,
            0.05,
            flat=True,
        )
    if t.form == 1:
        solid.ball((0, 0, h), (r, 0.7 * r), t.color, 0.02)


def _cone(solid, t):
    orange, white = to_linear(hsv(0.04, 0.85, 0.9)), np.full(3, 0.7)
    h, r = t.height_m, t.width_m / 2
    solid.bar((0, 0, 0), (0, 0, h), (0.7 * r, 0.12 * r), orange, flat=True)
    solid.bar((0, 0, 0.4 * h), (0, 0, 0.62 * h), (0.5 * r, 0.36 * r), white, 0.03, flat=True)
    solid.box((-r, -r, 0), (r, r, 0.05), orange * 0.6)


def _bush(solid, t):
    for k in range(8):
        y = (k / 7 - 0.5) * t.width_m * 0.8
        size = t.height_m * (0.32 + 0.2 * t.loose[k]) * (1 if t.form else 0.7 + 0.5 * np.sin(np.pi * k / 7))
        rise = size * 0.9 if t.form == 0 else t.height_m * (0.35 + 0.25 * (k % 2))
        solid.ball(
            (0.1 * t.loose[k + 8], y, rise), (size, size), t.color * (0.6 + 0.8 * t.loose[k + 8]), leaf=t.leaf
        )


def _bench(solid, t):
    h, w, wood = t.height_m, t.width_m / 2, t.color
    for y in (-0.85 * w, 0.85 * w):
        solid.bar((0.2, y, 0), (0.2, y, 0.5 * h), 0.03, np.full(3, 0.03))
        solid.bar((-0.2, y, 0), (-0.26, y, h), 0.03, np.full(3, 0.03))
    solid.box((-0.2, -w, 0.47 * h), (0.25, w, 0.53 * h), wood)
    for z in (0.68, 0.85):
        solid.box((-0.26, -w, z * h), (-0.22, w, (z + 0.12) * h), wood)


def _parasol(solid, t):
    h, r = t.height_m, t.width_m / 2
    solid.bar((0, 0, 0), (0, 0, h), 0.03, np.full(3, 0.25))
    solid.bar((0, 0, h), (0, 0, 0.78 * h), (0.05, 0.55 * r, r), t.second, 0.1, flat=True)


PAINTERS = {
    "tree": _tree,
    "post": _post,
    "sign": _sign,
    "boxes": _boxes,
    "dog": _dog,
    "stand": _stand,
    "barrel": _barrel,
    "cone": _cone,
    "bush": _bush,
    "bench": _bench,
    "parasol": _parasol,
}
