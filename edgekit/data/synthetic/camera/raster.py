"""Paint shapes with soft edges: limbs, discs and polygons into layers, layers onto a canvas.

Coverage is the signed distance d to the outline, in pixels, clip(1/2 - d, 0, 1): an edge as smooth as a lens
makes it, without supersampling. Positions are (column, row) in pixels, colours linear RGB, normals (right,
up, away).
"""

from dataclasses import dataclass, field

import numpy as np

EMPTY = (0, 0, 0, 0)


@dataclass(frozen=True)
class Pattern:
    """Cloth: `kind` plain, stripes, bands or checks in a second colour; `repeat` periods along a limb."""

    kind: str = "plain"
    color: tuple = (0.0, 0.0, 0.0)
    repeat: float = 5.0

    def weight(self, along, across):
        """How much of the second colour shows, 0..1, at `along` 0..1 and `across` -1..1."""
        band = np.sin(2 * np.pi * self.repeat * along) > 0.2
        stripe = np.sin(np.pi * self.repeat * across) > 0.2
        return {"bands": band, "stripes": stripe, "checks": band ^ stripe}[self.kind] * 0.85


PLAIN = Pattern()


@dataclass(frozen=True)
class Limb:
    """A round bar from `start` to `end` whose radii (px) are given at even steps; shaded like a cylinder."""

    start: np.ndarray
    end: np.ndarray
    radii: tuple
    color: np.ndarray
    depth: float
    pattern: Pattern = PLAIN
    flat_ends: bool = False

    def bounds(self):
        """(left, top, right, bottom) in pixels."""
        (ax, ay), (bx, by), reach = self.start.tolist(), self.end.tolist(), max(self.radii) + 1
        return min(ax, bx) - reach, min(ay, by) - reach, max(ax, bx) + reach, max(ay, by) + reach

    def paint(self, column, row, light):
        """(alpha, color (h, w, 3)) on the pixel grid."""
        axis = self.end - self.start
        length = max(float(np.hypot(*axis)), 1e-6)
        ux, uy = axis / length
        dx, dy = column - self.start[0], row - self.start[1]
        along, across = dx * ux + dy * uy, dx * -uy + dy * ux
        place = np.clip(along / length, 0, 1)
        knots = np.linspace(0, 1, len(self.radii))
        radius = np.interp(place, knots, self.radii) if len(self.radii) > 1 else self.radii[0]
        beyond = along - place * length
        if self.flat_ends:
            distance = np.maximum(np.abs(across) - radius, np.abs(beyond) - 0.5 * (beyond != 0))
        else:
            distance = np.sqrt(across**2 + beyond**2) - radius
        alpha = np.clip(0.5 - distance, 0, 1)
        bend = np.clip(across / np.maximum(radius, 0.5), -0.98, 0.98)
        shade = light.on(-uy * bend, -ux * bend, -np.sqrt(1 - bend * bend))
        color = shade * self.color
        if self.pattern.kind != "plain":
            weight = self.pattern.weight(place, bend)[..., None]
            color = color * (1 - weight) + weight * shade * np.asarray(self.pattern.color)
        return alpha, color


