"""Operators that work element by element."""

from dataclasses import replace

import numpy as np

from edgekit.deploy.onnx.attributes import attributes
from edgekit.deploy.onnx.places import graph_axis
from edgekit.deploy.onnx.read import Constant, View


def plain(op, *needed):
    """An operator with one activation and fixed attributes: `needed` are (name, value, default)."""

    def handler(reader, node):
        given = attributes(reader, node)
        for key, value, default in needed:
            if not np.isclose(given.get(key, default), value):
                reader.fail(node, f"has {key} {given.get(key, default)}; only {value:.4g} is supported")
        view = reader.view(node, 0)
        reader.emit(node, op, [view.tensor], view)

    return handler


def qlinear_unary(op):
    def handler(reader, node):
        view = reader.view(node, 0)
        reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
        reader.emit(node, op, [view.tensor], view, reader.grid(node, 3, 4))

    return handler


def softmax(reader, node):
    view, given = reader.view(node, 0), attributes(reader, node)
    rank = len(reader.tensors[view.tensor].shape)
    opset = given.get("opset", reader.opset) if node.domain else reader.opset
    axis = given.get("axis", -1 if opset > 12 or node.domain else 1)
    if opset < 13 and rank > 1:
        reader.fail(node, "of an operator set before 13 flattens a map; only (N, F) is supported")
    if graph_axis(reader, node, axis, view, rank) != -1:
        reader.fail(node, f"runs along axis {axis}; the one of the channels is supported")
    grid = None
    if node.domain:
        reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
        grid = reader.grid(node, 3, 4)
    reader.emit(node, "softmax", [view.tensor], view, grid)


def clip(reader, node):
    view = reader.view(node, 0)
    given = attributes(reader, node)
    low, high = (reader.array(node, place, given.get(key)) for place, key in ((1, "min"), (2, "max")))
    low, high = (None if end is None else np.asarray(end).item() for end in (low, high))
    q = None if view.real else reader.tensors[view.tensor].qparams
    if q is not None:
        six = int(q.zero_point) + int(np.rint(6.0 / q.scale))
        low = 0.0 if low == max(int(q.zero_point), q.qmin) else low
        high = 6.0 if high == min(q.qmax, six) else None if high in (None, q.qmax) else high
    if low != 0 or high not in (None, 6):
        reader.fail(node, f"clips to {low} and {high}; only what ReLU and ReLU6 do is supported")
    reader.emit(node, "relu" if high is None else "relu6", [view.tensor], view)


def relu(reader, node):
    view = reader.view(node, 0)
    reader.emit(node, "relu", [view.tensor], view)


def pairwise(op):
    """Add or Mul of two activations; a constant added to a dense layer without a bias is its bias."""

    def handler(reader, node):
        values = reader.value(node, 0), reader.value(node, 1)
        if op == "add" and any(isinstance(value, Constant) for value in values):
            return _late_bias(reader, node, *sorted(values, key=lambda value: isinstance(value, Constant)))
        a, b = reader.view(node, 0), reader.view(node, 1)
        return _pair(reader, node, op, a, b)

    return handler


def qlinear_pairwise(op):
    def handler(reader, node):
        a, b = reader.view(node, 0), reader.view(node, 3)
        reader.set_grid(node, a.tensor, reader.grid(node, 1, 2))
        reader.set_grid(node, b.tensor, reader.grid(node, 4, 5))
        _pair(reader, node, op, a, b, reader.grid(node, 6, 7))

    return handler


def _pair(reader, node, op, a, b, grid=None):
    if a.layout != b.layout or a.order != b.order:
        reader.fail(node, f"joins activations laid out differently ({a.layout} and {b.layout})")
    reader.emit(node, op, [a.tensor, b.tensor], a, grid)


def _late_bias(reader, node, view, constant):
    layer = reader.nodes[-1] if reader.nodes else None
    plain_bias = isinstance(view, View) and isinstance(constant, Constant) and constant.qparams is None
    if plain_bias and reader.uses[node.input[0] if reader.values.get(node.input[0]) is view else node.input[1]] != 1:
        reader.fail(node, "adds a constant to a dense layer that something else reads too")
    if not plain_bias or layer is None or (layer.output, layer.op, len(layer.inputs)) != (view.tensor, "dense", 2):
        reader.fail(node, "adds a constant; that is supported as the bias of a dense layer right before")
    weight = reader.tensors[layer.inputs[1]]
    if constant.array.reshape(-1).shape != weight.shape[:1]:
        reader.fail(node, f"adds {constant.array.size} numbers to {weight.shape[0]} outputs")
    bias = reader.keep(constant.name, constant.array.reshape(-1))
    reader.nodes[-1] = replace(layer, inputs=(*layer.inputs, bias))
    reader.values[node.output[0]] = view
