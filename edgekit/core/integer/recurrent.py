"""Integer recurrent operators: int8 weights and activations, 16-bit gates and state.

    gru(q_x, w_input, w_hidden, b_input, b_hidden, *, multiplier_input, multiplier_hidden, multiplier_output,
        zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127, profile="A", return_sequence=True) -> q_y
    lstm(the same, cell_bits=4) -> q_y

q_x (N, 1, T, C) int8 -> q_y (N, 1, T, H) int8, or (N, H), the last state. Before its activation a gate is Q3.12:

    part_x = requantize(sum((q_x - zero_point_x) w_input) + b_input, scale_x scale_w / 2^-12)       multiplier_input
    part_h = requantize(sum((q_h - zero_point_y) w_hidden) + b_hidden, scale_y scale_w / 2^-12)     multiplier_hidden
    gate   = saturate(saturate(part_x) + part_h)           to int16, and so to real values within +-8

A gate after sigmoid or tanh (`gates`) is Q0.15. q_h, what the next step multiplies, is what the operator puts out, so
hidden state and output share one grid. The GRU besides carries its state in Q0.15, since its small steps would be lost
in 8 bits; the LSTM carries its cell, Q(cell_bits).(15 - cell_bits).

The LSTM is LiteRT's UNIDIRECTIONAL_SEQUENCE_LSTM, 8 bits by 16, output for output where it is given LiteRT's factors.
LiteRT multiplies the two scales in float32, a graph in float64: about one output in a million then differs by a step.
For an int8 GRU no runtime is known (LiteRT has no operator, ONNX Runtime's is float): what is written here is the
definition.
"""

import numpy as np

from edgekit.core.integer.conv import check_codes, rescale_codes
from edgekit.core.integer.dense import accumulate_dense
from edgekit.core.integer.fixed_point import requantize
from edgekit.core.integer.gates import multiply, saturate, shift_right, sigmoid, tanh
from edgekit.core.recurrent import GRU_GATES, LSTM_GATES, as_output, check_recurrent

#: the scale of a gate before its activation (Q3.12) and of a state or an activated gate (Q0.15)
GATE_SCALE, STATE_SCALE = 2.0**-12, 2.0**-15
#: the scale of what becomes the output: a state in Q0.15, or the product of two such numbers
OUTPUT_SCALES = {"gru": STATE_SCALE, "lstm": STATE_SCALE**2}


def gru(q_x, w_input, w_hidden, b_input, b_hidden, *, multiplier_input, multiplier_hidden, multiplier_output,
        zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127, profile="A", return_sequence=True):
    """Return the codes of the states of a gated recurrent unit; gates r, z, n as in `core.recurrent.gru`.

        r, z = sigmoid(gate)                                               Q0.15
        n    = tanh(saturate(saturate(part_x) + r part_h / 2^15))          Q0.15
        h'   = ((2^15 - z) n + z h) / 2^15,   rounded half away from zero, Q0.15
        q_h  = clip(requantize(h', 2^-15 / scale_y) + zero_point_y)

    From equal codes and states one step's h' lies within .0015 + .0003 A of the real one, where A is the greatest
    |W_hn h + b_hn| and no gate saturates: 1.5 steps of 2^-12 before an activation, 2e-4 (sigmoid) and 3.7e-4 (tanh)
    behind it. Weights (3H, C), (3H, H) int8; biases (3H,) int32; `multiplier_input` and `_hidden` scalar or (3H,).

    >>> one, zero = np.ones((3, 1), np.int8), np.zeros(3, np.int32)
    >>> gru(np.full((1, 1, 3, 1), 64, np.int8), one, one, zero, zero, multiplier_input=64.0, multiplier_hidden=32.0,
    ...     multiplier_output=2.0**-8).ravel().tolist()
    [26, 44, 58]
    """
    q_x, size = _checked("gru", GRU_GATES, q_x, w_input, w_hidden, b_input, b_hidden)
    parts = saturate(_part(q_x[:, 0], w_input, b_input, zero_point_x, multiplier_input, profile))
    h, q_h, states = np.zeros((len(q_x), size), np.int64), _at_rest(q_x, size, zero_point_y, qmin, qmax), []
    for t in range(q_x.shape[2]):
        part_h = _part(q_h, w_hidden, b_hidden, zero_point_y, multiplier_hidden, profile)
        h = _gru_state(h, parts[:, t], part_h, size)
        q_h = rescale_codes(h, multiplier_output, zero_point_y, qmin, qmax, profile, q_x.dtype)
        states.append(q_h)
    return as_output(states, return_sequence)


