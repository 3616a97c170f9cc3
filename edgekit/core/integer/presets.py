"""Which arithmetic each runtime uses for each operator: data, read by the operators, the tests and the published page.

    PROFILES   rounding profile -> what it does        VARIANTS   other arithmetic, by name -> what it does
    PRESETS    preset -> operator -> profile or variant, for 8 bits;  INT16 what changes with int16 activations
    profile_of(preset, op, num_bits=8) -> profile or variant
"""

#: ways to multiply an accumulator by a real number, and who does it
PROFILES = {
    "A": "double rounding, the second half away from zero: LiteRT reference, CMSIS-NN, TFLM",
    "B": "double rounding, half up: LiteRT builtin kernels on x86",
    "C": "float32 product, half to even: XNNPACK, ONNX Runtime",
    "D": "single rounding, half up: CMSIS-NN and LiteRT built for single rounding",
    "E": "float64 product, half away from zero: LiteRT reference fully connected",
    "BA": "B in whole groups of 8 channels, A in the rest: LiteRT builtin depthwise on x86",
    "R": "int64 accumulator, multiplier of 15 bits, single rounding, half up: LiteRT with int16 activations",
}

#: other arithmetic, each belonging to one operator or a few
VARIANTS = {
    "DA": "add: inputs D, output A; inputs A in what whole blocks of 16 leave over",
    "F": "float32, the output's zero point added before rounding half to even",
    "blocks": "B in whole blocks of 16 elements, A in the rest",
    "coarse": "a multiplier of 8 fractional bits, half up",
    "rows": "mean over height and width that keeps its axes: sums of raw codes, a zero point rounded by itself, "
            "B in whole groups of 16 channels, A in the rest; any other mean A",
    "away": "whole numbers, half away from zero",
    "copy": "codes move unchanged",
    "divide": "codes move unchanged; places divided by the ratio of sizes, not multiplied by its inverse",
    "fixed": "fixed point of gemmlowp: softmax in 32 bits, hard swish in 16",
    "table": "a table in float32, rounded half away from zero; softmax: half up",
    "lines": "int16: straight lines between the entries of a small table",
    "gates": "int16: the fixed point of gemmlowp where the input shifts to Q3.12, lines elsewhere",
    "even": "float32, rounded half to even before the zero point is added; softmax: 1 / scale_y is rounded down first",
}

_MULTIPLYING = ("conv2d", "grouped_conv2d", "depthwise_conv2d", "dense", "mul", "add", "quantize", "concat", "mean")
_FIXED = {
    **dict.fromkeys(("pad", "resize_nearest", "max_pool2d", "reshape", "relu"), "copy"),
    "avg_pool2d": "away", "softmax": "fixed", "sigmoid": "table", "tanh": "table", "hard_sigmoid": "table",
    "hard_swish": "fixed",
}


def _all(profile, **others):
    recurrent = "D" if profile == "D" else "A"  # LiteRT runs one code, and ONNX Runtime has no integer LSTM
    return {**dict.fromkeys(_MULTIPLYING, profile), "recurrent": recurrent, **_FIXED, **others}


#: preset -> operator -> profile or variant
PRESETS = {
    "reference": _all("A", dense="E"),
    "builtin": _all("B", grouped_conv2d="A", depthwise_conv2d="BA", mul="A", add="DA", quantize="blocks",
                    concat="blocks", mean="rows", softmax="table"),
    "xnnpack": _all("C", quantize="coarse", concat="coarse", mean="F", softmax="table"),
    "ort": _all("C", mul="F", add="F", quantize="even", concat="even", avg_pool2d="F",
                resize_nearest="divide",
                **dict.fromkeys(("softmax", "sigmoid", "tanh", "hard_sigmoid", "hard_swish"), "even")),
    "cmsis": _all("A"),
    "single": _all("D"),
}


def _wide(profile="A", **others):
    return {**dict.fromkeys(("mul", "add", "quantize", "concat", "mean"), profile), "dense": "E", "avg_pool2d": "away",
            **dict.fromkeys(("conv2d", "grouped_conv2d", "depthwise_conv2d"), "R"), "resize_nearest": "copy",
            **dict.fromkeys(("softmax", "sigmoid", "tanh"), "lines"), "hard_sigmoid": "table", "hard_swish": "table",
            **others}


#: preset -> operator -> what changes with int16 activations; ONNX Runtime has no such operators
INT16 = {
    **dict.fromkeys(PRESETS, _wide()),
    **dict.fromkeys(("builtin", "xnnpack"), _wide(add="DA", sigmoid="gates", tanh="gates")),
    "single": _wide("D"),
}


def profile_of(preset, op, num_bits=8):
    """Return the profile or variant of operator `op` under `preset`, for activations of `num_bits` bits.

    Raises ValueError for an unknown preset or operator.

    >>> profile_of("reference", "dense"), profile_of("cmsis", "dense"), profile_of("cmsis", "conv2d", num_bits=16)
    ('E', 'A', 'R')
    """
    if preset not in PRESETS:
        raise ValueError(f"profile_of: preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    if op not in PRESETS[preset]:
        raise ValueError(f"profile_of: {op!r} has no profile; those that have: {', '.join(PRESETS[preset])}")
    return INT16[preset].get(op, PRESETS[preset][op]) if num_bits > 8 else PRESETS[preset][op]
