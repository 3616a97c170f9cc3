"""People: a jointed skeleton in three dimensions, dressed, seen by the camera."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.colors import cloth, hair_color, skin_color
from edgekit.data.synthetic.camera.raster import Disc, Limb, Pattern
from edgekit.data.synthetic.camera.skeleton import POSES, joints


@dataclass(frozen=True)
class Outfit:
    """What a family of people wears. sleeve, leg: covered part of the limb 0..1; hem: end of coat or skirt,
    of a leg."""

    sleeve: float = 1.0
    leg: float = 1.0
    hem: float = 0.0
    flare: float = 1.2
    build: float = 1.0
    height_m: tuple = (1.55, 1.9)
    hair: str = "short"
    hat: str = ""
    bag: str = ""
    pattern: str = "plain"


OUTFITS = {
    "train": {
        "jacket": Outfit(build=1.1),
        "shirt": Outfit(sleeve=0.4, pattern="checks"),
        "summer": Outfit(sleeve=0.3, leg=0.4),
        "coat": Outfit(hem=0.7, build=1.12),
        "dress": Outfit(sleeve=0.2, leg=0.0, hem=0.85, flare=1.7, hair="long"),
        "rucksack": Outfit(bag="back", hair="long"),
        "worker": Outfit(hat="helmet", build=1.15, pattern="bands"),
        "child": Outfit(height_m=(0.95, 1.35), build=1.1),
        "cap": Outfit(sleeve=0.5, hat="cap"),
        "knit": Outfit(pattern="bands", hair="bun"),
    },
    "val": {
        "blazer": Outfit(build=1.05, hem=0.2),
        "blouse": Outfit(sleeve=0.6, hem=0.45, flare=1.4, leg=0.1, hair="long"),
        "shorts": Outfit(sleeve=0.35, leg=0.5, hair="bald"),
        "hood": Outfit(hat="hood", build=1.12, bag="side"),
        "pupil": Outfit(height_m=(1.1, 1.45), bag="back"),
    },
    "test": {
        "anorak": Outfit(hem=0.35, build=1.22, hat="hood"),
        "suit": Outfit(hem=0.28, build=1.02, pattern="stripes"),
        "gown": Outfit(sleeve=0.8, leg=0.0, hem=1.5, flare=1.9, hair="bun"),
        "vest": Outfit(sleeve=0.0, leg=0.6, hair="long"),
        "sunhat": Outfit(sleeve=0.5, leg=0.9, hat="brim"),
        "shopper": Outfit(bag="side", hem=0.5, flare=1.3),
        "toddler": Outfit(height_m=(0.85, 1.15), build=1.25, hat="brim"),
        "heavy": Outfit(build=1.4, sleeve=0.45, hair="bald"),
    },
}


@dataclass(frozen=True)
class Person:
    """One person: pose angles (13,), outfit, body height and colours."""

    angles: np.ndarray
    outfit: Outfit
    height_m: float
    skin: np.ndarray
    hair: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    shoe: np.ndarray
    hat: np.ndarray
    second: np.ndarray

    @property
    def extent_m(self):
        """(width, height) that bounds the person, to choose a distance by."""
        return 0.42 * self.height_m, self.height_m * (0.72 if self.angles[7] > 70 else 1.0)


def draw_person(family, pose, split, rng):
    """A person of an outfit family, in a pose, with angles, size and colours drawn anew."""
    outfit = OUTFITS[split][family]
    angles = np.array(POSES[split][pose], float)
    angles = np.radians(angles * rng.uniform(0.75, 1.2, 13) + rng.normal(0, 4, 13))
    if rng.random() < 0.5:  # left and right change places
        angles = angles[[0, 4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]]
    return Person(
        angles,
        outfit,
        rng.uniform(*outfit.height_m),
        skin_color(rng),
        hair_color(rng),
        cloth(rng),
        cloth(rng),
        cloth(rng) * 0.5,
        cloth(rng),
        cloth(rng),
    )


def _below(pixel, drop):
    """A pixel position moved down."""
    return pixel + np.array([0.0, drop])


def _oval(at, size, color, depth, bulge=0.0):
    """An upright ellipse with half axes (across, up) in pixels."""
    return Disc(at, np.array([size[0], 0]), np.array([0, size[1]]), ((1.0, color),), depth, bulge=bulge)


def shapes(person, pose, view):
    """The shapes of a `person` standing at `pose`, for `raster.render`."""
    return _Painter(person, pose, view).shapes()


class _Painter:
    """Turns joints into limbs and discs, in pixels."""

    def __init__(self, person, pose, view):
        self.person, self.outfit, self.h = person, person.outfit, person.height_m
        self.world = {
            name: pose.world(point)
            for name, point in joints(person.angles, self.h, min(self.outfit.build, 1.15)).items()
        }
        self.px = {name: view.project(point) for name, point in self.world.items()}
        self.unit = view.scale(self.world["pelvis"][2]) * self.h  # pixels per body height
        forward, right, _ = pose.axes()
        sight = self.world["neck"] - np.array([0, view.height_m, 0])
        sight = sight / np.linalg.norm(sight)
        self.facing = -float(forward @ sight)  # 1 = looks at the camera
        self.broad = float(np.sqrt(1 - (right @ sight) ** 2))  # 1 = shoulders square to the camera
        self.aside = np.array([float(forward[0] * sight[2] - forward[2] * sight[0]), 0.0])
        self.pattern = Pattern(self.outfit.pattern, tuple(person.second), 5.0)

    def shapes(self):
        parts = [*self.head(), *self.torso(), *self.bag()]
        for side in ("left", "right"):
            parts += [*self.arm(side), *self.leg(side)]
        return parts

    def limb(self, start, end, radii, color, nearer=0.0, pattern=None, flat=False):
        depth = 0.5 * (self.world[start][2] + self.world[end][2]) - nearer * self.h
        radii = tuple(max(radius * self.unit, 0.3) for radius in radii)
        extra = {} if pattern is None else {"pattern": pattern}
        return Limb(self.px[start], self.px[end], radii, color, depth, flat_ends=flat, **extra)

    def covered(self, start, end, share, radii, cloth_color, nearer, pattern=None):
        """A limb that is dressed over the first `share` of its length and skin below."""
        bare = self.limb(start, end, radii, self.person.skin, nearer)
        if share <= 0:
            return [bare]
        if share >= 1:
            return [self.limb(start, end, [1.15 * r for r in radii], cloth_color, nearer, pattern)]
        sleeve = f"{start} sleeve"
        self.world[sleeve] = self.world[start] + share * (self.world[end] - self.world[start])
        self.px[sleeve] = self.px[start] + share * (self.px[end] - self.px[start])
        return [
            bare,
            self.limb(start, sleeve, [1.3 * r for r in radii], cloth_color, nearer + 0.002, pattern, True),
        ]

    def arm(self, side):
        b, share = 0.5 + 0.5 * self.outfit.build, 2 * self.outfit.sleeve
        near = 0.015
        upper = self.covered(
            f"{side} shoulder",
            f"{side} elbow",
            min(share, 1),
            (0.031 * b, 0.024 * b),
            self.person.top,
            near,
            self.pattern if self.outfit.pattern == "bands" else None,
        )
        lower = self.covered(
            f"{side} elbow", f"{side} wrist", share - 1, (0.024 * b, 0.018 * b), self.person.top, near
        )
        wrist = f"{side} wrist"
        size = (0.022 * self.unit, 0.028 * self.unit)
        hand = _oval(self.px[wrist], size, self.person.skin, self.world[wrist][2] - 0.03 * self.h, 0.8)
        return [*upper, *lower, hand]

    def leg(self, side):
        b, share = 0.6 + 0.4 * self.outfit.build, 2 * self.outfit.leg
        upper = self.covered(
            f"{side} hip", f"{side} knee", min(share, 1), (0.052 * b, 0.036 * b), self.person.bottom, 0.0
        )
        lower = self.covered(
            f"{side} knee", f"{side} ankle", share - 1, (0.034 * b, 0.022 * b), self.person.bottom, 0.0
        )
        foot = self.limb(f"{side} ankle", f"{side} toe", (0.024, 0.018), self.person.shoe, 0.01)
        return [*upper, *lower, foot]

    def torso(self):
        """Shoulders to hips, wider when seen square; a coat or skirt hangs from the waist to its hem."""
        b = self.outfit.build
        wide = b * (0.072 + 0.036 * self.broad)
        trunk = self.limb(
            "neck",
            "pelvis",
            [f * wide for f in (0.62, 1.0, 1.02, 0.92, 0.84, 0.86, 0.84)],
            self.person.top,
            0.005,
            self.pattern,
            flat=False,
        )
        parts = [trunk, *self.skirt(wide)]
        if self.facing > 0.3 and self.unit > 40:  # an open collar or a zip line
            parts.append(self.limb("neck", "waist", (0.016, 0.006, 0.004), self.person.second, 0.02))
        return parts

    def skirt(self, wide):
        """The part of a coat, skirt or dress below the waist, as wide as the step of the legs."""
        share = self.outfit.hem
        if not share:
            return []
        lower = "knee" if share <= 1 else "ankle"
        left, right = f"left {lower}", f"right {lower}"
        for places in (self.world, self.px):
            to = 0.5 * (places[left] + places[right])
            places["hem"] = places["pelvis"] + min(share, 1) * (to - places["pelvis"])
        step = float(np.hypot(*(self.px[left] - self.px[right]))) / max(self.unit, 1e-6)
        end = max(0.8 * wide * self.outfit.flare, 0.45 * step * min(share, 1))
        color = self.person.top if self.outfit.leg > 0 else self.person.bottom
        return [self.limb("waist", "hem", (0.84 * wide, 0.9 * wide, end), color, 0.012, flat=True)]

    def head(self):
        px, r, skin = self.px["head"], 0.058 * self.unit, self.person.skin
        depth, shift = self.world["head"][2], self.aside * 0.25 * r
        behind = depth + (0.01 if self.facing > -0.25 else -0.04) * self.h
        neck = self.limb("neck", "head", (0.032, 0.028), skin, 0.0)
        skull = _oval(_below(px - shift, -0.12 * r), (1.02 * r, 1.2 * r), self.person.hair, behind, 0.9)
        face = _oval(_below(px + shift, 0.12 * r), (0.86 * r, 1.12 * r), skin, depth - 0.02 * self.h, 0.9)
        parts = [neck, face] if self.outfit.hair == "bald" and not self.outfit.hat else [neck, skull, face]
        parts += self.features(px + shift, r, depth)
        return parts + self.hair(px - shift, r, depth) + self.hat(px, r, depth)

    def features(self, px, r, depth):
        """Eyes and mouth, when the face is turned this way and large enough to show them."""
        if self.facing < 0.15 or r < 3:
            return []
        turn, dark, near = self.aside[0] * 0.4 * r, self.person.skin * 0.25, depth - 0.04 * self.h
        eyes = [
            _oval(px + np.array([turn + side * 0.34 * r, 0]), (0.16 * r, 0.09 * r), dark, near)
            for side in (-1, 1)
        ]
        return [*eyes, _oval(px + np.array([turn, 0.62 * r]), (0.26 * r, 0.07 * r), dark, near)]

    def hair(self, px, r, depth):
        """Long hair hangs behind the face or in front of the back; a bun sits on top."""
        color = self.person.hair
        behind = depth + (0.01 if self.facing > 0 else -0.03) * self.h
        if self.outfit.hair == "long":
            return [Limb(px, _below(px, 1.9 * r), (1.05 * r, 1.1 * r, 0.8 * r), color, behind)]
        if self.outfit.hair == "bun":
            return [_oval(_below(px, -1.35 * r), (0.45 * r, 0.4 * r), color, behind, 0.9)]
        return []

    def hat(self, px, r, depth):
        """Nothing, or a cap, helmet, broad hat or hood."""
        color, near = self.person.hat, depth - 0.05 * self.h
        dome = _oval(_below(px, -0.62 * r), (1.12 * r, 0.85 * r), color, near, 0.9)
        tip = _below(px + self.aside * 1.2 * r, -0.4 * r)
        peak = Limb(_below(px, -0.45 * r), tip, (0.3 * r, 0.18 * r), color * 0.8, near)
        brim = _oval(_below(px, -0.5 * r), (1.9 * r, 0.3 * r), color * 0.9, near)
        over = depth + (0.005 if self.facing > 0 else -0.05) * self.h
        hood = _oval(_below(px, -0.15 * r), (1.3 * r, 1.45 * r), self.person.top, over, 0.8)
        kinds = {"": [], "cap": [dome, peak], "helmet": [dome], "brim": [brim, dome], "hood": [hood]}
        return kinds[self.outfit.hat]

    def bag(self):
        """Nothing, a rucksack, or a bag in the right hand."""
        color, unit = self.person.hat, self.unit
        if self.outfit.bag == "back":
            away = -0.02 if self.facing < 0 else 0.03
            at = 0.5 * (self.px["neck"] + self.px["pelvis"]) - self.aside * 0.075 * unit
            return [_oval(at, (0.085 * unit, 0.14 * unit), color, self.world["neck"][2] + away * self.h, 0.6)]
        if self.outfit.bag == "side":
            at = _below(self.px["right wrist"], 0.1 * unit)
            return [_oval(at, (0.07 * unit, 0.08 * unit), color, self.world["right wrist"][2], 0.4)]
        return []
