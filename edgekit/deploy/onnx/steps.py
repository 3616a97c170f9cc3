"""Activations over time as an ONNX file sees them: axes in any order, with axes of length 1 between them.

    axes_of(reader, view) -> "TNC"              see(reader, name, tensor, axes)

N is the batch, T the steps, C the channels, 1 an axis of length 1. In the graph such an activation is (1, T, C), or
(C,) without steps. Axes that one of the reader's own layouts means are kept as that layout; any others are a layout
of their own, which operators that do not know it refuse.
"""

import numpy as np

from edgekit.deploy.onnx.read import View

STANDARD = ("first", "last", "flat")
#: what is no activation, or none that can be computed with: the dims of one, states of several layers, cells
SIZES, STACK, CELLS = "sizes of an activation", "states of several layers", "cells of an LSTM"
MAX_AXES = 8


def axes_of(reader, view):
    """The axes that the file sees of an activation of real numbers over time, None where they are no such axes."""
    if not isinstance(view, View) or view.real or view.layout in (SIZES, STACK, CELLS):
        return None
    tensor = reader.tensors[view.tensor]
    if view.layout not in STANDARD or tensor.qparams is not None:
        return view.layout if tensor.qparams is None else None
    if view.layout == "flat":
        return "NC" if view.order is None and len(tensor.shape) == 1 else None
    if len(tensor.shape) != 3 or tensor.shape[0] != 1:
        return None
    return "N1TC" if view.layout == "last" else "NCT" if reader.signal else "NC1T"


def see(reader, name, tensor, axes):
    """Let the name `name` of the file be the graph's `tensor`, seen with `axes`.

    A file keeps channels first in three axes or in four. Where its input does not say which, as (N, T, C), the first
    activation with its channels first does.
    """
    if reader.signal is None and axes in ("NCT", "NC1T"):
        reader.signal = axes == "NCT"
    known = {"N1TC": "last", "NCT" if reader.signal else "NC1T": "first"}
    if len(reader.tensors[tensor].shape) == 1:
        known = {"NC": "flat"}
    reader.values[name] = View(tensor, known.get(axes, axes))


def sizes_of(reader, tensor, axes):
    """The lengths of `axes` without the batch, in their order."""
    shape = reader.tensors[tensor].shape
    lengths = {"1": 1, "C": shape[-1], "T": shape[-2] if len(shape) == 3 else 1}
    return [lengths[axis] for axis in axes if axis != "N"]


def axis_list(reader, node, values, count):
    """The axes in `values` counted from 0 among `count`; raise ValueError for others."""
    axes = [int(axis) for axis in np.asarray(values).reshape(-1)[: MAX_AXES + 1]]
    if count > MAX_AXES or len(axes) > MAX_AXES or any(not -count <= axis < count for axis in axes):
        reader.fail(node, f"names the axes {axes} of {count}; at most {MAX_AXES} are supported")
    return sorted({axis % count for axis in axes})


def along(handler, channels_last=False):
    """A standard `handler` that takes no notice of the order of axes, also where they are others than its own.

    channels_last: with a constant it works along the last axis, which must be that of the channels.
    """

    def read(reader, node):
        values = {name: reader.values[name] for name in node.input if name in reader.values}
        views = {name: value for name, value in values.items() if isinstance(value, View)}
        axes = {axes_of(reader, view) for view in views.values()}
        if all(view.layout in (*STANDARD, SIZES, STACK, CELLS) for view in views.values()):
            return handler(reader, node)
        product = channels_last and len(views) < len(values)
        if len(axes) > 1 or (product and not min(axes).endswith("C")):
            reader.fail(node, f"takes activations with the axes {', '.join(map(str, axes))} (N batch, T steps, C "
                        "channels); they must be alike, and the channels last beside a constant")
        for name, view in views.items():
            is_flat = len(reader.tensors[view.tensor].shape) == 1
            reader.values[name] = View(view.tensor, "flat" if is_flat else "last")
        handler(reader, node)
        reader.values.update(views)
        return see(reader, node.output[0], reader.values[node.output[0]].tensor, min(axes))

    return read


def flat(handler):
    """A handler that flattens, also for an activation over time whose axes lie in another order than its own."""

    def read(reader, node):
        view = reader.value(node, 0)
        axes = axes_of(reader, view)
        if axes is None or view.layout in STANDARD or axes[0] != "N":
            return handler(reader, node)
        order = axes.replace("1", "")
        reader.values[node.input[0]] = View(view.tensor, {"NTC": "last", "NCT": "first", "NC": "flat"}[order])
        handler(reader, node)
        reader.values[node.input[0]] = view
        return None

    return read
