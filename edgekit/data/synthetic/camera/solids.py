"""Bodies with flat faces: a side profile extruded over its width, lit face by face."""

import numpy as np

from edgekit.data.synthetic.camera.raster import Disc, Limb, Polygon

AWAY_MARGIN_M = 0.3
THIN_PX = 0.06  # bars thinner than this leave no trace


class Solid:
    """Collects the visible faces of one object; local coordinates forward, right, up in metres."""

    def __init__(self, pose, view, light):
        self.pose, self.view, self.light, self.shapes = pose, view, light, []
        self.turn = np.stack(pose.axes())  # rows: forward, right, up
        self.eye = self.turn @ (
            np.array([0.0, view.height_m, 0.0]) - pose.origin
        )  # the camera, in local coordinates

    def world(self, local):
        """Local points (..., 3) in the world."""
        return self.pose.origin + np.asarray(local, float) @ self.turn

    def depth(self, middle):
        """Distance from the camera of a local point (3,)."""
        x, y, z = self.eye - middle
        return float(np.sqrt(x * x + y * y + z * z))

    def sees(self, point, normal):
        """Whether a face through a local `point` (3,) with local `normal` looks at the camera."""
        return float((self.eye - point) @ np.asarray(normal, float)) > 0

    def lit(self, color, normal):
        """Colour (3,) that a face with local `normal` sends back."""
        n = np.asarray(normal, float) @ self.turn
        return np.asarray(color) * self.light.on(*(n / np.sqrt(n @ n)))

    def face(self, local, normal, color, nearer=0.0, fade=0.0, glow=False):
        """A flat face, when it looks at the camera; a glowing one (lamp, glass) is not lit."""
        local = np.asarray(local, float)
        middle = local.sum(0) / len(local)
        if not self.sees(middle, normal):
            return
        world = self.world(local)
        if world[:, 2].min() > AWAY_MARGIN_M:
            shade = np.asarray(color) if glow else self.lit(color, normal)
            self.shapes.append(Polygon(self.view.project(world), shade, self.depth(middle) - nearer, fade))

    def bar(self, start, end, radii_m, color, nearer=0.0, flat=False):
        """A round bar between two local points."""
        ends = np.array([start, end], float)
        world = self.world(ends)
        scale = self.view.scale(0.5 * (world[0, 2] + world[1, 2]))
        radii = np.atleast_1d(radii_m) * scale
        if radii.max() < THIN_PX:
            return
        a, b = self.view.project(world)
        self.shapes.append(
            Limb(
                a,
                b,
                tuple(np.maximum(radii, 0.3).tolist()),
                np.asarray(color),
                self.depth(0.5 * (ends[0] + ends[1])) - nearer,
                flat_ends=flat,
            )
        )

    def disc(
        self, center, radius_m, rings, nearer=0.0, axes=((1, 0, 0), (0, 0, 1)), hole=0.0, normal=(0, 1, 0)
    ):
        """A flat disc spanned by two local axes."""
        points = np.array(
            [
                center,
                np.add(center, np.multiply(radius_m, axes[0])),
                np.add(center, np.multiply(radius_m, axes[1])),
            ],
            float,
        )
        world = self.world(points)
        if world[:, 2].min() <= AWAY_MARGIN_M:
            return
        c, p, q = self.view.project(world)
        n = np.asarray(normal, float) @ self.turn
        n = n if n[2] < 0 else -n
        self.shapes.append(
            Disc(c, p - c, q - c, rings, self.depth(points[0]) - nearer, hole=hole, normal=tuple(n))
        )

    def ball(self, center, radii_m, color, nearer=0.0, leaf=None):
        """A lit ellipsoid: radii (across, up)."""
        world = self.world(center)
        scale, at = self.view.scale(float(world[2])), self.view.project(world)
        self.shapes.append(
            Disc(
                at,
                np.array([radii_m[0] * scale, 0]),
                np.array([0, radii_m[1] * scale]),
                ((1.0, np.asarray(color)),),
                self.depth(np.asarray(center, float)) - nearer,
                bulge=0.85,
                leaf=leaf,
            )
        )

    def extrude(self, profile, half_width, color, fade=0.0, nearer=0.0):
        """Sides and strips of a profile (V, 2) of (forward, up), anticlockwise; half_width: (V,) at each
        corner."""
        profile, half = np.asarray(profile, float), np.broadcast_to(half_width, len(profile))
        sides = {sign: np.column_stack([profile[:, 0], sign * half, profile[:, 1]]) for sign in (-1, 1)}
        for sign, side in sides.items():
            self.face(side, (0, sign, 0), color, nearer, fade)
        for i in range(len(profile)):
            j = (i + 1) % len(profile)
            (dx, dz), normal_y = profile[j] - profile[i], 0.0
            strip = np.array([sides[-1][i], sides[-1][j], sides[1][j], sides[1][i]])
            if abs(dx) + abs(dz) > 1e-6:
                self.face(strip, (dz, normal_y, -dx), color, nearer, 0.0)

    def box(self, low, high, color, nearer=0.0, fade=0.1):
        """A cuboid between two local corners (forward, right, up)."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        ring = {
            (-1, 0, 0): [(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)],
            (1, 0, 0): [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
            (0, -1, 0): [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)],
            (0, 1, 0): [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)],
            (0, 0, 1): [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)],
        }
        for normal, corners in ring.items():
            self.face(corners, normal, color, nearer, fade)
