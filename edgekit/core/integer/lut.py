"""Activations of codes: a table of one entry per code, 256 for int8, 65,536 for int16.

    activation(name, q_x, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin=-128, qmax=127, profile="table") -> q_y
    make_table(name, *, ..., dtype=np.int8) -> codes of the output, in the order of the input's, lowest first
    look_up(q_x, table) -> q_y

`name` is one of `FUNCTIONS`; a profile is that of `PRESETS[preset][name]`. Whatever arithmetic a runtime uses for
such an operator, its input has 256 values, so the table holds it.
"""

import numpy as np

from edgekit.core import activations
from edgekit.core.integer import gates, lines
from edgekit.core.integer.conv import check_codes
from edgekit.core.integer.exponential import shift_right
from edgekit.core.integer.fixed_point import quantize_multiplier, round_half_away

#: name -> its float twin
FUNCTIONS = {
    "sigmoid": activations.sigmoid, "tanh": activations.tanh,
    "hard_sigmoid": activations.hard_sigmoid, "hard_swish": activations.hard_swish,
}

#: the same two functions of int16 codes, in two ways
LINES, GATES = {"sigmoid": lines.sigmoid, "tanh": lines.tanh}, {"sigmoid": gates.sigmoid, "tanh": gates.tanh}

INT16_MAX = 2**15 - 1


def activation(name, q_x, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin=-128, qmax=127, profile="table"):
    """Return the codes of function `name` of `q_x`, int8 or int16, by table.

    >>> grids = dict(scale_x=0.1, zero_point_x=0, scale_y=1 / 256, zero_point_y=-128)
    >>> activation("sigmoid", np.array([0, 127], np.int8), **grids).tolist()
    [0, 127]
    """
    q_x = np.asarray(q_x)
    table = make_table(name, scale_x=scale_x, zero_point_x=zero_point_x, scale_y=scale_y, zero_point_y=zero_point_y,
                       qmin=qmin, qmax=qmax, profile=profile, dtype=q_x.dtype)
    return look_up(q_x, table)


def look_up(q_x, table):
    """Return table[q - lowest code] for every code.

    >>> look_up(np.array([-128, -127], np.int8), np.arange(256)).tolist()
    [0, 1]
    """
    q_x = np.asarray(q_x)
    check_codes("look_up", q_x)
    return np.asarray(table)[q_x.astype(np.int64) - np.iinfo(q_x.dtype).min]


def make_table(name, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin=-128, qmax=127, profile="table",
               dtype=np.int8):
    """Return clip(round(f(scale_x * (q - zx)) / scale_y) + zy, qmin, qmax) for every code q of `dtype`, in that type.

    "table" multiplies by 1 / scale_y and rounds half away from zero, as LiteRT. "even" divides and rounds half to even,
    as ONNX Runtime. "fixed", for hard swish of int8, is LiteRT's 16-bit arithmetic. "lines", for sigmoid and tanh of
    int16 with an output of scale 1/32768, is that of `lines`; "gates" that of `gates`, where the input allows it.

    >>> make_table("tanh", scale_x=0.1, zero_point_x=0, scale_y=1 / 128, zero_point_y=0)[[0, 128, 255]].tolist()
    [-128, 0, 127]
    """
    if name not in FUNCTIONS:
        raise ValueError(f"make_table: name must be one of {', '.join(FUNCTIONS)}, got {name!r}")
    if np.dtype(dtype) not in (np.int8, np.int16):
        raise ValueError(f"make_table: codes must be int8 or int16, got {np.dtype(dtype)}; quantize the array first")
    ends = np.iinfo(dtype)
    steps = np.arange(ends.min, ends.max + 1) - int(zero_point_x)
    scale_x, scale_y = np.float32(scale_x), np.float32(scale_y)
    if profile == "fixed" and name == "hard_swish" and ends.bits == 8:
        y = _hard_swish(steps, scale_x, scale_y)
    elif profile in ("lines", "gates") and name in LINES and ends.bits == 16 and (scale_y, zero_point_y) == (2**-15, 0):
        y = _of_16_bits_in(name, steps, scale_x, profile)
    elif profile in ("table", "even"):
        x = scale_x * steps.astype(np.float32)
        if name == "sigmoid" and ends.bits == 8:
            real = _logistic(x)
        else:
            real = FUNCTIONS[name](x.astype(np.float64) if name in ("sigmoid", "tanh") else x).astype(np.float32)
        y = np.rint(real / scale_y) if profile == "even" else round_half_away(real * (np.float32(1) / scale_y))
    else:
        raise ValueError("make_table: profile must be table or even, fixed for hard_swish of int8, lines or gates for "
                         f"sigmoid and tanh from int16 to scale 1/32768, got {profile!r}")
    return np.clip(y + int(zero_point_y), qmin, qmax).astype(dtype)


def _of_16_bits_in(name, steps, scale_x, profile):
    """Straight lines; LiteRT's optimised kernels take the gates' arithmetic for an input that shifts to Q3.12."""
    function, shift = LINES[name], lines.shift_to_q3_12(name, scale_x)
    if profile == "lines" or shift is None:
        return function(steps, scale_x)
    return GATES[name](gates.saturate(steps << shift))


def _logistic(x):
    """1 / (1 + exp(-x)), each step rounded to float32 as LiteRT's: at x = 2^-7 that decides a tie."""
    power = np.exp(np.minimum(-x.astype(np.float64), 88)).astype(np.float32)  # beyond, float32 overflows
    return np.float32(1) / (np.float32(1) + power)


def _hard_swish(steps, scale_x, scale_y):
    """x * relu6(x + 3) / 6 in int16: the input 128 times finer, its place between -3 and 3, and their product."""
    fine = np.float32(1 / 128) * scale_x
    output, output_shift = _of_16_bits(fine / scale_y)
    slope, slope_shift = _of_16_bits(fine / np.float32(3 / 2**15))
    if output_shift > 0:
        raise ValueError(f"hard_swish: fixed point needs scale_y >= scale_x / 128, got {scale_x} and {scale_y}; "
                         "use profile 'table'")
    x = steps * 128
    place = _saturate(x << (slope_shift - 1)) if slope_shift > 0 else x
    place = _high(place, slope)
    place = _saturate(place << 1) if slope_shift > 0 else shift_right(place, -slope_shift)
    product = ((place + 2**15) >> 1) * _high(x, output)
    return shift_right(np.sign(product) * (np.abs(product) >> 15), -output_shift)


def _of_16_bits(real):
    """Multiplier of 15 bits and shift."""
    multiplier, shift = (int(n) for n in quantize_multiplier(float(real)))
    return min((multiplier + 2**15) >> 16, INT16_MAX), shift


def _high(a, b):
    """The high half of 2 a b in 16 bits, rounded half up."""
    return _saturate((a * b + 2**14) >> 15)


def _saturate(a):
    return np.clip(a, -INT16_MAX - 1, INT16_MAX)
