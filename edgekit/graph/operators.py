"""The operators of a graph: how many inputs and which attributes each takes, and what an attribute may be.

Shapes leave out the batch: H x W x C, channels last; a 1-D signal has H = 1. Axes are negative, counted from the end.
"""

from numbers import Integral, Real
from typing import NamedTuple

#: what a fused activation may be
ACTIVATIONS = ("relu", "relu6")
#: greatest whole number in an attribute; a larger one could only come from an altered file
LARGEST = 2**31 - 1


class Operator(NamedTuple):
    """Fewest and most inputs; `data`: how many of them flow with the batch, the rest are weights; attributes.

    `grid` says which integer grid the output lies on: "own", calibrated for it; "input", that of its inputs, which
    then all lie on one; or a fixed (scale, zero_point) of 8 bits.
    """

    fewest: int
    most: int
    data: int
    required: tuple = ()
    optional: tuple = ()
    grid: object = "own"


_WINDOW = ("kernel", "stride", "padding")
_FUSED = ("activation",)
_UNIT = (1 / 256, -128)  # 0..1

OPERATORS = {
    "conv2d": Operator(2, 3, 1, ("stride", "padding", "dilation", "groups"), _FUSED),
    "dense": Operator(2, 3, 1, (), _FUSED),
    "batch_norm": Operator(5, 5, 1, ("eps",)),
    "relu": Operator(1, 1, 1, grid="input"),
    "relu6": Operator(1, 1, 1, grid="input"),
    "add": Operator(2, 2, 2, (), _FUSED),
    "mul": Operator(2, 2, 2, (), _FUSED),
    "avg_pool2d": Operator(1, 1, 1, _WINDOW, grid="input"),
    "max_pool2d": Operator(1, 1, 1, _WINDOW, grid="input"),
    "mean": Operator(1, 1, 1, ("axes", "keepdims")),
    "reshape": Operator(1, 1, 1, ("shape",), grid="input"),
    "concat": Operator(2, 64, 64, ("axis",), grid="input"),
    "pad": Operator(1, 1, 1, ("padding",), grid="input"),
    "resize_nearest": Operator(1, 1, 1, ("size",), ("half_pixel", "align_corners"), grid="input"),
    "softmax": Operator(1, 1, 1, grid=_UNIT),
    "sigmoid": Operator(1, 1, 1, grid=_UNIT),
    "hard_sigmoid": Operator(1, 1, 1, grid=_UNIT),
    "tanh": Operator(1, 1, 1, grid=(1 / 128, 0)),
    "hard_swish": Operator(1, 1, 1),
    "gru": Operator(5, 5, 1, ("return_sequence",)),
    "lstm": Operator(5, 5, 1, ("return_sequence",)),
    "quantize": Operator(1, 1, 1),
    "dequantize": Operator(1, 1, 1),
}
#: operators that a table of codes computes in integers
TABLES = ("sigmoid", "tanh", "hard_sigmoid", "hard_swish")
WITH_WEIGHTS = ("conv2d", "dense")
RECURRENT = ("gru", "lstm")


def check_attributes(op, attrs):
    """Raise ValueError unless `attrs` holds every required attribute of `op`, nothing unknown, and values that fit."""
    known = OPERATORS[op]
    for name in known.required:
        if name not in attrs:
            raise ValueError(f"lacks the attribute {name!r}")
    for name, value in attrs.items():
        if name not in known.required + known.optional:
            expected = ", ".join(known.required + known.optional) or "none"
            raise ValueError(f"has the unexpected attribute {name!r}; expected: {expected}")
        fits, meaning = _ATTRIBUTES[name]
        if not fits(value):
            raise ValueError(f"attribute {name!r} must be {meaning}, got {value!r}")


def plain(value):
    """Return an attribute as JSON and tuples keep it: lists become tuples, NumPy numbers Python's.

    >>> plain([[0, 1], [2, 3]])
    ((0, 1), (2, 3))
    """
    if isinstance(value, (list, tuple)):
        return tuple(plain(item) for item in value)
    return value.item() if hasattr(value, "item") else value


def _whole(low):
    return lambda value: isinstance(value, Integral) and not isinstance(value, bool) and low <= value <= LARGEST


def _several(fits, count=None):
    """`count` of them, or from 1 to 8."""
    counts = (count,) if count else range(1, 9)
    return lambda value: isinstance(value, tuple) and len(value) in counts and all(map(fits, value))


def _truth(value):
    return isinstance(value, bool)


def _number(value):
    return isinstance(value, Real) and not isinstance(value, bool) and 0 <= value <= 1e30


def _axis(value):
    return isinstance(value, Integral) and not isinstance(value, bool) and -8 <= value < 0


def _axes(value):
    return _several(_axis)(value) and len(value) == len(set(value))


_PAIR = (_several(_whole(1), 2), "(vertical, horizontal), both at least 1")
_TRUTH = (_truth, "true or false")
_ATTRIBUTES = {
    "stride": _PAIR,
    "dilation": _PAIR,
    "kernel": _PAIR,
    "size": _PAIR,
    "padding": (_several(_several(_whole(0), 2), 2), "((top, bottom), (left, right)), none below 0"),
    "groups": (_whole(1), "a whole number of at least 1"),
    "eps": (_number, "a number from 0 to 1e30"),
    "shape": (_several(_whole(1)), "one to eight whole numbers of at least 1"),
    "axis": (_axis, "a negative axis"),
    "axes": (_axes, "different negative axes"),
    "keepdims": _TRUTH,
    "half_pixel": _TRUTH,
    "align_corners": _TRUTH,
    "return_sequence": _TRUTH,
    "activation": (lambda value: value is None or value in ACTIVATIONS, f"one of {', '.join(ACTIVATIONS)}, or none"),
}
