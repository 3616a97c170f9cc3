"""ONNX operators that turn, drop, add or pick axes of activations over time.

Between a signal and a GRU or LSTM stand transposes and squeezes, behind it often a pick of the last step.
"""

import numpy as np

from edgekit.deploy.onnx import elements, places
from edgekit.deploy.onnx.attributes import attributes
from edgekit.deploy.onnx.first_state import constant_of_shape, refused, shape, sizes_or, zeros_or
from edgekit.deploy.onnx.read import View
from edgekit.deploy.onnx.steps import STACK, STANDARD, axes_of, axis_list, flat, see, sizes_of

#: axes that a reshape may give an activation over time
SHAPES = ("NTC", "N1TC", "NT1C", "NCT", "NC1T", "NC", "N1C", "NC1")


def transpose(reader, node):
    """Any order of axes."""
    view = reader.value(node, 0)
    axes, perm = axes_of(reader, view), list(attributes(reader, node).get("perm", []))
    if axes is None or sorted(perm) != list(range(len(axes))):
        return places.transpose(reader, node)
    return see(reader, node.output[0], view.tensor, "".join(axes[place] for place in perm))


def squeeze(reader, node):
    """Axes of length 1 fall away."""
    view = reader.value(node, 0)
    axes, asked = axes_of(reader, view), reader.array(node, 1, attributes(reader, node).get("axes"))
    if axes is None:
        return places.squeeze(reader, node)
    ones = [place for place, axis in enumerate(axes) if axis == "1"]
    gone = ones if asked is None else axis_list(reader, node, asked, len(axes))
    if not set(gone) <= set(ones):
        return places.squeeze(reader, node)
    return see(reader, node.output[0], view.tensor, "".join(a for i, a in enumerate(axes) if i not in gone))


def unsqueeze(reader, node):
    """Axes of length 1 come in."""
    view = reader.value(node, 0)
    axes, asked = axes_of(reader, view), reader.array(node, 1, attributes(reader, node).get("axes", []))
    if axes is None:
        return reader.fail(node, "adds axes to what is no activation over time, which is not supported")
    count = len(axes) + np.asarray(asked).size
    new, old = axis_list(reader, node, asked, count), iter(axes)
    if len(new) + len(axes) != count:
        return reader.fail(node, f"adds one axis twice: {new}")
    return see(reader, node.output[0], view.tensor, "".join("1" if i in new else next(old) for i in range(count)))


def reshape(reader, node):
    """Axes of length 1 that come or go; else what the reader's own layouts know."""
    view = reader.value(node, 0)
    axes = axes_of(reader, view)
    if axes is None or view.layout == "flat" or axes[0] != "N":
        return places.reshape(reader, node)
    batch, *wanted = [int(n) for n in np.asarray(reader.array(node, 1)).reshape(-1)[:10]] or [1]
    given = sizes_of(reader, view.tensor, axes)
    wanted = [given[place] if n == 0 and place < len(given) else n for place, n in enumerate(wanted)]
    for layout in SHAPES:
        sizes = sizes_of(reader, view.tensor, layout)
        open_ = wanted.count(-1) if batch == 0 else 2 * wanted.count(-1)
        alike = len(sizes) == len(wanted) and all(n in (size, -1) for n, size in zip(wanted, sizes, strict=True))
        in_order = layout.replace("1", "") == axes.replace("1", "") or 1 in sizes_of(reader, view.tensor, "TC")
        if in_order and len(layout.replace("1", "")) == len(axes.replace("1", "")) and alike and open_ < 2:
            return see(reader, node.output[0], view.tensor, layout)
    return flat(places.reshape)(reader, node)


def gather(reader, node):
    """The last step of a GRU or LSTM, the one entry of an axis of length 1, one of the states of several layers."""
    index = np.asarray(reader.array(node, 1))
    if index.size != 1 or index.ndim > 1:
        return reader.fail(node, f"picks {index.size} entries, which is not supported; pick one")
    axis = int(attributes(reader, node).get("axis", 0))

    def chosen(size):
        return [index.item() % size] if -size <= index.item() < size else []

    return _pick(reader, node, axis, chosen, "1" * index.ndim)


