"""One scene: objects on a stage, in depth order, and their visible boxes."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera import people, vehicles
from edgekit.data.synthetic.camera.actors import actor, cast_shadow
from edgekit.data.synthetic.camera.params import SceneParams
from edgekit.data.synthetic.camera.places import MIN_AREA, Spot, promising, stand
from edgekit.data.synthetic.camera.stage import Stage, pick
from edgekit.data.synthetic.camera.view import CANVAS, FRAME, MARGIN
from edgekit.data.synthetic.params import uniform

CLASS_NAMES = ("empty", "person", "vehicle", "both")
PERSON, VEHICLE = 0, 1
MAX_OBJECTS = 5
FAMILY_NAMES = tuple(
    name for table in (people.OUTFITS, vehicles.FAMILIES) for split in table.values() for name in split
)
TRIES = 200
FRAME_WINDOW = (slice(MARGIN, MARGIN + FRAME), slice(MARGIN, MARGIN + FRAME))


@dataclass(frozen=True)
class Scene:
    """Linear light (CANVAS, CANVAS, 3), and of each labelled object its box (left, top, right, bottom) in
    pixels of the frame, its kind (0 person, 1 vehicle), family and hidden part."""

    light: np.ndarray
    boxes: np.ndarray
    kinds: np.ndarray
    families: tuple
    hidden: np.ndarray


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
        scene = _try(spots, stage, params, in_front)
        if scene is not None:
            return scene
    raise ValueError(
        f"compose: no legal place for {CLASS_NAMES[label]} in {TRIES} tries; widen size or hidden"
    )


def _try(spots, stage, params, in_front):
    """The scene with an object on each spot; None where one is hidden beyond the limit, or too small."""
    if not all(promising(spot, spots, stage, params, in_front) for spot in spots):
        return None
    actors = [_act(spot, stage) for spot in spots]
    if None in actors:
        return None
    scene = _assemble(actors, stage, in_front)
    areas = (scene.boxes[:, 2] - scene.boxes[:, 0]) * (scene.boxes[:, 3] - scene.boxes[:, 1])
    legal = (scene.hidden <= params.hidden[1]).all() and (areas >= MIN_AREA * FRAME**2).all()
    return scene if legal else None


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
    family, thing, extent, footprint = (_person if kind == PERSON else _vehicle)(split, heading, rng)
    pose, box = stand(extent, area, heading, stage, rng, inside=0.45)
    return Spot(thing, pose, box, footprint, kind, family)


def _person(split, heading, rng):
    """(family, person, (wide, tall, deep), footprint)."""
    family, pose_name = (pick(table[split], rng) for table in (people.OUTFITS, people.POSES))
    thing = people.draw_person(family, pose_name, split, rng)
    wide, tall = thing.extent_m
    return family, thing, (wide, tall, 0.3 * tall), (0.22 * tall, 0.22 * tall)


def _vehicle(split, heading, rng):
    """(family, vehicle, (wide, tall, deep) as it is turned, footprint)."""
    family = pick(vehicles.FAMILIES[split], rng)
    thing = vehicles.draw_vehicle(family, split, rng)
    long, across, tall = thing.extent_m
    s, c = abs(np.sin(heading)), abs(np.cos(heading))
    wide, deep = long * s + across * c, long * c + across * s
    return family, thing, (wide, tall, deep), (0.5 * wide, 0.5 * deep)


def _area(size, rng):
    """An area in pixels; area^(3/4) is uniform: many of middle size, yet every tenth below a twentieth of the
    frame."""
    return FRAME**2 * float(uniform(rng, np.power(size, 0.75), ())) ** (4 / 3)


def _act(spot, stage):
    """The object of a spot as an `Actor`; None when nothing of it falls on the canvas."""
    paint = (
        people.shapes(spot.thing, spot.pose, stage.view)
        if spot.kind == PERSON
        else vehicles.shapes(spot.thing, spot.pose, stage.view, stage.light)
    )
    return actor(paint, spot, stage)


def _assemble(actors, stage, in_front):
    """Lay all layers over the background, the farthest first, and measure what stays visible of each
    object."""
    order = sorted((*stage.clutter, *actors), key=lambda a: (in_front and a.kind >= 0, -a.depth))
    canvas, seen = stage.canvas.copy(), {}
    for each in order:
        cast_shadow(canvas, each, stage)
    for each in order:
        window, rest = each.layer.window, 1 - each.layer.alpha
        canvas[window] = canvas[window] * rest[..., None] + each.layer.color
        for other in seen.values():
            other[window] *= rest
        if each.kind >= 0:
            own = np.zeros((CANVAS, CANVAS))
            own[window] = each.layer.alpha
            seen[id(each)] = own
    return _labels(canvas, actors, seen)


def _labels(canvas, actors, seen):
    """The scene with the visible box and the hidden part of each object."""
    boxes, hidden = [], []
    for each in actors:
        whole = np.zeros((CANVAS, CANVAS))
        whole[each.layer.window] = each.layer.alpha
        total, visible = whole[FRAME_WINDOW].sum(), seen[id(each)][FRAME_WINDOW]
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
