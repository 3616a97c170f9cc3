"""Things that are neither person nor vehicle, some of them much like one: trees, poles, signs, boxes, dogs,
coat stands."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera import clutter_living, clutter_street
from edgekit.data.synthetic.camera.clutter_boxes import boxes
from edgekit.data.synthetic.camera.clutter_stands import stand
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
    fixed = {"tree": green, "bush": green, "bench": wood, "dog": wood, "stand": cloth(rng)}
    color = fixed.get(kind, paint(rng))
    if kind == "boxes" and form == 0:
        color = wood
    height, width = height * rng.uniform(0.78, 1.25), width * rng.uniform(0.78, 1.25)
    return Clutter(kind, height, width, form, color, cloth(rng), rng.uniform(-1, 1, (32, 32)), rng.random(24))


def shapes(thing, pose, view, light):
    """The shapes of a `thing` standing at `pose`, for `raster.render`."""
    solid = Solid(pose, view, light)
    PAINTERS[thing.kind](solid, thing)
    return solid.shapes


PAINTERS = {
    "tree": clutter_living.tree,
    "bush": clutter_living.bush,
    "dog": clutter_living.dog,
    "boxes": boxes,
    "stand": stand,
    "post": clutter_street.post,
    "sign": clutter_street.sign,
    "barrel": clutter_street.barrel,
    "cone": clutter_street.cone,
    "bench": clutter_street.bench,
    "parasol": clutter_street.parasol,
}