@dataclass(frozen=True)
class Disc:
    """An ellipse at `center` with half axes e1 and e2 (px), in rings: ((outer radius 0..1, colour), ...),
    inner first.

    `hole`: radius 0..1 below which nothing is painted; `bulge`: 1 shades it as a ball, 0 as a plate with
    `normal`.
    """

    center: np.ndarray
    e1: np.ndarray
    e2: np.ndarray
    rings: tuple
    depth: float
    hole: float = 0.0
    bulge: float = 0.0
    normal: tuple = (0.0, 0.0, -1.0)
    leaf: np.ndarray | None = None  # (32, 32) noise that frays the outline, for foliage

    def bounds(self):
        reach = np.abs(self.e1) + np.abs(self.e2) + 1
        return *(self.center - reach), *(self.center + reach)

    def paint(self, column, row, light):
        (ax, ay), (bx, by) = self.e1, self.e2
        det = ax * by - ay * bx
        floor = 0.3 * max(np.hypot(ax, ay), np.hypot(bx, by), 0.5)  # an ellipse seen edge on keeps some width
        det = det if abs(det) > floor else np.copysign(floor, det)
        dx, dy = column - self.center[0], row - self.center[1]
        u, v = (dx * by - dy * bx) / det, (dy * ax - dx * ay) / det
        radius = np.sqrt(u * u + v * v)
        scale = np.sqrt(abs(det))
        edge = radius if self.leaf is None else radius * (1 + self._fray(dx, dy))
        alpha = np.clip(0.5 + (1 - edge) * scale, 0, 1)
        if self.hole:
            alpha = alpha * np.clip(0.5 + (radius - self.hole) * scale, 0, 1)
        color = np.broadcast_to(self.rings[-1][1], (*radius.shape, 3))
        for limit, inner in reversed(self.rings[:-1]):
            weight = np.clip(0.5 + (limit - radius) * scale, 0, 1)[..., None]
            color = color * (1 - weight) + weight * np.asarray(inner)
        return alpha, color * self._shade(dx, dy, radius, light)

    def _fray(self, dx, dy):
        cell = 1 + 0.12 * np.hypot(*self.e1)
        i, j = np.floor(dy / cell).astype(int) % 32, np.floor(dx / cell).astype(int) % 32
        return 0.35 * self.leaf[i, j]

    def _shade(self, dx, dy, radius, light):
        if not self.bulge:
            return light.on(*self.normal)
        size = np.hypot(*self.e1) + np.hypot(*self.e2)
        nx, ny = 1.8 * dx / size * self.bulge, -1.8 * dy / size * self.bulge
        tall = np.sqrt(np.maximum(1 - nx * nx - ny * ny, 0.02))
        shade = light.on(nx, ny, -tall)
        return shade if self.leaf is None else shade * (1 + 1.2 * self._fray(dx, dy))[..., None]


@dataclass(frozen=True)
class Polygon:
    """A flat face with corners (V, 2) in pixels; `color` is already lit; `fade` brightens it from bottom to
    top."""

    points: np.ndarray
    color: np.ndarray
    depth: float
    fade: float = 0.0

    def bounds(self):
        return *(self.points.min(0) - 1), *(self.points.max(0) + 1)

    def paint(self, column, row, light):
        alpha = np.clip(0.5 - polygon_distance(self.points, column, row), 0, 1)
        top, bottom = self.points[:, 1].min(), self.points[:, 1].max()
        rise = 1 + self.fade * (0.5 - (row - top) / max(bottom - top, 1.0))
        return alpha, np.maximum(rise, 0.1)[..., None] * self.color + np.zeros((*alpha.shape, 1))


def polygon_distance(points, column, row):
    """Signed distance (h, w) to a polygon with corners (V, 2), negative inside; even-odd rule, any winding.

    A convex one takes the greatest of its V half-plane distances, which is exact but beyond corners.
    """
    edges = np.roll(points, -1, axis=0) - points
    lengths = np.sqrt((edges * edges).sum(1))
    keep = lengths > 1e-6
    start, edges, lengths = points[keep], edges[keep], lengths[keep]
    if len(start) < 3:
        return np.full(np.broadcast_shapes(column.shape, row.shape), np.inf)
    after = np.roll(edges, -1, axis=0)
    bends = edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0]
    if (bends >= -1e-9).all() or (bends <= 1e-9).all():
        return _convex_distance(start, edges / lengths[:, None] * np.sign(bends.sum() or 1.0), column, row)
    return _any_distance(start, edges, column, row)


def _convex_distance(start, units, column, row):
    distance = None
    for (ax, ay), (ux, uy) in zip(start.tolist(), units.tolist(), strict=True):
        side = (column - ax) * uy - (row - ay) * ux
        distance = side if distance is None else np.maximum(distance, side)
    return distance


