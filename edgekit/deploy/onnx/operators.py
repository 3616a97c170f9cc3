"""Which handler reads which ONNX operator."""

from edgekit.deploy.onnx import elements, layers, places
from edgekit.deploy.onnx.names import MICROSOFT

_STANDARD = {
    "QuantizeLinear": layers.quantize_linear,
    "DequantizeLinear": layers.dequantize_linear,
    "Conv": layers.conv,
    "QLinearConv": layers.qlinear_conv,
    "Gemm": layers.gemm,
    "MatMul": layers.matmul,
    "QLinearMatMul": layers.qlinear_matmul,
    "BatchNormalization": layers.batch_norm,
    "Relu": elements.relu,
    "Clip": elements.clip,
    "Add": elements.pairwise("add"),
    "Mul": elements.pairwise("mul"),
    "Sigmoid": elements.plain("sigmoid"),
    "Tanh": elements.plain("tanh"),
    "HardSigmoid": elements.plain("hard_sigmoid", ("alpha", 1 / 6, 0.2), ("beta", 0.5, 0.5)),
    "HardSwish": elements.plain("hard_swish"),
    "Softmax": elements.softmax,
    "AveragePool": places.pool("avg_pool2d"),
    "MaxPool": places.pool("max_pool2d"),
    "GlobalAveragePool": places.global_pool,
    "ReduceMean": places.reduce_mean,
    "Concat": places.concat,
    "Pad": places.pad,
    "Resize": places.resize,
    "Reshape": places.reshape,
    "Flatten": places.flatten,
    "Transpose": places.transpose,
    "Squeeze": places.squeeze,
    "Identity": places.identity,
    "Dropout": places.identity,
    "Constant": places.constant,
}
_MICROSOFT = {
    "QGemm": layers.qgemm,
    "QLinearAdd": elements.qlinear_pairwise("add"),
    "QLinearMul": elements.qlinear_pairwise("mul"),
    "QLinearAveragePool": places.pool("avg_pool2d"),
    "QLinearGlobalAveragePool": places.global_pool,
    "QLinearSigmoid": elements.qlinear_unary("sigmoid"),
    "QLinearSoftmax": elements.softmax,
    "QLinearConcat": places.qlinear_concat,
    "QuantizeLinear": layers.quantize_linear,
    "DequantizeLinear": layers.dequantize_linear,
}
#: (operator, domain) -> handler
OPERATORS = {
    **{(name, ""): handler for name, handler in _STANDARD.items()},
    **{(name, MICROSOFT): handler for name, handler in _MICROSOFT.items()},
}


def names_of(table):
    """The supported operators, for an error message."""
    return ", ".join(sorted({name for name, _ in table}))
