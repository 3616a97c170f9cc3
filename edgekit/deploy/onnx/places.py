"""Pools, means, and operators that move numbers."""

from dataclasses import replace

import numpy as np

from edgekit.deploy.onnx.attributes import attributes, geometry
from edgekit.deploy.onnx.read import Constant, View, same, to_array


def pool(op):
    def handler(reader, node):
        view = reader.view(node, 0, ("first",))
        grid = None
        if node.domain:
            reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
            grid = reader.grid(node, 3, 4)
        kernel = tuple(int(n) for n in attributes(reader, node)["kernel_shape"])
        kernel = (1, *kernel) if len(kernel) == 1 else kernel
        where, dilation = geometry(reader, node, view, kernel)
        counted = attributes(reader, node).get("count_include_pad") and np.any(where["padding"])
        if dilation != (1, 1) or (op == "avg_pool2d" and counted):
            reader.fail(node, "with dilation, or counting its padding, is not supported")
        reader.emit(node, op, [view.tensor], view, grid, kernel=kernel, **where)

    return handler


def global_pool(reader, node):
    view = reader.view(node, 0, ("first",))
    grid = None
    if node.domain:
        reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
        grid = reader.grid(node, 3, 4)
    size = reader.tensors[view.tensor].shape[:2]
    reader.emit(node, "avg_pool2d", [view.tensor], view, grid, kernel=size, stride=size, padding=((0, 0), (0, 0)))


def reduce_mean(reader, node):
    view, given = reader.view(node, 0), attributes(reader, node)
    rank = len(reader.tensors[view.tensor].shape)
    axes = reader.array(node, 1, given.get("axes"))
    if axes is None:
        reader.fail(node, "without axes would average over the batch; name the axes")
    axes = {graph_axis(reader, node, int(axis), view, rank) for axis in np.asarray(axes).reshape(-1)}
    axes |= {-3} if reader.signal and -2 in axes and rank == 3 else set()
    keepdims = bool(given.get("keepdims", 1))
    if not keepdims and rank == 3 and not {-3, -2} <= axes:
        reader.fail(node, "without keepdims over part of the axes in space is not supported; keep the dimensions")
    reader.emit(node, "mean", [view.tensor], view, axes=tuple(sorted(axes)), keepdims=keepdims)


def graph_axis(reader, node, axis, view, rank):
    """An ONNX axis, batch counted, as a negative axis of the graph's tensor."""
    signal = reader.signal and view.layout == "first" and rank == 3
    total = 3 if signal else rank + 1
    axis = axis + total if axis < 0 else axis
    if not 1 <= axis < total:
        reader.fail(node, f"works along axis {axis} of an activation with {total} axes, the batch counted")
    if signal:
        return {1: -1, 2: -2}[axis]
    if view.layout == "first" and rank == 3:
        return {1: -1, 2: -3, 3: -2}[axis]
    return axis - rank - 1


def concat(reader, node):
    views = [reader.view(node, place) for place in range(len(node.input))]
    _concat(reader, node, views, None)


def qlinear_concat(reader, node):
    grid, views = reader.grid(node, 0, 1), []
    for place in range(2, len(node.input), 3):
        views.append(reader.view(node, place))
        reader.set_grid(node, views[-1].tensor, reader.grid(node, place + 1, place + 2))
    _concat(reader, node, views, grid)


def _concat(reader, node, views, grid):
    if len({(view.layout, view.order) for view in views}) != 1 or views[0].order is not None:
        reader.fail(node, "joins activations laid out differently")
    rank = len(reader.tensors[views[0].tensor].shape)
    axis = graph_axis(reader, node, int(attributes(reader, node)["axis"]), views[0], rank)
    grids = [reader.tensors[view.tensor].qparams for view in views]
    if grid is None and grids[0] is not None and not any(view.real for view in views):
        if not all(other is not None and same(grids[0], other) for other in grids):
            reader.fail(node, "joins codes of different grids")
        grid = grids[0]
    reader.emit(node, "concat", [view.tensor for view in views], views[0], grid, axis=axis)


