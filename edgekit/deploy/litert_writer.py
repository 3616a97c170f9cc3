"""Write a `.tflite` file from plain tensors and operators, with the schema inside ai-edge-litert and no
TensorFlow.

    write_model(tensors, operators, inputs, outputs) -> bytes

Names follow the schema: operators "CONV_2D", options {"stride_h": 1, "padding": "SAME"}, per-channel axis in
`quantized_dimension`. Shapes hold the batch. Source: the TensorFlow Lite schema, version 3.
"""

from dataclasses import dataclass, field

import numpy as np

#: operator code -> (options table of the schema, version that introduced its int8 form)
OPERATOR_CODES = {
    "ADD": ("AddOptions", 2),
    "AVERAGE_POOL_2D": ("Pool2DOptions", 2),
    "CAST": ("CastOptions", 1),
    "CONCATENATION": ("ConcatenationOptions", 2),
    "CONV_2D": ("Conv2DOptions", 3),
    "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions", 3),
    "DEQUANTIZE": ("DequantizeOptions", 2),
    "FULLY_CONNECTED": ("FullyConnectedOptions", 4),
    "GATHER": ("GatherOptions", 2),
    "HARD_SWISH": ("HardSwishOptions", 1),
    "LOGISTIC": (None, 2),
    "MAX_POOL_2D": ("Pool2DOptions", 2),
    "MEAN": ("ReducerOptions", 2),
    "MUL": ("MulOptions", 2),
    "PAD": ("PadOptions", 2),
    "PADV2": ("PadV2Options", 2),
    "QUANTIZE": ("QuantizeOptions", 2),
    "RELU": (None, 2),
    "RELU6": (None, 2),
    "RESHAPE": ("ReshapeOptions", 1),
    "RESIZE_NEAREST_NEIGHBOR": ("ResizeNearestNeighborOptions", 2),
    "SOFTMAX": ("SoftmaxOptions", 2),
    "TANH": (None, 2),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": ("UnidirectionalSequenceLSTMOptions", 2),
}

#: operator code -> version that introduced its int16 form, where that is another than of int8
INT16_VERSIONS = {
    "ADD": 3, "AVERAGE_POOL_2D": 3, "CONCATENATION": 3, "CONV_2D": 4, "DEPTHWISE_CONV_2D": 5, "FULLY_CONNECTED": 7,
    "GATHER": 4, "LOGISTIC": 3, "MAX_POOL_2D": 3, "MEAN": 3, "MUL": 4, "PAD": 3, "PADV2": 3, "RELU": 3, "RELU6": 3,
    "RESIZE_NEAREST_NEIGHBOR": 4, "SOFTMAX": 3, "TANH": 3,
}  # fmt: skip

#: option -> the enumeration of the schema that its words come from
ENUMERATIONS = {"padding": "Padding", "fused_activation_function": "ActivationFunctionType"}

TENSOR_TYPES = ("float32", "int8", "uint8", "int16", "int32", "int64", "bool")


@dataclass(frozen=True, eq=False)
class FileTensor:
    """A tensor as the file holds it: `shape` with the batch; constant when it has `data`; quantized with a
    `scale`.
    """

    name: str
    shape: tuple
    dtype: str = "float32"
    data: np.ndarray | None = None
    scale: object = None
    zero_point: object = 0
    quantized_dimension: int = 0
    is_variable: bool = False


@dataclass(frozen=True)
class FileOperator:
    """An operator as the file holds it: names of its tensors; an input that is left out is None.

    `intermediates` are tensors inside the operator, whose scales the file must give: an integer LSTM has five.
    """

    code: str
    inputs: tuple
    outputs: tuple
    options: dict = field(default_factory=dict, hash=False)
    intermediates: tuple = ()


