"""Quantize, dequantize, and the layers that hold weights."""

from dataclasses import replace

import numpy as np

from edgekit.core.affine import QParams
from edgekit.deploy.onnx.attributes import attributes, geometry
from edgekit.deploy.onnx.read import Constant, View, same


def quantize_linear(reader, node):
    value = reader.value(node, 0)
    if isinstance(value, Constant):
        reader.fail(node, "quantizes a constant; store its codes instead")
    grid = reader.grid(node, 1, 2)
    known = reader.tensors[value.tensor].qparams
    if value.tensor in reader.real_inputs or (known is not None and not same(known, grid)):
        reader.emit(node, "quantize", [value.tensor], value, grid)
        return
    reader.set_grid(node, value.tensor, grid)
    reader.values[node.output[0]] = replace(value, real=False)


def dequantize_linear(reader, node):
    value = reader.value(node, 0)
    if isinstance(value, View):
        reader.set_grid(node, value.tensor, reader.grid(node, 1, 2))
        reader.values[node.output[0]] = replace(value, real=True)
        return
    scale = np.asarray(reader.array(node, 1))
    if np.any(reader.array(node, 2, np.zeros(1))):
        reader.fail(node, "gives a constant a zero point; weights must be symmetric")
    axis = attributes(reader, node).get("axis", 1) if scale.ndim and scale.size > 1 else None
    grid = weight_grid(reader, node, scale, value.array, axis)
    reader.values[node.output[0]] = Constant(value.name, value.array, grid)


def weight_grid(reader, node, scale, codes, axis):
    """The grid of constant codes: one scale, or one per slice along `axis`."""
    if codes.dtype not in (np.int8, np.int32):
        reader.fail(node, f"has constant codes of type {codes.dtype}; int8 weights and int32 biases are supported")
    if axis is None or scale.size == 1:
        return QParams(scale.reshape(()).item(), 0, narrow=bool(codes.min() > -128))
    if scale.shape != (codes.shape[axis],):
        reader.fail(node, f"has {scale.size} scales for {codes.shape[axis]} channels")
    return QParams(scale, np.zeros(scale.shape, int), axis=int(axis), narrow=bool(codes.min() > -128))


def conv(reader, node):
    view, weight, bias = reader.view(node, 0, ("first",)), reader.value(node, 1), reader.value(node, 2)
    _conv(reader, node, view, weight, bias)


def qlinear_conv(reader, node):
    view = reader.view(node, 0, ("first",))
    reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
    weight = _coded(reader, node, 3, 4, 5, 0)
    _conv(reader, node, view, weight, reader.value(node, 8), reader.grid(node, 6, 7))


def _coded(reader, node, codes, scale, zero_point, axis):
    """The constant weight of a QLinear operator with its grid."""
    array, scale = reader.array(node, codes), np.asarray(reader.array(node, scale))
    if array is None or np.any(reader.array(node, zero_point)):
        reader.fail(node, "needs constant weights with zero point 0")
    return Constant(node.input[codes], array, weight_grid(reader, node, scale, array, axis))


def _conv(reader, node, view, weight, bias, grid=None):
    if not isinstance(weight, Constant) or weight.array.ndim not in (3, 4):
        reader.fail(node, "needs constant weights (O, I, H, W) or (O, I, L)")
    codes = np.moveaxis(weight.array, 1, -1)
    codes = codes if codes.ndim == 4 else codes[:, None]
    where, dilation = geometry(reader, node, view, codes.shape[1:3])
    inputs = [view.tensor, *_layer_constants(reader, node, view, Constant(weight.name, codes, weight.qparams), bias)]
    groups = int(attributes(reader, node).get("group", 1))
    reader.emit(node, "conv2d", inputs, View("", "first"), grid, **where, dilation=dilation, groups=groups)


