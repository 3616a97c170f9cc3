"""The matrix operator x preset: which arithmetic, and which operator of which runtime proves it. Data only.

    cells() -> [Cell(op, num_bits, preset, arithmetic, oracle), ...]

`edgekit.deploy.oracles` compares every cell that has an oracle with its runtime, output by output; the tests run it,
and `docs/operator_matrix.md` is written by it. Where there is no oracle the loop definition in the tests is the proof.
"""

from typing import NamedTuple

from edgekit.core.integer.presets import PRESETS, profile_of

#: presets that stand for a runtime which can be run here, and its name
RUNTIMES = {
    "reference": "LiteRT, reference kernels", "builtin": "LiteRT, optimised kernels", "xnnpack": "LiteRT, XNNPACK",
    "ort": "ONNX Runtime",
}

#: (operator, bits of the activations) -> (operator of LiteRT, operator of ONNX Runtime); None where it has none
ORACLES = {
    ("conv2d", 8): ("CONV_2D", "QLinearConv"),
    ("grouped_conv2d", 8): ("CONV_2D", "QLinearConv"),
    ("depthwise_conv2d", 8): ("DEPTHWISE_CONV_2D", "QLinearConv"),
    ("dense", 8): ("FULLY_CONNECTED", "QLinearMatMul, QGemm"),
    ("add", 8): ("ADD", "QLinearAdd"),
    ("mul", 8): ("MUL", "QLinearMul"),
    ("quantize", 8): ("QUANTIZE", "DequantizeLinear, QuantizeLinear"),
    ("concat", 8): ("QUANTIZE, CONCATENATION", "QLinearConcat"),
    ("mean", 8): ("MEAN", "QLinearGlobalAveragePool"),
    ("avg_pool2d", 8): ("AVERAGE_POOL_2D", "QLinearAveragePool"),
    ("max_pool2d", 8): ("MAX_POOL_2D", "MaxPool"),
    ("pad", 8): ("PAD", "Pad"),
    ("resize_nearest", 8): ("RESIZE_NEAREST_NEIGHBOR", "Resize"),
    ("softmax", 8): ("SOFTMAX", "QLinearSoftmax"),
    ("sigmoid", 8): ("LOGISTIC", "QLinearSigmoid"),
    ("tanh", 8): ("TANH", "DequantizeLinear, Tanh, QuantizeLinear"),
    ("hard_sigmoid", 8): (None, "DequantizeLinear, HardSigmoid, QuantizeLinear"),
    ("hard_swish", 8): ("HARD_SWISH", "DequantizeLinear, HardSwish, QuantizeLinear"),
    ("conv2d", 16): ("CONV_2D", None),
    ("depthwise_conv2d", 16): ("DEPTHWISE_CONV_2D", None),
    ("dense", 16): ("FULLY_CONNECTED", None),
    ("grouped_conv2d", 16): ("CONV_2D", None),
    ("add", 16): ("ADD", None),
    ("mul", 16): ("MUL", None),
    ("quantize", 16): ("QUANTIZE", None),
    ("concat", 16): ("QUANTIZE, CONCATENATION", None),
    ("mean", 16): ("MEAN", None),
    ("avg_pool2d", 16): ("AVERAGE_POOL_2D", None),
    ("max_pool2d", 16): ("MAX_POOL_2D", None),
    ("pad", 16): ("PAD", None),
    ("resize_nearest", 16): ("RESIZE_NEAREST_NEIGHBOR", None),
    ("softmax", 16): ("SOFTMAX", None),
    ("sigmoid", 16): ("LOGISTIC", None),
    ("tanh", 16): ("TANH", None),
}


#: (operator, preset) -> outputs in a million that may differ, by one step: there the runtime sums in an order of its
#: own, or approximates the function, and a real number close to a tie falls on the other side
APPROXIMATE = {
    ("softmax", "ort"): 10, ("sigmoid", "ort"): 50, ("tanh", "ort"): 50, ("sigmoid", "xnnpack"): 50,
    ("tanh", "xnnpack"): 50,
}


class Cell(NamedTuple):
    """One cell: `arithmetic` is a profile or variant of `presets`, `oracle` the runtime's operator or None."""

    op: str
    num_bits: int
    preset: str
    arithmetic: str
    oracle: str | None


def cells():
    """Return every cell of the matrix, operator by operator.

    >>> cells()[0]
    Cell(op='conv2d', num_bits=8, preset='reference', arithmetic='A', oracle='CONV_2D')
    """
    return [
        Cell(op, num_bits, preset, profile_of(preset, op, num_bits), _oracle(preset, *names))
        for (op, num_bits), names in ORACLES.items()
        for preset in PRESETS
        if num_bits == 8 or preset != "ort"
    ]


def _oracle(preset, litert, ort):
    return (ort if preset == "ort" else litert) if preset in RUNTIMES else None