def slice_(reader, node):
    """The last step of a GRU or LSTM as a slice of one."""
    start, end, axis, step = (np.asarray(reader.array(node, place, [1])).reshape(-1) for place in range(1, 5))
    if len(node.input) < 4 or (start.size, end.size, axis.size, step.tolist()) != (1, 1, 1, [1]):
        return reader.fail(node, "slices along several axes, or in steps; one entry of one axis is supported")

    def chosen(size):
        return range(size)[start.item():end.item()]

    return _pick(reader, node, int(axis.item()), chosen, "1")


def _pick(reader, node, axis, chosen, left):
    """The one entry along `axis` that is `chosen` of its size; `left` is what remains of the axis: "1" or nothing."""
    view = reader.any_view(node, 0)
    if view.layout == STACK and axis == 0 and len(chosen(len(view.order))) == 1:
        return see(reader, node.output[0], view.order[chosen(len(view.order))[0]], f"{left}NC")
    axes = axes_of(reader, view)
    if axes is None:
        return reader.fail(node, "picks from what is no activation over time, which is not supported")
    (axis,) = axis_list(reader, node, [axis], len(axes))
    size, tensor = {"1": 1, "T": sizes_of(reader, view.tensor, "T")[0]}.get(axes[axis], 1), view.tensor
    if axes[axis] in "NC" or list(chosen(size)) != [size - 1]:
        return reader.fail(node, f"picks along axis {axes[axis]} of {axes} (N batch, T steps, C channels); the last "
                           "step of a GRU or LSTM is supported")
    if axes[axis] == "T":
        tensor = reader.last_of(node, tensor)
    return see(reader, node.output[0], tensor, axes[:axis] + left + axes[axis + 1:])


def concat(reader, node):
    """The last states of several layers, one after the other; else what the reader's own layouts know."""
    values = [reader.value(node, place) for place in range(len(node.input))]
    if any(axes_of(reader, value) != "1NC" for value in values) or attributes(reader, node).get("axis") != 0:
        return places.concat(reader, node)
    names = tuple(value.tensor for value in values)
    reader.values[node.output[0]] = View(names[-1], STACK, names)
    return None


def reduce_mean(reader, node):
    """The mean over the steps; else what the reader's own layouts know."""
    view, given = reader.value(node, 0), attributes(reader, node)
    axes, asked = axes_of(reader, view), reader.array(node, 1, given.get("axes"))
    if axes is None or view.layout in STANDARD or asked is None:
        return places.reduce_mean(reader, node)
    asked, keep = axis_list(reader, node, asked, len(axes)), bool(given.get("keepdims", 1))
    if {axes[place] for place in asked} not in ({"T"}, {"T", "1"}):
        return reader.fail(node, f"averages {axes} over axes {asked}; the mean over the steps T is supported")
    over = (-2,) if keep else (-3, -2)
    reader.emit(node, "mean", [view.tensor], View("", "last"), axes=over, keepdims=keep)
    left = "".join(axis for place, axis in enumerate(axes) if keep or place not in asked)
    return see(reader, node.output[0], node.output[0], left)


def softmax(reader, node):
    """Softmax over the channels."""
    view = reader.value(node, 0)
    axes = axes_of(reader, view)
    if axes is None or view.layout in STANDARD:
        return elements.softmax(reader, node)
    (place,) = axis_list(reader, node, [attributes(reader, node).get("axis", -1)], len(axes))
    if reader.opset < 13 or axes[place] != "C":
        return reader.fail(node, f"runs along axis {axes[place]} of {axes}; the one of the channels C is supported")
    reader.emit(node, "softmax", [view.tensor], View("", "last"))
    return see(reader, node.output[0], node.output[0], axes)


MOVES = {
    "Transpose": transpose,
    "Squeeze": sizes_or(squeeze),
    "Unsqueeze": sizes_or(unsqueeze),
    "Reshape": sizes_or(reshape),
    "Gather": sizes_or(gather),
    "Slice": sizes_or(zeros_or(slice_)),
    "Concat": sizes_or(concat),
    "ReduceMean": reduce_mean,
    "Softmax": softmax,
    "Flatten": flat(places.flatten),
    "Shape": shape,
    "Cast": sizes_or(refused),
    "ConstantOfShape": constant_of_shape,
    "Expand": zeros_or(refused),
}
