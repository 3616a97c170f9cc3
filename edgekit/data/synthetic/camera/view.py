"""Where a point of the world falls in the picture, and where an object stands."""

from dataclasses import dataclass

import numpy as np

FRAME = 96  # pixels of the picture
MARGIN = 8  # pixels painted around it, so that blur and cut-off objects are right at the border
CANVAS = FRAME + 2 * MARGIN
NEAR_M = 0.25


@dataclass(frozen=True)
class View:
    """A camera that looks level: focal length and horizon row in pixels, height over the ground in metres.

    A tilted camera is modelled by its horizon, as a shifted lens does.
    """

    focal: float
    horizon: float
    height_m: float

    def project(self, points):
        """World points (..., 3), metres right, up, away -> pixels (..., 2): u = c + f X / Z, v = h - f (Y -
        y_c) / Z."""
        points = np.asarray(points, float)
        away = np.maximum(points[..., 2], NEAR_M)
        scale = self.focal / away
        return np.stack(
            [CANVAS / 2 + scale * points[..., 0], self.horizon - scale * (points[..., 1] - self.height_m)],
            axis=-1,
        )

    def scale(self, away):
        """Pixels per metre at distance `away` in metres."""
        return self.focal / max(away, NEAR_M)


@dataclass(frozen=True)
class Pose:
    """Where an object stands: origin (3,) on the ground in metres, heading in radians (0 = away, pi/2 = to
    the right)."""

    origin: np.ndarray
    heading: float

    def axes(self):
        """Unit vectors forward, right, up of the object in the world."""
        s, c = np.sin(self.heading), np.cos(self.heading)
        return np.array([s, 0.0, c]), np.array([c, 0.0, -s]), np.array([0.0, 1.0, 0.0])

    def world(self, local):
        """Local points (..., 3): metres forward, right, up -> world points."""
        return self.origin + np.asarray(local, float) @ np.stack(self.axes())