def _any_distance(start, edges, column, row):
    inside = np.zeros(np.broadcast_shapes(column.shape, row.shape), bool)
    nearest = np.full(inside.shape, np.inf)
    for (ax, ay), (ex, ey) in zip(start.tolist(), edges.tolist(), strict=True):
        dx, dy = column - ax, row - ay
        t = np.clip((dx * ex + dy * ey) / (ex * ex + ey * ey), 0, 1)
        nearest = np.minimum(nearest, (dx - t * ex) ** 2 + (dy - t * ey) ** 2)
        if ey:
            inside ^= ((dy < 0) != (dy < ey)) & (dx < ex * dy / ey)
    return np.where(inside, -1, 1) * np.sqrt(nearest)


@dataclass
class Layer:
    """A rectangle of the canvas: premultiplied colour (h, w, 3) and coverage (h, w), top left corner (left,
    top)."""

    left: int
    top: int
    color: np.ndarray
    alpha: np.ndarray

    @property
    def window(self):
        """The slices of the canvas that the layer covers."""
        return (
            slice(self.top, self.top + self.alpha.shape[0]),
            slice(self.left, self.left + self.alpha.shape[1]),
        )

    def covered(self, left, top, right, bottom):
        """How many pixels of a rectangle of the canvas the layer covers."""
        rows = slice(max(int(top) - self.top, 0), max(int(bottom) - self.top, 0))
        columns = slice(max(int(left) - self.left, 0), max(int(right) - self.left, 0))
        return float(self.alpha[rows, columns].sum())


@dataclass(frozen=True)
class Light:
    """Direction (right, up, away) towards the lamp, its colour, and the ambient colour, all linear."""

    direction: np.ndarray
    lamp: np.ndarray
    ambient: np.ndarray
    sky: np.ndarray = field(default_factory=lambda: np.ones(3))

    def on(self, nx, ny, nz):
        """Light (..., 3) that a surface with normal (nx, ny, nz) receives; more ambient light comes from
        above."""
        x, y, z = self.direction
        direct = np.maximum(nx * x + ny * y + nz * z, 0)
        above = 0.75 + 0.25 * ny
        if np.ndim(direct) == 0:
            return float(direct) * self.lamp + float(above) * self.ambient
        return direct[..., None] * self.lamp + np.asarray(above)[..., None] * self.ambient


def render(shapes, light, size):
    """Paint `shapes`, the farthest first, into the `Layer` that holds them on a canvas of `size` pixels
    squared.

    Returns None when nothing falls on the canvas.
    """
    boxes = [_clip(shape.bounds(), size) for shape in shapes]
    kept = [(shape, box) for shape, box in zip(shapes, boxes, strict=True) if box != EMPTY]
    if not kept:
        return None
    corners = np.array([box for _, box in kept])
    (left, top), (right, bottom) = corners[:, :2].min(0), corners[:, 2:].max(0)
    layer = Layer(
        int(left), int(top), np.zeros((bottom - top, right - left, 3)), np.zeros((bottom - top, right - left))
    )
    for shape, (x0, y0, x1, y1) in sorted(kept, key=lambda pair: -pair[0].depth):
        alpha, color = shape.paint(np.arange(x0, x1) + 0.5, np.arange(y0, y1)[:, None] + 0.5, light)
        part = (slice(y0 - layer.top, y1 - layer.top), slice(x0 - layer.left, x1 - layer.left))
        rest = 1 - alpha
        layer.color[part] = layer.color[part] * rest[..., None] + alpha[..., None] * color
        layer.alpha[part] = layer.alpha[part] * rest + alpha
    return layer


def _clip(bounds, size):
    """Bounds as whole pixels inside the canvas, or EMPTY."""
    left, top, right, bottom = (int(min(max(float(value), -9.0), size + 9.0) + 10) - 10 for value in bounds)
    left, top, right, bottom = max(0, left), max(0, top), min(size, right + 1), min(size, bottom + 1)
    return (left, top, right, bottom) if left < right and top < bottom else EMPTY