def pad(reader, node):
    view, given = reader.view(node, 0, ("first", "last")), attributes(reader, node)
    pads = [int(n) for n in np.asarray(reader.array(node, 1, given.get("pads"))).reshape(-1)]
    first = view.layout == "first"
    low, high = pads[: len(pads) // 2], pads[len(pads) // 2 :]
    rows, columns, channels = (2, 3, 1) if first else (1, 2, 3)
    mode = given.get("mode", "constant")
    if mode != "constant" or len(pads) != 8 or any((low[0], high[0], low[channels], high[channels])):
        reader.fail(node, f"pads {pads} in mode {mode!r}; constant padding in space is supported")
    q = None if view.real else reader.tensors[view.tensor].qparams
    filled = np.asarray(reader.array(node, 2, 0 if q is None else -129)).item()
    if filled != (0 if q is None else int(q.zero_point)):
        reader.fail(node, f"fills with {filled}; only real zero is supported")
    padding = ((low[rows], high[rows]), (low[columns], high[columns]))
    reader.emit(node, "pad", [view.tensor], view, padding=padding)


def resize(reader, node):
    view, given = reader.view(node, 0, ("first",)), attributes(reader, node)
    if reader.signal or given.get("axes") not in (None, [2, 3], [-2, -1]):
        reader.fail(node, f"of a signal, or along axes {given.get('axes')}, is not supported; resize height and width")
    size = reader.tensors[view.tensor].shape[:2]
    target = _target(reader, node, size, bool(given.get("axes")))
    way = given.get("coordinate_transformation_mode", "half_pixel")
    rounding = given.get("nearest_mode", "round_prefer_floor")
    factors = [new // old if new % old == 0 else 0 for new, old in zip(target, size, strict=True)]
    exact = (way, rounding) == ("asymmetric", "floor")
    exact |= min(factors) > 0 and way == "half_pixel" and rounding.startswith("round_prefer")
    exact |= min(factors) > 0 and max(factors) <= 2 and (way, rounding) == ("asymmetric", "round_prefer_floor")
    if given.get("mode", "nearest") != "nearest" or not exact:
        reader.fail(node, f"resizes {size} to {target}, {way}, {rounding}; nearest, asymmetric and floor are supported")
    reader.emit(node, "resize_nearest", [view.tensor], view, size=target)


def _target(reader, node, size, space_alone):
    """(height, width) that the operator asks for; batch and channels must stay."""
    scales, sizes = reader.array(node, 2), reader.array(node, 3)
    if sizes is not None and sizes.size:
        wanted = [int(n) for n in sizes.reshape(-1)]
        kept = wanted[1:-2] in ([], [reader.tensors[reader.value(node, 0).tensor].shape[2]])
    else:
        ratios = np.asarray([] if scales is None else scales, float).reshape(-1)
        wanted = [round(n * s) for n, s in zip(size, ratios[-2:], strict=False)]
        kept = (ratios[:-2] == 1).all() and np.allclose(np.divide(wanted, size), ratios[-2:], rtol=1e-6)
        wanted = [0] * (len(ratios) - 2) + wanted
    if not kept or len(wanted) != (2 if space_alone else 4) or min(wanted[-2:]) < 1:
        reader.fail(node, "needs constant sizes, or scales that give whole sizes, of height and width alone")
    return tuple(wanted[-2:])


def reshape(reader, node):
    view = reader.view(node, 0)
    wanted = [int(n) for n in np.asarray(reader.array(node, 1)).reshape(-1)]
    shape = reader.tensors[view.tensor].shape
    total = int(np.prod(shape))
    if len(wanted) == 2 and wanted[1] in (-1, total):
        return _flatten(reader, node, view)
    if len(wanted) == 4 and view.layout == "flat" and view.order is None:
        rest = -int(np.prod(wanted[1:]))
        sizes = tuple(total // rest if n == -1 and rest > 0 else n for n in wanted[1:])
        return reader.emit(node, "reshape", [view.tensor], View("", "last"), shape=sizes)
    return reader.fail(node, f"reshapes {shape} to {wanted}; flattening, and (N, F) to (N, H, W, C), are supported")


def flatten(reader, node):
    if attributes(reader, node).get("axis", 1) != 1:
        reader.fail(node, "flattens along another axis than 1")
    _flatten(reader, node, reader.view(node, 0))


def _flatten(reader, node, view):
    shape = reader.tensors[view.tensor].shape
    if len(shape) == 1:
        reader.values[node.output[0]] = view
        return
    moved = view.layout == "first" and shape[0] * shape[1] > 1 and shape[2] > 1
    reader.emit(node, "reshape", [view.tensor], view, shape=(int(np.prod(shape)),))
    reader.values[node.output[0]] = View(node.output[0], "flat", (shape[2], *shape[:2]) if moved else None)


def transpose(reader, node):
    view, perm = reader.view(node, 0, ("first", "last")), list(attributes(reader, node).get("perm", []))
    turned = {("first", (0, 2, 3, 1)): "last", ("last", (0, 3, 1, 2)): "first"}.get((view.layout, tuple(perm)))
    if turned is None:
        reader.fail(node, f"turns axes by {perm}; NCHW to NHWC and back are supported")
    reader.values[node.output[0]] = replace(view, layout=turned)


def squeeze(reader, node):
    """Places that hold one number each fall away."""
    view = reader.view(node, 0, ("first", "last"))
    shape = reader.tensors[view.tensor].shape
    axes = reader.array(node, 1, attributes(reader, node).get("axes"))
    if shape[:2] != (1, 1) or axes is None or len(np.asarray(axes).reshape(-1)) != 2:
        reader.fail(node, f"squeezes {shape}; only the two axes in space of (N, C, 1, 1) are supported")
    _flatten(reader, node, view)


def identity(reader, node):
    reader.values[node.output[0]] = reader.value(node, 0)


def constant(reader, node):
    tensors = [a.t for a in node.attribute if a.name == "value"]
    if len(tensors) != 1:
        reader.fail(node, "without a tensor as its value is not supported")
    reader.values[node.output[0]] = Constant(node.output[0], to_array(tensors[0], reader.name))
