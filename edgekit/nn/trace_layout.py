"""How `trace` reads what moves or joins activations: flatten, squeeze, transposes, concat, pad, upsample, mean."""

import numpy as np

from edgekit.core.shape_ops import nearest_indices
from edgekit.nn.trace_build import Value, arguments, graph_shape, same_order


def _nothing(builder, fx):
    builder.rename(fx, builder.value(fx, fx.args[0]))


def _reshape(builder, fx):
    """flatten, view, squeeze, unsqueeze: supported where the graph's data stay as they lie, channels last."""
    value, target = builder.value(fx, fx.args[0]), tuple(fx.meta["val"].shape)
    order = _flat_order(value.shape, value.channels_last, value.order)
    layouts = [last for last in (False, True) if _holds(value.shape, target, last, order)]
    if not layouts:
        raise builder.error(
            fx,
            f"reshapes {value.shape} to {target}; only flattening to (batch, features), and axes of length 1 "
            "that come or go, are supported",
        )
    last = value.channels_last if value.channels_last in layouts else layouts[0]
    kept = {"order": order if len(target) == 2 else None, "channels_last": last and len(target) > 2}
    shape = graph_shape(target, kept["channels_last"])
    if shape != value.graph_shape:
        value = Value(builder.add(fx, "reshape", [value.name], shape=shape), target)
    return builder.rename(fx, value, **kept)


def _holds(shape, target, channels_last, order):
    """Whether `target`, so laid out, lies in memory as the features of `shape` in their `order` do."""
    if target[0] != shape[0] or not 2 <= len(target) <= 4:
        return False
    return len(target) == 2 or same_order(order, _flat_order(target, channels_last))


def _flat_order(shape, channels_last, order=None):
    """Which torch feature (C, H, W) each feature (H, W, C) of the graph is; None where they are the same."""
    if len(shape) == 2 or channels_last:
        return order
    places = np.arange(int(np.prod(shape[1:]))).reshape(shape[1:])
    order = np.moveaxis(places, 0, -1).ravel()
    return None if np.array_equal(order, places.ravel()) else order


def _permute(builder, fx):
    """A transpose moves nothing here: the graph's channels are last anyway."""
    value, rank = builder.value(fx, fx.args[0]), len(fx.meta["val"].shape)
    if "transpose" in str(fx.target):
        order = list(range(rank))
        a, b = (dim % rank for dim in fx.args[1:3])
        order[a], order[b] = b, a
    else:
        order = [dim % rank for dim in fx.args[1]]
    to_last, to_second = [0, *range(2, rank), 1], [0, rank - 1, *range(1, rank - 1)]
    if order == list(range(rank)):
        return builder.rename(fx, value)
    if rank < 3 or order != (to_second if value.channels_last else to_last):
        raise builder.error(fx, f"permutes {value.shape} by {order}; only moving the channels to the last axis and "
                                "back is supported")
    return builder.rename(fx, value, channels_last=not value.channels_last)


def _concat(builder, fx):
    values = [builder.value(fx, arg) for arg in fx.args[0]]
    first, (dim,) = values[0], fx.args[1:2] or (0,)
    if any(value.channels_last != first.channels_last for value in values) or dim % len(first.shape) == 0:
        raise builder.error(fx, "joins activations that are laid out differently, or along the batch; transpose first")
    if len(values) == 1:
        return builder.rename(fx, first)
    names = [value.name for value in values]
    return builder.emit(fx, "concat", names, first, _joined_order(values), axis=first.axis(dim))


def _joined_order(values):
    if all(value.order is None for value in values):
        return None
    starts = np.cumsum([0] + [value.shape[1] for value in values[:-1]])
    orders = [np.arange(v.shape[1]) if v.order is None else v.order for v in values]
    return np.concatenate([start + order for start, order in zip(starts, orders, strict=True)])