def _gru_state(h, part_x, part_h, size):
    """h' in Q0.15 from h (N, H) in Q0.15 and the parts (N, 3H) of the gates in Q3.12."""
    gates = sigmoid(saturate(part_x[:, :2 * size] + part_h[:, :2 * size]))
    r, z = gates[:, :size], gates[:, size:]
    n = tanh(saturate(part_x[:, 2 * size:] + multiply(r, part_h[:, 2 * size:])))
    return shift_right((2**15 - z) * n + z * h, 15)


def lstm(q_x, w_input, w_hidden, b_input, b_hidden, *, multiplier_input, multiplier_hidden, multiplier_output,
         zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127, profile="A", return_sequence=True, cell_bits=4):
    """Return the codes of the states of a long short-term memory; gates i, f, g, o as in `core.recurrent.lstm`.

        c'  = saturate(f c / 2^15 + i g / 2^(15 + cell_bits))            Q(cell_bits).(15 - cell_bits)
        q_h = clip(requantize(o tanh(c'), 2^-30 / scale_y) + zero_point_y)

    `multiplier_output` is 2^-30 / scale_y. Each product is rounded half away from zero.

    >>> one, zero = np.ones((4, 1), np.int8), np.zeros(4, np.int32)
    >>> lstm(np.full((1, 1, 3, 1), 64, np.int8), one, one, zero, zero, multiplier_input=64.0, multiplier_hidden=32.0,
    ...      multiplier_output=2.0**-23).ravel().tolist()
    [47, 83, 101]
    """
    q_x, size = _checked("lstm", LSTM_GATES, q_x, w_input, w_hidden, b_input, b_hidden)
    if not 0 <= cell_bits <= 6:
        raise ValueError(f"lstm: cell_bits must be 0..6, got {cell_bits}; 4 lets a cell reach +-16")
    parts = saturate(_part(q_x[:, 0], w_input, b_input, zero_point_x, multiplier_input, profile))
    c, q_h, states = np.zeros((len(q_x), size), np.int64), _at_rest(q_x, size, zero_point_y, qmin, qmax), []
    for t in range(q_x.shape[2]):
        part_h = _part(q_h, w_hidden, b_hidden, zero_point_y, multiplier_hidden, profile)
        i, f, g, o = np.split(saturate(parts[:, t] + part_h), LSTM_GATES, axis=1)
        c = saturate(multiply(sigmoid(f), c) + multiply(sigmoid(i), tanh(g), 15 + cell_bits))
        product = multiply(sigmoid(o), tanh(c, cell_bits), 0)
        q_h = rescale_codes(product, multiplier_output, zero_point_y, qmin, qmax, profile, q_x.dtype)
        states.append(q_h)
    return as_output(states, return_sequence)


def _part(codes, weight, bias, zero_point, multiplier, profile):
    """The Q3.12 part of all gates that comes from `codes`, int64."""
    return requantize(accumulate_dense(codes, weight, bias, zero_point), multiplier, profile).astype(np.int64)


def _at_rest(q_x, size, zero_point_y, qmin, qmax):
    """The codes of a state of 0."""
    return np.full((len(q_x), size), np.clip(int(zero_point_y), qmin, qmax), q_x.dtype)


def _checked(call, gates, q_x, w_input, w_hidden, b_input, b_hidden):
    arrays = [np.asarray(array) for array in (q_x, w_input, w_hidden, b_input, b_hidden)]
    check_codes(call, *arrays)
    return check_recurrent(call, gates, *arrays)