def write_model(tensors, operators, inputs, outputs, signature="serving_default", description="edgekit",
                metadata=None):
    """Return the bytes of a `.tflite` model with one subgraph and one SignatureDef.

    `tensors` are `FileTensor`, `operators` `FileOperator` in running order; `inputs` and `outputs` are names
    of tensors and of the signature's entries; `metadata` are bytes by name. Raises
    ValueError for an unknown code, option, type or name.

    >>> x = FileTensor("x", (1, 4), "int8", scale=0.5)
    >>> y = FileTensor("y", (1, 4), "int8", scale=1 / 256, zero_point=-128)
    >>> write_model([x, y], [FileOperator("LOGISTIC", ("x",), ("y",))], ["x"], ["y"])[4:8]
    b'TFL3'
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    index = {tensor.name: i for i, tensor in enumerate(tensors)}
    if len(index) != len(tensors):
        raise ValueError("write_model: two tensors share a name; rename one")
    model = schema.ModelT()
    model.version, model.description = 3, description
    codes = sorted({operator.code for operator in operators})
    kinds = {tensor.name: tensor.dtype for tensor in tensors}
    wide = {operator.code for operator in operators if "int16" in map(kinds.get, operator.outputs)}
    model.operatorCodes = [_operator_code(schema, code, code in wide) for code in codes]
    buffers = [b"", *(b"" if tensor.data is None else _little_endian(tensor) for tensor in tensors)]
    metadata = metadata or {}
    model.metadata = [_metadata(schema, name, len(buffers) + i) for i, name in enumerate(metadata)]
    model.buffers = [_aligned_buffer(schema, data) for data in (*buffers, *metadata.values())]
    subgraph = schema.SubGraphT()
    subgraph.name = "main"
    subgraph.tensors = [_tensor(schema, tensor, i + 1) for i, tensor in enumerate(tensors)]
    subgraph.operators = [_operator(schema, operator, codes, index) for operator in operators]
    subgraph.inputs, subgraph.outputs = _indices(inputs, index), _indices(outputs, index)
    model.subgraphs = [subgraph]
    model.signatureDefs = [_signature(schema, signature, inputs, outputs, index)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _aligned_buffer(schema, data):
    """A buffer whose bytes start on a multiple of 16, as the schema asks and kernels on microcontrollers
    need.
    """

    class AlignedBuffer(schema.BufferT):
        def Pack(self, builder):
            if self.data is not None:
                builder.Prep(16, len(self.data))
            return super().Pack(builder)

    buffer = AlignedBuffer()
    buffer.data = np.frombuffer(data, np.uint8) if data else None
    return buffer


def _little_endian(tensor):
    data = np.asarray(tensor.data, order="C")
    if data.dtype != np.dtype(tensor.dtype) or data.shape != tuple(tensor.shape):
        raise ValueError(f"write_model: tensor {tensor.name!r} holds {data.dtype} {data.shape}, "
                         f"declared {tensor.dtype} {tuple(tensor.shape)}")
    return data.astype(data.dtype.newbyteorder("<")).tobytes()


def _operator_code(schema, code, wide):
    if code not in OPERATOR_CODES:
        raise ValueError(f"write_model: unknown operator {code!r}; known: {', '.join(OPERATOR_CODES)}")
    entry = schema.OperatorCodeT()
    entry.builtinCode = getattr(schema.BuiltinOperator, code)
    entry.deprecatedBuiltinCode = min(entry.builtinCode, 127)
    version = OPERATOR_CODES[code][1]
    entry.version = INT16_VERSIONS.get(code, version) if wide else version
    return entry


def _tensor(schema, tensor, buffer):
    if tensor.dtype not in TENSOR_TYPES:
        raise ValueError(f"write_model: tensor {tensor.name!r} has type {tensor.dtype!r}; "
                         f"known: {', '.join(TENSOR_TYPES)}")
    entry = schema.TensorT()
    entry.name, entry.shape, entry.buffer = tensor.name, [int(n) for n in tensor.shape], buffer
    entry.type = getattr(schema.TensorType, tensor.dtype.upper())
    entry.isVariable = tensor.is_variable
    if tensor.scale is not None:
        entry.quantization = schema.QuantizationParametersT()
        entry.quantization.scale = np.atleast_1d(np.asarray(tensor.scale, np.float32))
        zero_point = np.broadcast_to(np.asarray(tensor.zero_point, np.int64), entry.quantization.scale.shape)
        entry.quantization.zeroPoint = np.array(zero_point)
        entry.quantization.quantizedDimension = tensor.quantized_dimension
    return entry


def _operator(schema, operator, codes, index):
    entry = schema.OperatorT()
    entry.opcodeIndex = codes.index(operator.code)
    entry.inputs, entry.outputs = _indices(operator.inputs, index), _indices(operator.outputs, index)
    if operator.intermediates:
        entry.intermediates = _indices(operator.intermediates, index)
    table = OPERATOR_CODES[operator.code][0]
    if table is not None:
        entry.builtinOptionsType = getattr(schema.BuiltinOptions, table)
        entry.builtinOptions = _options(schema, table, operator)
    elif operator.options:
        raise ValueError(f"write_model: {operator.code} takes no options, got {sorted(operator.options)}")
    return entry


def _options(schema, table, operator):
    options = getattr(schema, f"{table}T")()
    for name, value in operator.options.items():
        attribute = "".join(part.title() if i else part for i, part in enumerate(name.split("_")))
        if not hasattr(options, attribute):
            raise ValueError(f"write_model: {operator.code} has no option {name!r}")
        if name in ENUMERATIONS:
            value = getattr(getattr(schema, ENUMERATIONS[name]), value)
        setattr(options, attribute, value)
    return options


def _signature(schema, key, inputs, outputs, index):
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = key, 0
    signature.inputs = [_map(schema, name, index) for name in inputs]
    signature.outputs = [_map(schema, name, index) for name in outputs]
    return signature


def _metadata(schema, name, buffer):
    entry = schema.MetadataT()
    entry.name, entry.buffer = name, buffer
    return entry


def _map(schema, name, index):
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name, _indices([name], index)[0]
    return entry


def _indices(names, index):
    missing = [name for name in names if name is not None and name not in index]
    if missing:
        raise ValueError(f"write_model: no tensor is called {missing[0]!r}; add it to tensors")
    return [-1 if name is None else index[name] for name in names]
