"""An LSTM node as LiteRT's UNIDIRECTIONAL_SEQUENCE_LSTM: four gates apart, states as variables, 8 bits by 16 or float.

    RESHAPE (1, T, C) -> (T, C)      the LSTM      RESHAPE back, or GATHER of the last step

LiteRT keeps the state from one run to the next: reset the variables before each sequence. Their batch is one.
Source: LiteRT, kernels/unidirectional_sequence_lstm.cc (the order of the tensors).
"""

import numpy as np

from edgekit.core.integer.recurrent import GATE_SCALE
from edgekit.deploy.litert_file import shape_of
from edgekit.deploy.litert_writer import FileOperator, FileTensor

GATES = ("input", "forget", "cell", "output")
#: the scale of the cell, Q4.11
CELL_SCALE = 2.0**-11


def write_lstm(file, node):
    """Write `node` into `file`. Raises ValueError where weights or biases are not as LiteRT holds them."""
    x, *constants = file.graph.inputs_of(node)
    y, (_, steps, channels), size = file.graph.tensors[node.output], x.shape, constants[1].shape[1]
    inner = _like(file, f"{node.output}#steps", (steps, channels), x)
    file.operators.append(FileOperator("RESHAPE", (file.activation(x.name), shape_of(file, inner, (steps, channels))),
                                       (inner,)))
    states = _like(file, f"{node.output}#states", (steps, size), y)
    weights, biases = _weights(file, node, constants[:2]), _biases(file, node, x, constants)
    inputs = (inner, *weights, *[None] * 3, *biases, None, None, *_variables(file, node, y, size), *[None] * 4)
    options = {"fused_activation_function": "TANH", "time_major": False}
    file.operators.append(FileOperator("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, (states,), options,
                                       _intermediates(file, node, y)))
    if node.attrs["return_sequence"]:
        file.emit("RESHAPE", [states, shape_of(file, y.name, y.shape)], y.name)
    else:
        last = file.constant(f"{y.name}#last", np.array(steps - 1, np.int32))
        file.emit("GATHER", [states, last], y.name, axis=1)


def _like(file, name, shape, tensor):
    """A new activation of the type and grid of `tensor`."""
    return file.hold(file.fresh(name), shape, tensor.dtype, tensor.qparams)


def _weights(file, node, matrices):
    """The eight matrices, those of the input first."""
    names = []
    for tensor in matrices:
        scales = [None] * 4 if tensor.qparams is None else _scale_of_gates(tensor)
        for gate, part, scale in zip(GATES, np.split(tensor.data, 4), scales, strict=True):
            names.append(_enter(file, f"{node.output}#{tensor.name}.{gate}", part, scale))
    return names


def _scale_of_gates(tensor):
    """One scale for each gate; LiteRT has no more."""
    rows = np.broadcast_to(tensor.qparams.scale, tensor.shape[:1]).reshape(4, -1)
    if (rows != rows[:, :1]).any():
        raise ValueError(f"LiteRT has one scale for the weights of a gate, {tensor.name!r} has one for each row; "
                         "quantize the graph again")
    return rows[:, 0]


def _biases(file, node, x, constants):
    """The four biases; those of the hidden state must be zero in integers, where they lie on a grid of their own."""
    w_input, _, b_input, b_hidden = constants
    if x.qparams is None:
        total, scales = b_input.data + b_hidden.data, [None] * 4
    elif b_hidden.data.any():
        raise ValueError(f"LiteRT has one bias for each gate, {b_hidden.name!r} is a second; quantize the graph again")
    else:
        total = b_input.data
        scales = np.float32(x.qparams.scale) * _scale_of_gates(w_input).astype(np.float32)
    return [_enter(file, f"{node.output}#bias.{gate}", part, scale)
            for gate, part, scale in zip(GATES, np.split(total, 4), scales, strict=True)]


def _variables(file, node, y, size):
    """Hidden state and cell."""
    integer = y.qparams is not None
    grids = [(y.dtype, y.qparams.scale, y.qparams.zero_point), ("int16", CELL_SCALE, 0)] if integer else [
        ("float32", None, 0)] * 2
    return [_enter(file, f"{node.output}#{word}", None, scale, (1, size), dtype, zero_point, is_variable=True)
            for word, (dtype, scale, zero_point) in zip(("hidden", "cell"), grids, strict=True)]


def _intermediates(file, node, y):
    """Of an integer LSTM the scales inside: four gates before their activations, and the hidden state."""
    if y.qparams is None:
        return ()
    gates = [_enter(file, f"{node.output}#gate.{gate}", None, GATE_SCALE, (1,), "int16") for gate in GATES]
    return (*gates, _enter(file, f"{node.output}#state", None, y.qparams.scale, (1,), y.dtype, y.qparams.zero_point))


def _enter(file, name, data, scale, shape=None, dtype=None, zero_point=0, is_variable=False):
    """A tensor without a batch, under a name that is free."""
    name = file.fresh(name)
    shape, dtype = (data.shape, str(data.dtype)) if data is not None else (shape, dtype)
    file.tensors[name] = FileTensor(name, shape, dtype, data, scale, zero_point, is_variable=is_variable)
    return name