def _layer_constants(reader, node, view, weight, bias):
    """Names of the weight and bias of a layer; in an integer graph the bias lies at scale_x * scale_w."""
    x = reader.tensors[view.tensor].qparams
    if (x is None) != (weight.qparams is None):
        reader.fail(node, "mixes float32 and integers: activation and weights must both be quantized, or neither")
    if weight.qparams is not None and weight.array.dtype != np.int8:
        reader.fail(node, f"has weights of type {weight.array.dtype}; int8 is supported")
    names = [reader.keep(weight.name, weight.array, weight.qparams)]
    if bias is None and x is None:
        return names
    if bias is None:
        return [*names, reader.keep(f"{weight.name}.zero_bias", np.zeros(len(weight.array), np.int32))]
    if not isinstance(bias, Constant) or bias.array.shape != (len(weight.array),):
        reader.fail(node, "needs a constant bias with one number per output channel")
    wanted = np.int32 if x is not None else np.float32
    if bias.array.dtype != wanted:
        reader.fail(node, f"has a bias of type {bias.array.dtype}, needs {np.dtype(wanted)}")
    if bias.qparams is not None and not np.allclose(bias.qparams.scale, x.scale * weight.qparams.scale, rtol=1e-5):
        reader.fail(node, "has a bias whose scale is not the product of those of activation and weights")
    return [*names, reader.keep(bias.name, bias.array)]


def gemm(reader, node):
    given = attributes(reader, node)
    if given.get("transA") or given.get("alpha", 1.0) != 1.0 or given.get("beta", 1.0) != 1.0:
        reader.fail(node, "with transA, alpha or beta is not supported")
    weight = reader.value(node, 1)
    _dense(reader, node, reader.view(node, 0), weight, reader.value(node, 2), bool(given.get("transB")))


def matmul(reader, node):
    _dense(reader, node, reader.view(node, 0, ("flat", "last")), reader.value(node, 1), None, False)


def qlinear_matmul(reader, node):
    view = reader.view(node, 0, ("flat", "last"))
    reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
    _dense(reader, node, view, _coded(reader, node, 3, 4, 5, 1), None, False, reader.grid(node, 6, 7))


def qgemm(reader, node):
    view, transposed = reader.view(node, 0, ("flat",)), bool(attributes(reader, node).get("transB"))
    reader.set_grid(node, view.tensor, reader.grid(node, 1, 2))
    weight = _coded(reader, node, 3, 4, 5, 0 if transposed else 1)
    _dense(reader, node, view, weight, reader.value(node, 6), transposed, reader.grid(node, 7, 8))


def _dense(reader, node, view, weight, bias, transposed, grid=None):
    if not isinstance(weight, Constant) or weight.array.ndim != 2:
        reader.fail(node, "needs a constant matrix of weights")
    codes, q = (weight.array if transposed else weight.array.T), weight.qparams
    if q is not None and q.axis is not None:
        if q.axis != (0 if transposed else 1):
            reader.fail(node, f"has scales along axis {q.axis} of its weights; one per output is supported")
        q = replace(q, axis=0)
    if view.order is not None:
        codes = columns_last(reader, node, codes, view.order)
    inputs = [view.tensor, *_layer_constants(reader, node, view, Constant(weight.name, codes, q), bias)]
    reader.emit(node, "dense", inputs, replace(view, order=None), grid)


def columns_last(reader, node, codes, order):
    """Columns in the order (C, H, W) -> the graph's order (H, W, C)."""
    if codes.shape[1] != np.prod(order):
        reader.fail(node, f"takes {codes.shape[1]} numbers, its input has {np.prod(order)}")
    return codes.reshape(-1, *order).transpose(0, 2, 3, 1).reshape(codes.shape)


def batch_norm(reader, node):
    view = reader.view(node, 0, ("first", "flat"))
    arrays = [np.asarray(reader.array(node, i), np.float32) for i in range(1, 5)]
    if view.order is not None:
        if any(array.size != np.prod(view.order) for array in arrays):
            reader.fail(node, f"has parameters of {[array.size for array in arrays]}, its input {np.prod(view.order)}")
        arrays = [array.reshape(view.order).transpose(1, 2, 0).reshape(-1) for array in arrays]
    constants = [reader.keep(node.input[i], array) for i, array in enumerate(arrays, 1)]
    eps = float(attributes(reader, node).get("epsilon", 1e-5))
    reader.emit(node, "batch_norm", [view.tensor, *constants], view, eps=eps)
