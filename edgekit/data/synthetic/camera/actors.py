"""Things and objects as painted: a layer with a grain of its own, and the shadow on the ground."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.raster import Layer, render
from edgekit.data.synthetic.camera.view import CANVAS, Pose


@dataclass(frozen=True)
class Actor:
    """A painted thing or object: its layer, where it stands, how large; kind -1 clutter, 0 person, 1
    vehicle."""

    layer: Layer
    pose: Pose
    depth: float
    footprint: tuple
    kind: int = -1
    family: str = ""


def actor(paint, spot, stage):
    """Paint a thing, with a grain of its own; None when nothing of it falls on the canvas."""
    layer = render(paint, stage.light, CANVAS)
    if layer is None:
        return None
    i, j = int(abs(spot.pose.origin[0]) * 37) % 16, int(spot.pose.origin[2] * 41) % 16
    grain = stage.tile[i : i + layer.alpha.shape[0], j : j + layer.alpha.shape[1]]
    layer.color *= np.maximum(1 + stage.texture * grain, 0.2)[..., None]
    return Actor(layer, spot.pose, spot.depth, spot.footprint, spot.kind, spot.family)


def cast_shadow(canvas, actor, stage):
    """Darken `canvas` by a soft ellipse on the ground, stretched away from the lamp."""
    x, _, z = stage.light.direction
    center = actor.pose.origin - 0.35 * np.array([x * actor.footprint[0], 0, z * actor.footprint[1]])
    if center[2] < 0.5:
        return
    at, (e1, e2) = stage.view.project(center), _half_axes(center[2], actor, stage.view)
    x0, x1 = (int(np.clip(v, 0, CANVAS)) for v in (at[0] - 1.4 * e1, at[0] + 1.4 * e1 + 1))
    y0, y1 = (int(np.clip(v, 0, CANVAS)) for v in (at[1] - 1.4 * e2, at[1] + 1.4 * e2 + 1))
    u, v = (np.arange(x0, x1) + 0.5 - at[0]) / e1, (np.arange(y0, y1)[:, None] + 0.5 - at[1]) / e2
    dark = stage.shadow * np.clip(1.5 - 1.1 * np.sqrt(u * u + v * v), 0, 1)
    canvas[y0:y1, x0:x1] *= (1 - dark)[..., None]


def _half_axes(depth, actor, view):
    """Of the shadow's ellipse, across and along, in pixels: the farther away, the flatter."""
    (half_x, half_z), scale = actor.footprint, view.scale(depth)
    flat = max(view.height_m - actor.pose.origin[1], 0.15)
    return max(half_x * scale * 1.15, 1.0), max(half_z * scale * flat / depth * 1.2, 1.0)
