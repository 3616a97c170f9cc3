"""Read LiteRT's UNIDIRECTIONAL_SEQUENCE_LSTM, 8 bits by 16 or float, as an `lstm` node: four gates become one matrix.

The graph begins each run with a state of zero; LiteRT does so after a reset of its variables.
Source: LiteRT, kernels/unidirectional_sequence_lstm.cc (the order of the tensors).
"""

import math
from dataclasses import replace

import numpy as np

from edgekit.core.affine import QParams
from edgekit.deploy.litert_read import qparams_of
from edgekit.graph.ir import Tensor

#: places of the 24 inputs: weights of the input and of the state, biases, the variables; all others must be absent
WEIGHTS_INPUT, WEIGHTS_HIDDEN, BIASES, STATES = range(1, 5), range(5, 9), range(12, 16), range(18, 20)
#: the scale of the cell, Q4.11, on which the integers of the kit count
CELL_SCALE = 2.0**-11
#: types of input, output, both weights, bias, hidden state, cell
KINDS = {"int8": ("int8", "int8", "int8", "int8", "int32", "int8", "int16"), "float32": ("float32",) * 7}
#: option -> the one value that the node has
OPTIONS = {"fused_activation_function": "TANH", "cell_clip": 0.0, "proj_clip": 0.0, "time_major": False,
           "diagonal_recurrent_tensors": False}


def lstm(builder, operator):
    """UNIDIRECTIONAL_SEQUENCE_LSTM without peepholes, projection or norms; its state starts at zero."""
    _check(operator)
    x, y = builder.activation(operator.inputs[0]), builder.activation(operator.outputs[0])
    _check_grids(builder, operator, x, y)
    w_input, w_hidden, bias = (_stacked(builder, operator, places) for places in (
        WEIGHTS_INPUT, WEIGHTS_HIDDEN, BIASES))
    second = replace(bias, name=f"{bias.name}.hidden", data=np.zeros_like(bias.data))
    names = [builder.add(tensor).name for tensor in (w_input, w_hidden, bias, second)]
    builder.work(math.prod(x.shape[:-1]) * (w_input.data.size + w_hidden.data.size))
    source, states = _row(builder, x), y.name
    if not operator.options["last"] and len(y.shape) == 2:
        states = builder.add(replace(y, name=f"{y.name}#row", shape=(1, *y.shape))).name
    builder.emit("lstm", (source, *names), states, return_sequence=not operator.options["last"])
    if states != y.name:
        builder.emit("reshape", (states,), y.name, shape=y.shape)


def _row(builder, x):
    """The name of `x` (1, T, C), or of `x` (T, C) with a row before it."""
    if len(x.shape) != 2:
        return x.name
    row = builder.add(replace(x, name=f"{x.name}#row", shape=(1, *x.shape)))
    if all(node.output != row.name for node in builder.nodes):
        builder.emit("reshape", (x.name,), row.name, shape=row.shape)
    return row.name


def _check(operator):
    """Raise ValueError for an LSTM of another kind."""
    for option, value in OPTIONS.items():
        if operator.options[option] != value:
            raise ValueError(f"its option {option} must be {value}, got {operator.options[option]}")
    needed = {0, *WEIGHTS_INPUT, *WEIGHTS_HIDDEN, *BIASES, *STATES}
    given = {place for place, name in enumerate(operator.inputs) if name is not None}
    if len(operator.inputs) not in (20, 24) or given != needed:
        raise ValueError(f"it has the inputs {sorted(given)} of {len(operator.inputs)}, expected {sorted(needed)} of "
                         "20 or 24: edgekit reads an LSTM with four gates, without peepholes, projection or norms")


def _stacked(builder, operator, places):
    """The weights or biases of the four gates as one; weights in codes have the scale of its gate for each row."""
    entries = [builder.constant(operator.inputs[place]) for place in places]
    kinds = {(entry.dtype, entry.shape) for entry in entries}
    if len(kinds) != 1 or not entries[0].shape:
        raise ValueError(f"{entries[0].name!r} and those of its other gates must be alike, got {sorted(kinds)}")
    data = np.concatenate([entry.data for entry in entries])
    name, grid = f"{operator.outputs[0]}#gates.{places[0]}", None
    if data.dtype == np.int8:
        grid = QParams(np.repeat([_scale(entry) for entry in entries], len(entries[0].data)),
                       np.zeros(len(data), np.int64), axis=0)
    return Tensor(name, data.shape, str(data.dtype), data, grid)


def _scale(entry):
    """The one scale of a weight in codes around 0."""
    q = qparams_of(entry)
    if q.zero_point:
        raise ValueError(f"tensor {entry.name!r} must have the zero point 0, got {int(q.zero_point)}")
    return float(q.scale)


def _check_grids(builder, operator, x, y):
    """Raise ValueError unless input, weights, biases, state and cell lie where the kit's integers have them."""
    states = [builder.file[operator.inputs[place]] for place in STATES]
    kinds = KINDS["float32" if x.qparams is None else "int8"]
    weights = [builder.file[operator.inputs[places[0]]].dtype for places in (WEIGHTS_INPUT, WEIGHTS_HIDDEN, BIASES)]
    found = (x.dtype, y.dtype, *weights, *(state.dtype for state in states))
    if found != kinds or not all(state.is_variable for state in states):
        raise ValueError(f"input, output, both weights, bias, state and cell are {', '.join(found)}, expected "
                         f"{', '.join(kinds)}, the last two as variables")
    size = (1, _shape_of_state(builder, operator)[-1])
    readers = [other for other in builder.model.operators if set(other.inputs) & {state.name for state in states}]
    if any(state.shape != size for state in states) or len(readers) > 1:
        raise ValueError(f"its state and cell {[state.shape for state in states]} must have the shape {size} and be "
                         f"its own; {len(readers)} operators read them")
    if x.qparams is not None:
        hidden = (operator.inputs[STATES[0]], *operator.intermediates[4:5])
        wanted, cell = _grid(y.qparams), qparams_of(states[1])
        grids = [_grid(qparams_of(builder.file[name])) for name in hidden if name is not None]
        if grids != [wanted] * 2 or float(cell.scale) != CELL_SCALE:
            raise ValueError("its hidden state must lie on the grid of the output and its cell have the scale 2**-11; "
                             f"got {grids} beside {wanted}, and {float(cell.scale)}")


def _shape_of_state(builder, operator):
    """The shape of the weights of one gate behind the state: (size, size)."""
    return builder.constant(operator.inputs[WEIGHTS_HIDDEN[0]]).shape or (0,)


def _grid(qparams):
    """(scale, zero point); of real numbers None."""
    return None if qparams is None else (float(qparams.scale), int(qparams.zero_point))
