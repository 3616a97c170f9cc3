"""Backgrounds without an object: ground in perspective, something upright behind it, 1/f texture over
both."""

import numpy as np

from edgekit.data.synthetic.camera.colors import hsv, to_linear
from edgekit.data.synthetic.camera.grounds import GROUND, plane_of
from edgekit.data.synthetic.camera.textures import Texture
from edgekit.data.synthetic.camera.view import CANVAS
from edgekit.data.synthetic.camera.walls import UPRIGHT

# family -> (ground, upright, indoors)
FAMILIES = {
    "train": {
        "street": ("road", "houses", False),
        "meadow": ("grass", "treeline", False),
        "brick yard": ("paving", "bricks", False),
        "car park": ("bays", "sky", False),
        "living room": ("boards", "plaster", True),
        "corridor": ("lino", "corridor", True),
        "workshop": ("concrete", "panels", True),
        "garden": ("grass", "fence", False),
    },
    "val": {
        "lane": ("gravel", "hedge", False),
        "kitchen": ("tiles", "tiled wall", True),
        "hall": ("concrete", "windows", True),
    },
    "test": {
        "shore": ("sand", "sea", False),
        "square": ("cobbles", "arcade", False),
        "shop": ("checks", "shelves", True),
        "underpass": ("wet", "stone", True),
        "motorway": ("lanes", "noise wall", False),
    },
}
INDEX = {name: i for i, name in enumerate(name for split in FAMILIES.values() for name in split)}


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
    scene = scene * (1 + 0.09 * coarse.crop(rng))[..., None]
    plane = plane_of(column, row, foot, view)
    if plane.mask.any():
        floor = GROUND[ground_kind](plane, fine, rng)
        detail = fine.at(plane.side * 12, plane.away * 12) / (1 + 6 * plane.pixel)
        floor = floor * np.maximum(1 + 0.12 * detail + 0.1 * coarse.crop(rng), 0.1)[..., None]
        floor = floor * light.on(np.float64(0), np.float64(1), np.float64(0))
        scene = np.where(plane.mask[..., None], floor, scene)
        scene = scene * _contact(row, foot)[..., None]
    return np.maximum(scene * (1 + 0.05 * fine.crop(rng))[..., None], 0.002)


def _contact(row, foot):
    """Darker along the foot of a wall, as dirt and missing sky make it."""
    return 1 - 0.3 * np.exp(-(((row - foot) / 2.5) ** 2)) * (row > -1)
