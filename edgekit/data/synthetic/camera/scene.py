"""One scene: background, things and objects in depth order, their visible boxes."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera import backgrounds, clutter, people, vehicles
from edgekit.data.synthetic.camera.colors import hsv, to_linear
from edgekit.data.synthetic.camera.params import SceneParams
from edgekit.data.synthetic.camera.raster import Layer, Light, render
from edgekit.data.synthetic.camera.textures import NOISE, one_over_f
from edgekit.data.synthetic.camera.view import CANVAS, FRAME, MARGIN, Pose, View
from edgekit.data.synthetic.params import log_uniform, uniform

CLASS_NAMES = ("empty", "person", "vehicle", "both")
PERSON, VEHICLE = 0, 1
MAX_OBJECTS = 5
FAMILY_NAMES = tuple(
    name for table in (people.OUTFITS, vehicles.FAMILIES) for split in table.values() for name in split
)
MIN_AREA = 0.005  # of the frame: smaller boxes are not labelled, as in Visual Wake Words
TRIES = 200
FRAME_WINDOW = (slice(MARGIN, MARGIN + FRAME), slice(MARGIN, MARGIN + FRAME))


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


@dataclass(frozen=True)
class Spot:
    """A thing or object to paint, its place, and roughly the box it will fill on the canvas."""

    thing: object
    pose: Pose
    box: tuple
    footprint: tuple
    kind: int
    family: str

    @property
    def depth(self):
        """Distance from the camera along the ground."""
        return float(np.hypot(self.pose.origin[0], self.pose.origin[2]))


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


@dataclass(frozen=True)
class Scene:
    """Linear light (CANVAS, CANVAS, 3), and of each labelled object its box (left, top, right, bottom) in
    pixels of the frame, its kind (0 person, 1 vehicle), family and hidden part."""

    light: np.ndarray
    boxes: np.ndarray
    kinds: np.ndarray
    families: tuple
    hidden: np.ndarray


def draw_stage(split, params: SceneParams, rng) -> Stage:
    """Everything that does not depend on the label."""
    name = _pick(backgrounds.FAMILIES[split], rng)
    view = View(
        FRAME * float(uniform(rng, params.focal, ())),
        MARGIN + FRAME * float(uniform(rng, params.horizon, ())),
        float(log_uniform(rng, params.camera_height_m, ())),
    )
    indoors = backgrounds.FAMILIES[split][name][2]
    light = draw_light(indoors, params, rng)
    distance = rng.uniform(7, 16) if indoors else rng.uniform(15, 50)
    noise = one_over_f(NOISE, rng.uniform(0.7, 1.2), rng)
    canvas = backgrounds.paint(name, split, view, light, distance, noise, rng)
    stage = Stage(
        name,
        view,
        light,
        distance,
        float(uniform(rng, params.shadow, ())),
        float(uniform(rng, params.texture, ())),
        canvas,
        (),
        noise[1],
    )
    things = []
    for _ in range(4):
        if rng.random() < params.clutter:
            family = _pick(clutter.FAMILIES[split], rng)
            things.append(_place_clutter(clutter.draw_clutter(family, split, rng), stage, params, rng))
    return Stage(**(vars(stage) | {"clutter": tuple(thing for thing in things if thing)}))


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


def compose(label, split, stage: Stage, params: SceneParams, rng) -> Scene:
    """Put the objects that `label` asks for (0 empty, 1 person, 2 vehicle, 3 both) on the stage.

    Objects are drawn anew until none is hidden beyond the limit or too small. Where that does not succeed,
    the last tries take one object of each kind, small and in front of all things.
    """
    for attempt in range(TRIES):
        in_front = attempt > 0.7 * TRIES
        kinds, size = _cast(label, params, rng), params.size
        if in_front:
            kinds, size = sorted(set(kinds)), (1.6 * MIN_AREA, 4 * MIN_AREA)
        spots = [_draw(kind, split, size, stage, rng) for kind in kinds]
        if not all(_promising(spot, spots, stage, params, in_front) for spot in spots):
            continue
        actors = [_act(spot, stage) for spot in spots]
        if None in actors:
            continue
        scene = _assemble(actors, stage, in_front)
        areas = (scene.boxes[:, 2] - scene.boxes[:, 0]) * (scene.boxes[:, 3] - scene.boxes[:, 1])
        if (scene.hidden <= params.hidden[1]).all() and (areas >= MIN_AREA * FRAME**2).all():
            return scene
    raise ValueError(
        f"compose: no legal place for {CLASS_NAMES[label]} in {TRIES} tries; widen size or hidden"
    )


def _cast(label, params, rng):
    """The kinds of the labelled objects of one scene."""
    kinds = []
    if label & 1:
        second = rng.random() < params.second_person
        kinds += [PERSON] * (1 + second + (second and rng.random() < params.third_person))
    if label & 2:
        kinds += [VEHICLE] * (1 + (rng.random() < params.second_vehicle))
    return kinds


def _draw(kind, split, size, stage, rng):
    """One labelled object and its place as a `Spot`."""
    area, heading = _area(size, rng), rng.uniform(0, 2 * np.pi)
    if kind == PERSON:
        family, pose_name = (_pick(table[split], rng) for table in (people.OUTFITS, people.POSES))
        thing = people.draw_person(family, pose_name, split, rng)
        wide, tall = thing.extent_m
        deep, footprint = 0.3 * tall, (0.22 * tall, 0.22 * tall)
    else:
        family = _pick(vehicles.FAMILIES[split], rng)
        thing = vehicles.draw_vehicle(family, split, rng)
        long, across, tall = thing.extent_m
        s, c = abs(np.sin(heading)), abs(np.cos(heading))
        wide, deep = long * s + across * c, long * c + across * s
        footprint = (0.5 * wide, 0.5 * deep)
    pose, box = _stand(wide, tall, deep, area, heading, stage, rng, inside=0.45)
    return Spot(thing, pose, box, footprint, kind, family)


def _pick(table, rng):
    """One of the names of a table."""
    return list(table)[rng.integers(len(table))]


def _area(size, rng):
    """An area in pixels; area^(3/4) is uniform: many of middle size, yet every tenth below a twentieth of the
    frame."""
    return FRAME**2 * float(uniform(rng, np.power(size, 0.75), ())) ** (4 / 3)


def _promising(spot, spots, stage, params, in_front):
    """Whether the spot's box is large enough and not mostly behind nearer things: cheap, before anything is
    painted."""
    left, top, right, bottom = np.clip(spot.box, MARGIN, MARGIN + FRAME)
    area = (right - left) * (bottom - top)
    if area < MIN_AREA * FRAME**2:
        return False
    hidden = 0.0
    for other in spots:
        if other.depth < spot.depth:
            wide = min(right, other.box[2]) - max(left, other.box[0])
            tall = min(bottom, other.box[3]) - max(top, other.box[1])
            hidden += 0.7 * max(wide, 0) * max(tall, 0)
    for thing in stage.clutter if not in_front else ():
        if thing.depth < spot.depth:
            hidden += thing.layer.covered(left, top, right, bottom)
    return hidden <= params.hidden[1] * area + 1


def _act(spot, stage):
    paint = (
        people.shapes(spot.thing, spot.pose, stage.view)
        if spot.kind == PERSON
        else vehicles.shapes(spot.thing, spot.pose, stage.view, stage.light)
    )
    return _actor(paint, spot, stage)


def _place_clutter(thing, stage, params, rng):
    wide, tall = thing.extent_m
    pose, box = _stand(
        wide,
        tall,
        0.5 * wide,
        float(log_uniform(rng, params.clutter_size, ())) * FRAME**2,
        rng.uniform(0, 2 * np.pi),
        stage,
        rng,
        inside=0.3,
    )
    spot = Spot(thing, pose, box, (0.4 * wide, 0.3 * wide), -1, "")
    return _actor(clutter.shapes(thing, pose, stage.view, stage.light), spot, stage)


def _stand(wide, tall, deep, area, heading, stage, rng, inside):
    """A place whose projection fills about `area` pixels, with a part of at least `inside` in the frame, and
    its box."""
    view = stage.view
    away = view.focal * np.sqrt(wide * tall / area)
    away = np.clip(away, 0.75 * deep + 0.6, 0.95 * stage.distance_m)
    scale = view.focal / away
    column = MARGIN + FRAME / 2 + rng.uniform(-1, 1) * (FRAME / 2 + (0.5 - inside) * 0.6 * wide * scale)
    foot, high = view.horizon + scale * view.height_m, tall * scale
    lift = 0.0
    low, top = MARGIN + FRAME + (1 - inside) * high, MARGIN + inside * high
    if not top <= foot <= low:  # the ground is not flat everywhere: a step up or down
        lift = (foot - rng.uniform(max(top, MARGIN + 0.5 * FRAME), low)) / scale
        foot -= lift * scale
    pose = Pose(np.array([(column - CANVAS / 2) / scale, lift, away]), heading)
    return pose, (column - wide * scale / 2, foot - high, column + wide * scale / 2, foot)


def _actor(paint, spot, stage):
    """Paint a thing, with a grain of its own; None when nothing of it falls on the canvas."""
    layer = render(paint, stage.light, CANVAS)
    if layer is None:
        return None
    i, j = int(abs(spot.pose.origin[0]) * 37) % 16, int(spot.pose.origin[2] * 41) % 16
    grain = stage.tile[i : i + layer.alpha.shape[0], j : j + layer.alpha.shape[1]]
    layer.color *= np.maximum(1 + stage.texture * grain, 0.2)[..., None]
    return Actor(layer, spot.pose, spot.depth, spot.footprint, spot.kind, spot.family)


def _assemble(actors, stage, in_front):
    """Lay all layers over the background, the farthest first, and measure what stays visible of each
    object."""
    order = sorted((*stage.clutter, *actors), key=lambda a: (in_front and a.kind >= 0, -a.depth))
    canvas, seen = stage.canvas.copy(), {}
    for actor in order:
        _cast_shadow(canvas, actor, stage)
    for actor in order:
        window, rest = actor.layer.window, 1 - actor.layer.alpha
        canvas[window] = canvas[window] * rest[..., None] + actor.layer.color
        for other in seen.values():
            other[window] *= rest
        if actor.kind >= 0:
            own = np.zeros((CANVAS, CANVAS))
            own[window] = actor.layer.alpha
            seen[id(actor)] = own
    return _labels(canvas, actors, seen)


def _labels(canvas, actors, seen):
    boxes, hidden = [], []
    for actor in actors:
        whole = np.zeros((CANVAS, CANVAS))
        whole[actor.layer.window] = actor.layer.alpha
        total, visible = whole[FRAME_WINDOW].sum(), seen[id(actor)][FRAME_WINDOW]
        boxes.append(visible_box(visible))
        hidden.append(1 - visible.sum() / total if total > 8 else 1.0)
    return Scene(
        canvas,
        np.array(boxes, float).reshape(-1, 4),
        np.array([a.kind for a in actors], int),
        tuple(a.family for a in actors),
        np.array(hidden, float),
    )


def visible_box(visible):
    """The box (left, top, right, bottom) around the pixels that an object covers by at least a third; zeros
    if none.

    >>> visible_box(np.eye(4)[1:3])
    (1, 0, 3, 2)
    """
    rows, columns = np.flatnonzero((visible > 0.33).any(1)), np.flatnonzero((visible > 0.33).any(0))
    if not rows.size:
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _cast_shadow(canvas, actor, stage):
    """A soft dark ellipse on the ground, stretched away from the lamp."""
    view, (half_x, half_z) = stage.view, actor.footprint
    x, _, z = stage.light.direction
    center = actor.pose.origin - 0.35 * np.array([x * half_x, 0, z * half_z])
    if center[2] < 0.5:
        return
    at, scale = view.project(center), view.scale(center[2])
    e1 = max(half_x * scale * 1.15, 1.0)
    e2 = max(half_z * scale * max(view.height_m - actor.pose.origin[1], 0.15) / center[2] * 1.2, 1.0)
    x0, x1 = (int(np.clip(v, 0, CANVAS)) for v in (at[0] - 1.4 * e1, at[0] + 1.4 * e1 + 1))
    y0, y1 = (int(np.clip(v, 0, CANVAS)) for v in (at[1] - 1.4 * e2, at[1] + 1.4 * e2 + 1))
    u, v = (np.arange(x0, x1) + 0.5 - at[0]) / e1, (np.arange(y0, y1)[:, None] + 0.5 - at[1]) / e2
    dark = stage.shadow * np.clip(1.5 - 1.1 * np.sqrt(u * u + v * v), 0, 1)
    canvas[y0:y1, x0:x1] *= (1 - dark)[..., None]
