"""The stage: what is drawn before any label is known, so that nothing of it can betray the label."""

from dataclasses import dataclass, replace

import numpy as np

from edgekit.data.synthetic.camera import backgrounds, clutter
from edgekit.data.synthetic.camera.actors import actor
from edgekit.data.synthetic.camera.colors import hsv, to_linear
from edgekit.data.synthetic.camera.params import SceneParams
from edgekit.data.synthetic.camera.places import Spot, stand
from edgekit.data.synthetic.camera.raster import Light
from edgekit.data.synthetic.camera.textures import NOISE, one_over_f
from edgekit.data.synthetic.camera.view import FRAME, MARGIN, View
from edgekit.data.synthetic.params import log_uniform, uniform

MOST_CLUTTER = 4


@dataclass(frozen=True)
class Stage:
    """What is drawn before any label is known: background, camera view, light, clutter."""

    background: str
    view: View
    light: Light
    distance_m: float
    shadow: float
    texture: float
    canvas: np.ndarray
    clutter: tuple
    tile: np.ndarray


def draw_stage(split, params: SceneParams, rng) -> Stage:
    """Everything that does not depend on the label."""
    name = pick(backgrounds.FAMILIES[split], rng)
    view, indoors = _draw_view(params, rng), backgrounds.FAMILIES[split][name][2]
    light = draw_light(indoors, params, rng)
    distance = rng.uniform(7, 16) if indoors else rng.uniform(15, 50)
    noise = one_over_f(NOISE, rng.uniform(0.7, 1.2), rng)
    canvas = backgrounds.paint(name, split, view, light, distance, noise, rng)
    shadow, texture = (float(uniform(rng, span, ())) for span in (params.shadow, params.texture))
    stage = Stage(name, view, light, distance, shadow, texture, canvas, (), noise[1])
    things = []
    for _ in range(MOST_CLUTTER):
        if rng.random() < params.clutter:
            family = pick(clutter.FAMILIES[split], rng)
            things.append(_place_clutter(clutter.draw_clutter(family, split, rng), stage, params, rng))
    return replace(stage, clutter=tuple(thing for thing in things if thing))


def _draw_view(params, rng):
    focal = FRAME * float(uniform(rng, params.focal, ()))
    horizon = MARGIN + FRAME * float(uniform(rng, params.horizon, ()))
    return View(focal, horizon, float(log_uniform(rng, params.camera_height_m, ())))


def draw_light(indoors, params: SceneParams, rng) -> Light:
    """Sun or lamp from above, in front or behind; ambient light of another tint; a bright sky."""
    height, turn = rng.uniform(0.25, 1.2), rng.uniform(0, 2 * np.pi)
    direction = np.array([np.cos(height) * np.sin(turn), np.sin(height), -np.cos(height) * np.cos(turn)])
    warm = float(uniform(rng, params.warmth, ()))
    tint = np.array([1 + warm, 1.0, 1 - warm])
    strength = float(uniform(rng, params.lamp, ())) * (0.5 if indoors else 1.0)
    ambient = float(uniform(rng, params.ambient, ()))
    sky = to_linear(hsv(0.6, rng.uniform(0, 0.25), rng.uniform(0.75, 1.0)))
    return Light(direction, strength * tint, ambient * (0.6 + 0.4 * sky / sky.mean()), sky)


def pick(table, rng):
    """One of the names of a table."""
    return list(table)[rng.integers(len(table))]


def _place_clutter(thing, stage, params, rng):
    """The thing as an `Actor`; None when nothing of it falls on the canvas."""
    wide, tall = thing.extent_m
    area = float(log_uniform(rng, params.clutter_size, ())) * FRAME**2
    pose, box = stand((wide, tall, 0.5 * wide), area, rng.uniform(0, 2 * np.pi), stage, rng, inside=0.3)
    spot = Spot(thing, pose, box, (0.4 * wide, 0.3 * wide), -1, "")
    return actor(clutter.shapes(thing, pose, stage.view, stage.light), spot, stage)
