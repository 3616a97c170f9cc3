"""People: a jointed skeleton in three dimensions, dressed, seen by the camera."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.colors import cloth, hair_color, skin_color
from edgekit.data.synthetic.camera.raster import Disc, Limb, Pattern

# lean, then for left and right arm: swing forward, spread, elbow; for left and right leg: swing, spread, knee; degrees
POSES = {
    "train": {
        "stand": (2, 4, 8, 10, 4, 8, 10, 0, 4, 0, 0, 4, 0),
        "walk": (5, -24, 6, 15, 24, 6, 25, 24, 2, 8, -20, 2, 18),
        "wait": (0, -8, 28, 60, -8, 28, 60, 0, 6, 0, 4, 3, 8),
        "phone": (3, 12, 14, 115, 0, 8, 12, 6, 4, 8, -6, 4, 5),
        "run": (14, -45, 10, 90, 45, 10, 90, 45, 2, 60, -28, 2, 50),
        "carry": (4, 35, 12, 65, 35, 12, 65, 16, 3, 8, -14, 3, 12),
        "wave": (0, 5, 130, 30, 4, 8, 10, 2, 5, 0, 0, 5, 2),
        "squat": (30, 40, 12, 30, 40, 12, 30, 95, 14, 120, 85, 14, 110),
    },
    "val": {
        "stroll": (3, -15, 6, 10, 15, 6, 18, 15, 3, 5, -13, 3, 12),
        "point": (2, 85, 10, 5, 2, 8, 12, 5, 6, 2, -5, 6, 2),
        "lean": (-10, -20, 15, 50, 4, 10, 20, 14, 4, 2, 22, 4, 30),
        "jog": (9, -32, 10, 80, 32, 10, 80, 34, 2, 40, -20, 2, 40),
    },
    "test": {
        "stride": (7, -33, 6, 20, 33, 6, 30, 31, 2, 6, -27, 2, 22),
        "fold": (2, 30, 14, 105, 30, 14, 105, 3, 7, 0, -3, 7, 4),
        "reach": (12, 110, 12, 15, 15, 10, 20, 8, 4, 5, -10, 4, 8),
        "bend": (48, 60, 8, 15, 60, 8, 15, 6, 5, 5, 0, 5, 8),
        "cheer": (-3, 150, 25, 25, 150, 25, 25, 2, 8, 0, 0, 8, 2),
        "stoop": (18, 25, 10, 25, 18, 10, 35, 22, 3, 20, -12, 3, 14),
    },
}


@dataclass(frozen=True)
class Outfit:
    """What a family of people wears. sleeve, leg: covered part of the limb 0..1; hem: end of coat or skirt, of a leg."""

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
        "jacket": Outfit(build=1.1), "shirt": Outfit(sleeve=0.4, pattern="checks"), "summer": Outfit(sleeve=0.3, leg=0.4),
        "coat": Outfit(hem=0.7, build=1.12), "dress": Outfit(sleeve=0.2, leg=0.0, hem=0.85, flare=1.7, hair="long"),
        "rucksack": Outfit(bag="back", hair="long"), "worker": Outfit(hat="helmet", build=1.15, pattern="bands"),
        "child": Outfit(height_m=(0.95, 1.35), build=1.1), "cap": Outfit(sleeve=0.5, hat="cap"),
        "knit": Outfit(pattern="bands", hair="bun"),
    },
    "val": {
        "blazer": Outfit(build=1.05, hem=0.2), "blouse": Outfit(sleeve=0.6, hem=0.45, flare=1.4, leg=0.1, hair="long"),
        "shorts": Outfit(sleeve=0.35, leg=0.5, hair="bald"), "hood": Outfit(hat="hood", build=1.12, bag="side"),
        "pupil": Outfit(height_m=(1.1, 1.45), bag="back"),
    },
    "test": {
        "anorak": Outfit(hem=0.35, build=1.22, hat="hood"), "suit": Outfit(hem=0.28, build=1.02, pattern="stripes"),
        "gown": Outfit(sleeve=0.8, leg=0.0, hem=1.5, flare=1.9, hair="bun"), "vest": Outfit(sleeve=0.0, leg=0.6, hair="long"),
        "sunhat": Outfit(sleeve=0.5, leg=0.9, hat="brim"), "shopper": Outfit(bag="side", hem=0.5, flare=1.3),
        "toddler": Outfit(height_m=(0.85, 1.15), build=1.25, hat="brim"), "heavy": Outfit(build=1.4, sleeve=0.45, hair="bald"),
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
    return Person(angles, outfit, rng.uniform(*outfit.height_m), skin_color(rng), hair_color(rng), cloth(rng), cloth(rng),
                  cloth(rng) * 0.5, cloth(rng), cloth(rng))


def joints(person):
    """Joint name -> (3,) metres forward, right, up; the lowest foot stands on the ground."""
    a, h = person.angles, person.height_m
    spine = np.array([np.sin(a[0]), 0, np.cos(a[0])])
    points = {"pelvis": np.zeros(3), "neck": 0.29 * h * spine, "waist": 0.1 * h * spine,
              "head": 0.29 * h * spine + 0.105 * h * _turn(0.4 * a[0], 0)}
    for side, sign, arm, leg in (("left", -1, a[1:4], a[7:10]), ("right", 1, a[4:7], a[10:13])):
        shoulder = 0.275 * h * spine + np.array([0, sign * 0.098 * h * min(person.outfit.build, 1.15), 0])
        elbow = shoulder - 0.165 * h * _turn(-arm[0], -sign * arm[1])
        wrist = elbow - 0.15 * h * _turn(-arm[0] - arm[2], -sign * arm[1] * (0.3 if arm[1] < 1.2 else 1))
        hip = np.array([0, sign * 0.05 * h, 0])
        knee = hip - 0.245 * h * _turn(-leg[0], -sign * leg[1])
        ankle = knee - 0.235 * h * _turn(leg[2] - leg[0], -sign * leg[1])
        points |= {f"{side} shoulder": shoulder, f"{side} elbow": elbow, f"{side} wrist": wrist, f"{side} hip": hip,
                   f"{side} knee": knee, f"{side} ankle": ankle, f"{side} toe": ankle + h * np.array([0.07, 0, -0.02])}
    low = min(points["left ankle"][2], points["right ankle"][2]) - 0.035 * h
    return {name: point - [0, 0, low] for name, point in points.items()}


def _turn(forward, outward):
    """The up vector leant `forward` and to the right by `outward` radians."""
    return np.array([np.sin(forward) * np.cos(outward), np.sin(outward), np.cos(forward) * np.cos(outward)])


def shapes(person, pose, view):
    """The shapes of a `person` standing at `pose`, for `raster.render`."""
    return _Painter(person, pose, view).shapes()


class _Painter:
    """Turns joints into limbs and discs, in pixels."""

    def __init__(self, person, pose, view):
        self.person, self.outfit, self.h = person, person.outfit, person.height_m
        self.world = {name: pose.world(point) for name, point in joints(person).items()}
        self.px = {name: view.project(point) for name, point in self.world.items()}
        self.unit = view.scale(self.world["pelvis"][2]) * self.h  # pixels per body height
        forward, right, _ = pose.axes()
        sight = self.world["neck"] - np.array([0, view.height_m, 0])
        sight = sight / np.linalg.norm(sight)
        self.facing = -float(forward @ sight)                     # 1 = looks at the camera
        self.broad = float(np.sqrt(1 - (right @ sight) ** 2))      # 1 = shoulders square to the camera
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
        return [bare, self.limb(start, sleeve, [1.3 * r for r in radii], cloth_color, nearer + 0.002, pattern, True)]

    def arm(self, side):
        b, share = 0.5 + 0.5 * self.outfit.build, 2 * self.outfit.sleeve
        near = 0.015
        upper = self.covered(f"{side} shoulder", f"{side} elbow", min(share, 1), (0.031 * b, 0.024 * b), self.person.top,
                             near, self.pattern if self.outfit.pattern == "bands" else None)
        lower = self.covered(f"{side} elbow", f"{side} wrist", share - 1, (0.024 * b, 0.018 * b), self.person.top, near)
        hand = Disc(self.px[f"{side} wrist"], np.array([0.022 * self.unit, 0]), np.array([0, 0.028 * self.unit]),
                    ((1.0, self.person.skin),), self.world[f"{side} wrist"][2] - 0.03 * self.h, bulge=0.8)
        return [*upper, *lower, hand]

    def leg(self, side):
        b, share = 0.6 + 0.4 * self.outfit.build, 2 * self.outfit.leg
        upper = self.covered(f"{side} hip", f"{side} knee", min(share, 1), (0.052 * b, 0.036 * b), self.person.bottom, 0.0)
        lower = self.covered(f"{side} knee", f"{side} ankle", share - 1, (0.034 * b, 0.022 * b), self.person.bottom, 0.0)
        foot = self.limb(f"{side} ankle", f"{side} toe", (0.024, 0.018), self.person.shoe, 0.01)
        return [*upper, *lower, foot]

    def torso(self):
        """Shoulders to hips, wider when seen square; a coat or skirt hangs from the waist to its hem."""
        b = self.outfit.build
        wide = b * (0.072 + 0.036 * self.broad)
        trunk = self.limb("neck", "pelvis", [f * wide for f in (0.62, 1.0, 1.02, 0.92, 0.84, 0.86, 0.84)],
                          self.person.top, 0.005, self.pattern, flat=False)
        parts = [trunk]
        if self.facing > 0.3 and self.unit > 40:  # an open collar or a zip line
            parts.append(self.limb("neck", "waist", (0.016, 0.006, 0.004), self.person.second, 0.02))
        if self.outfit.hem:
            knees = 0.5 * (self.world["left knee"] + self.world["right knee"])
            feet = 0.5 * (self.world["left ankle"] + self.world["right ankle"])
            share = self.outfit.hem
            self.world["hem"] = (self.world["pelvis"] * (1 - share) + share * knees if share <= 1
                                 else knees * (2 - share) + (share - 1) * feet)
            lower, upper = ("left knee", "right knee") if share <= 1 else ("left ankle", "right ankle")
            to = 0.5 * (self.px[lower] + self.px[upper])
            part = share if share <= 1 else 1.0
            self.px["hem"] = self.px["pelvis"] + part * (to - self.px["pelvis"])
            color = self.person.top if self.outfit.leg > 0 else self.person.bottom
            spread = np.hypot(*(self.px[lower] - self.px[upper])) / max(self.unit, 1e-6) * 0.45 * min(share, 1)
            end = max(0.8 * wide * self.outfit.flare, spread)
            parts.append(self.limb("waist", "hem", (0.84 * wide, 0.9 * wide, end), color, 0.012, flat=True))
        return parts

    def head(self):
        px, r, skin = self.px["head"], 0.058 * self.unit, self.person.skin
        depth = self.world["head"][2]
        neck = self.limb("neck", "head", (0.032, 0.028), skin, 0.0)
        shift = self.aside * 0.25 * r
        skull = Disc(px - shift + [0, -0.12 * r], np.array([1.02 * r, 0]), np.array([0, 1.2 * r]),
                     ((1.0, self.person.hair),), depth + (0.01 if self.facing > -0.25 else -0.04) * self.h, bulge=0.9)
        face = Disc(px + shift + [0, 0.12 * r], np.array([0.86 * r, 0]), np.array([0, 1.12 * r]), ((1.0, skin),),
                    depth - 0.02 * self.h, bulge=0.9)
        parts = [neck, face] if self.outfit.hair == "bald" and not self.outfit.hat else [neck, skull, face]
        return parts + self.features(px + shift, r, depth) + self.hair(px - shift, r, depth) + self.hat(px, r, depth)

    def features(self, px, r, depth):
        """Eyes and mouth, when the face is turned this way and large enough to show them."""
        if self.facing < 0.15 or r < 3:
            return []
        turn, dark = self.aside[0] * 0.4 * r, self.person.skin * 0.25
        spots = [(turn - 0.34 * r, 0.0, 0.16, 0.09), (turn + 0.34 * r, 0.0, 0.16, 0.09), (turn, 0.62 * r, 0.26, 0.07)]
        return [Disc(px + [dx, dy], np.array([w * r, 0]), np.array([0, tall * r]), ((1.0, dark),), depth - 0.04 * self.h)
                for dx, dy, w, tall in spots]

    def hair(self, px, r, depth):
        """Long hair hangs behind the face or in front of the back; a bun sits on top."""
        color = self.person.hair
        behind = depth + (0.01 if self.facing > 0 else -0.03) * self.h
        if self.outfit.hair == "long":
            return [Limb(px, px + [0, 1.9 * r], (1.05 * r, 1.1 * r, 0.8 * r), color, behind)]
        if self.outfit.hair == "bun":
            return [Disc(px - [0, 1.35 * r], np.array([0.45 * r, 0]), np.array([0, 0.4 * r]), ((1.0, color),), behind, bulge=0.9)]
        return []

    def hat(self, px, r, depth):
        color, near = self.person.hat, depth - 0.05 * self.h
        dome = Disc(px - [0, 0.62 * r], np.array([1.12 * r, 0]), np.array([0, 0.85 * r]), ((1.0, color),), near, bulge=0.9)
        peak = Limb(px + [0, -0.45 * r], px + self.aside * 1.2 * r + [0, -0.4 * r], (0.3 * r, 0.18 * r), color * 0.8, near)
        brim = Disc(px - [0, 0.5 * r], np.array([1.9 * r, 0]), np.array([0, 0.3 * r]), ((1.0, color * 0.9),), near)
        hood = Disc(px - [0, 0.15 * r], np.array([1.3 * r, 0]), np.array([0, 1.45 * r]), ((1.0, self.person.top),),
                    depth + (0.005 if self.facing > 0 else -0.05) * self.h, bulge=0.8)
        return {"": [], "cap": [dome, peak], "helmet": [dome], "brim": [brim, dome], "hood": [hood]}[self.outfit.hat]

    def bag(self):
        color, unit = self.person.hat, self.unit
        if self.outfit.bag == "back":
            at, away = 0.5 * (self.px["neck"] + self.px["pelvis"]), -0.02 if self.facing < 0 else 0.03
            at = at - self.aside * 0.075 * unit
            return [Disc(at, np.array([0.085 * unit, 0]), np.array([0, 0.14 * unit]), ((1.0, color),),
                         self.world["neck"][2] + away * self.h, bulge=0.6)]
        if self.outfit.bag == "side":
            at = self.px["right wrist"] + [0, 0.1 * unit]
            return [Disc(at, np.array([0.07 * unit, 0]), np.array([0, 0.08 * unit]), ((1.0, color),),
                         self.world["right wrist"][2], bulge=0.4)]
        return []