def _pad(builder, fx):
    mode = fx.args[2] if str(fx.target) == "aten.pad.default" and len(fx.args) > 2 else "constant"
    fill = next((arg for arg in fx.args[2:] if not isinstance(arg, str)), None)
    value = builder.value(fx, fx.args[0], channels_last=False)
    sides = [tuple(fx.args[1][i : i + 2]) for i in range(0, len(fx.args[1]), 2)]  # from the last axis on
    space, others = sides[: len(value.shape) - 2], sides[len(value.shape) - 2 :]
    if mode != "constant" or fill not in (None, 0) or any(map(any, others)) or min(map(min, sides)) < 0:
        raise builder.error(fx, f"pads {value.shape} by {fx.args[1]} ({mode}, {fill}); only zeros around the map are "
                                "supported")
    columns, rows = (*space, (0, 0), (0, 0))[:2]
    builder.emit(fx, "pad", [value.name], value, padding=(rows, columns))


def _upsample(builder, fx):
    value = builder.value(fx, fx.args[0], channels_last=False)
    half_pixel, target = "exact" in str(fx.target), tuple(fx.meta["val"].shape)
    factors = next((arg for arg in fx.args[2:] if arg is not None), None)
    for place, (inputs, outputs) in enumerate(zip(value.shape[2:], target[2:], strict=True)):
        factor = outputs / inputs if factors is None else np.atleast_1d(factors)[place]
        centres = (np.arange(outputs) + (0.5 if half_pixel else 0.0)) / factor
        mine = nearest_indices(inputs, outputs, half_pixel)
        if not np.array_equal(np.minimum(np.floor(centres.astype(np.float32)), inputs - 1), mine):
            raise builder.error(fx, f"enlarges by {factor}, which picks other pixels than the size {target[2:]} does; "
                                    "give the size, or a whole factor")
    size = target[2:] if len(target) == 4 else (1, *target[2:])
    attrs = {"half_pixel": True} if half_pixel else {}
    builder.emit(fx, "resize_nearest", [value.name], value, size=size, **attrs)


def _mean(builder, fx):
    x, dims, keepdims = arguments(fx, ("self", None), ("dim", None), ("keepdim", False))
    value, rank = builder.value(fx, x), len(fx.meta["val"].shape)
    dims = [dims] if isinstance(dims, int) else list(dims or range(len(value.shape)))
    if any(dim % len(value.shape) == 0 for dim in dims):
        raise builder.error(fx, "takes a mean over the batch; name the axes in space")
    axes = sorted(value.axis(dim) for dim in dims)
    if not keepdims and (-1 in axes or rank not in (2, len(value.shape))):
        raise builder.error(fx, f"takes a mean of {value.shape} over axes {dims}, which leaves {rank} axes; "
                                "average over all of space, or keep the axes (keepdim=True)")
    if not keepdims and len(value.graph_shape) == 3:
        axes = [-3, -2]  # a signal's axis of height 1 goes as well
    builder.emit(fx, "mean", [value.name], value, axes=tuple(axes), keepdims=bool(keepdims))


def _softmax(builder, fx):
    value = builder.value(fx, fx.args[0])
    if value.axis(fx.args[1]) != -1:
        raise builder.error(fx, f"is over axis {fx.args[1]} of {value.shape}; only channels are supported")
    builder.emit(fx, "softmax", [value.name], value, value.order)


HANDLERS = {
    "aten.permute.default": _permute,
    "aten.transpose.int": _permute,
    "aten.cat.default": _concat,
    "aten.pad.default": _pad,
    "aten.constant_pad_nd.default": _pad,
    "aten.mean.dim": _mean,
    "aten.softmax.int": _softmax,
    "aten._softmax.default": _softmax,
}
_RESHAPES = ("flatten.using_ints", "view.default", "reshape.default", "squeeze.default", "squeeze.dim", "squeeze.dims")
HANDLERS |= {f"aten.{name}": _reshape for name in (*_RESHAPES, "unsqueeze.default", "unflatten.int")}
HANDLERS |= {
    f"aten.{name}.{overload}": _upsample
    for name in ("upsample_nearest1d", "upsample_nearest2d", "_upsample_nearest_exact1d", "_upsample_nearest_exact2d")
    for overload in ("vec", "default")
}
HANDLERS |= {f"aten.{name}.default": _nothing for name in ("dropout", "dropout_", "feature_dropout", "clone", "alias",
                                                          "contiguous", "detach")}
