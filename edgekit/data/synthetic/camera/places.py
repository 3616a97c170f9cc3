"""Where a thing stands: a place whose projection fills the area that is asked for, and whether it may be seen there."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.view import CANVAS, FRAME, MARGIN, Pose

MIN_AREA = 0.005  # of the frame: smaller boxes are not labelled, as in Visual Wake Words


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


def stand(extent, area, heading, stage, rng, inside):
    """A pose whose projection fills about `area` pixels, with a part of at least `inside` in the frame, and its box.

    `extent` is (wide, tall, deep) in metres.
    """
    (wide, tall, deep), view = extent, stage.view
    away = view.focal * np.sqrt(wide * tall / area)
    away = np.clip(away, 0.75 * deep + 0.6, 0.95 * stage.distance_m)
    scale = view.focal / away
    column = MARGIN + FRAME / 2 + rng.uniform(-1, 1) * (FRAME / 2 + (0.5 - inside) * 0.6 * wide * scale)
    foot, high, lift = view.horizon + scale * view.height_m, tall * scale, 0.0
    low, top = MARGIN + FRAME + (1 - inside) * high, MARGIN + inside * high
    if not top <= foot <= low:  # the ground is not flat everywhere: a step up or down
        lift = (foot - rng.uniform(max(top, MARGIN + 0.5 * FRAME), low)) / scale
        foot -= lift * scale
    pose = Pose(np.array([(column - CANVAS / 2) / scale, lift, away]), heading)
    return pose, (column - wide * scale / 2, foot - high, column + wide * scale / 2, foot)


def promising(spot, spots, stage, params, in_front):
    """Whether the spot's box is large enough and not mostly behind nearer things: cheap, before anything is painted."""
    left, top, right, bottom = box = np.clip(spot.box, MARGIN, MARGIN + FRAME)
    area = (right - left) * (bottom - top)
    if area < MIN_AREA * FRAME**2:
        return False
    hidden = 0.0
    for other in spots:
        if other.depth < spot.depth:
            hidden += 0.7 * _shared(box, other.box)
    for thing in stage.clutter if not in_front else ():
        if thing.depth < spot.depth:
            hidden += thing.layer.covered(left, top, right, bottom)
    return hidden <= params.hidden[1] * area + 1


def _shared(box, other):
    """The area of both boxes at once."""
    left, top, right, bottom = box
    wide, tall = min(right, other[2]) - max(left, other[0]), min(bottom, other[3]) - max(top, other[1])
    return max(wide, 0) * max(tall, 0)
