"""Take a `.tflite` file apart into plain tensors and operators: the inverse of `litert_writer.write_model`.

    parse(data, name) -> FileModel(tensors, operators, inputs, outputs, metadata)

Needs NumPy alone. Nothing in the file is trusted: see `flatbuffer`. Source: the TensorFlow Lite schema, version 3.
"""

from dataclasses import dataclass

import numpy as np

from edgekit.deploy.flatbuffer import root
from edgekit.deploy.litert_writer import FileOperator, FileTensor

LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"

#: numbers of the schema
TYPES = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 4: "int64", 5: "string", 6: "bool", 7: "int16", 9: "int8",
         10: "float64", 12: "uint64", 15: "uint32", 16: "uint16", 17: "int4", 18: "bfloat16", 19: "int2", 20: "uint4"}
CODES = {0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 6: "DEQUANTIZE",
         9: "FULLY_CONNECTED", 14: "LOGISTIC", 17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 21: "RELU6", 22: "RESHAPE",
         25: "SOFTMAX", 28: "TANH", 32: "CUSTOM", 34: "PAD", 36: "GATHER", 40: "MEAN", 43: "SQUEEZE", 44: LSTM,
         53: "CAST", 60: "PADV2", 70: "EXPAND_DIMS", 97: "RESIZE_NEAREST_NEIGHBOR", 114: "QUANTIZE", 117: "HARD_SWISH"}
PADDINGS = {0: "SAME", 1: "VALID"}
ACTIVATIONS = {0: "NONE", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6", 4: "TANH", 5: "SIGN_BIT"}
CUSTOM = 32

#: types whose constants NumPy can hold
NUMPY_TYPES = ("float32", "int8", "uint8", "int16", "int32", "int64", "float16", "bool")

_FUSED = ("fused_activation_function", "b", 0)
_STRIDES = {1: ("stride_w", "i", 0), 2: ("stride_h", "i", 0)}
_DILATIONS = (("dilation_w_factor", "i", 1), ("dilation_h_factor", "i", 1))

#: operator -> (number of its options in the union, slot -> (option, letter of struct, default))
OPTIONS = {
    "ADD": (11, {0: _FUSED, 1: ("pot_scale_int16", "?", True)}),
    "AVERAGE_POOL_2D": (5, {0: ("padding", "b", 0), **_STRIDES, 3: ("filter_width", "i", 0),
                            4: ("filter_height", "i", 0), 5: _FUSED}),
    "CONCATENATION": (10, {0: ("axis", "i", 0), 1: _FUSED}),
    "CONV_2D": (1, {0: ("padding", "b", 0), **_STRIDES, 3: _FUSED, 4: _DILATIONS[0], 5: _DILATIONS[1]}),
    "DEPTHWISE_CONV_2D": (2, {0: ("padding", "b", 0), **_STRIDES, 3: ("depth_multiplier", "i", 0), 4: _FUSED,
                              5: _DILATIONS[0], 6: _DILATIONS[1]}),
    "FULLY_CONNECTED": (8, {0: _FUSED, 1: ("weights_format", "b", 0), 2: ("keep_num_dims", "?", False)}),
    "GATHER": (23, {0: ("axis", "i", 0), 1: ("batch_dims", "i", 0)}),
    "MEAN": (27, {0: ("keep_dims", "?", False)}),
    "MUL": (21, {0: _FUSED}),
    "RESIZE_NEAREST_NEIGHBOR": (74, {0: ("align_corners", "?", False), 1: ("half_pixel_centers", "?", False)}),
    "SOFTMAX": (9, {0: ("beta", "f", 0.0)}),
    LSTM: (71, {0: _FUSED, 1: ("cell_clip", "f", 0.0), 2: ("proj_clip", "f", 0.0), 3: ("time_major", "?", False),
                5: ("diagonal_recurrent_tensors", "?", False)}),
}
OPTIONS["MAX_POOL_2D"] = OPTIONS["AVERAGE_POOL_2D"]


@dataclass(frozen=True, eq=False)
class FileModel:
    """What a `.tflite` file holds: `metadata` are bytes by name."""

    tensors: tuple
    operators: tuple
    inputs: tuple
    outputs: tuple
    metadata: dict


def parse(data, name="bytes"):
    """Return the `FileModel` of the bytes of a `.tflite` file; `name` appears in errors.

    Names of tensors are made unique. Raises ValueError for a file that is damaged, or has no or several subgraphs.
    """
    try:
        return _parse(root(data, b"TFL3"))
    except ValueError as error:
        raise ValueError(f"litert.read {name}: not a readable .tflite file: {error}; "
                         "fetch or export it again") from None


def _parse(model):
    subgraphs = model.tables(2)
    if model.scalar(0, "I") != 3 or len(subgraphs) != 1:
        raise ValueError(f"version {model.scalar(0, 'I')} with {len(subgraphs)} subgraphs, expected version 3 with one")
    buffers = model.tables(4)
    entries = subgraphs[0].tables(0)
    names = _unique([entry.text(3) for entry in entries])
    codes = [_code(entry) for entry in model.tables(1)]
    return FileModel(
        tuple(_tensor(entry, name, buffers) for entry, name in zip(entries, names, strict=True)),
        tuple(_operator(entry, codes, names) for entry in subgraphs[0].tables(3)),
        _names(subgraphs[0].vector(1, "<i4"), names),
        _names(subgraphs[0].vector(2, "<i4"), names),
        {entry.text(0): _bytes(buffers, entry.scalar(1, "I")).tobytes() for entry in model.tables(6)},
    )


def _unique(names):
    """Every tensor gets a name of its own; the second of a name, and one without, get their number."""
    unique = {}  # a dictionary keeps the order
    for i, name in enumerate(names):
        while not name or name in unique:
            name = f"{name}#{i}"
        unique[name] = i
    return list(unique)

def _code(entry):
    number = max(entry.scalar(0, "b"), entry.scalar(3, "i"))
    return f"CUSTOM {entry.text(1)!r}" if number == CUSTOM else CODES.get(number) or _schema_name(number)


def _schema_name(number):
    """The name of an operator that edgekit does not read, from LiteRT's schema where that is installed."""
    try:
        from ai_edge_litert.schema_py_generated import BuiltinOperator
    except ImportError:
        return f"operator {number}"
    return next((name for name, value in vars(BuiltinOperator).items() if value == number), f"operator {number}")


def _tensor(entry, name, buffers):
    shape = tuple(int(n) for n in _or_empty(entry.vector(0, "<i4")))
    number = entry.scalar(1, "b")
    dtype = TYPES.get(number, f"type {number}")
    if entry.table(6) is not None:
        raise ValueError(f"tensor {name!r} is stored sparsely, which edgekit does not read")
    scale, zero_point, axis = _quantization(entry.table(4), name)
    return FileTensor(name, shape, dtype, _constant(buffers, entry.scalar(2, "I"), name, shape, dtype),
                      scale, zero_point, axis, entry.scalar(5, "?", False))


def _quantization(table, name):
    """Scales and zero points, or None where there are none."""
    scale = _or_empty(table.vector(2, "<f4")) if table else ()
    if not len(scale):
        return None, 0, 0
    zero_point = _or_empty(table.vector(3, "<i8"))
    if len(zero_point) not in (0, len(scale)):
        raise ValueError(f"tensor {name!r} has {len(scale)} scales and {len(zero_point)} zero points")
    zero_point = zero_point if len(zero_point) else np.zeros(len(scale), np.int64)
    return np.array(scale), np.array(zero_point), table.scalar(6, "i")


def _constant(buffers, index, name, shape, dtype):
    """The data of a constant, aligned; None for an activation, whose buffer is empty."""
    content = _bytes(buffers, index)
    if not len(content) or dtype not in NUMPY_TYPES:
        return None
    wanted = np.dtype(dtype).newbyteorder("<")
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if any(n < 1 for n in shape) or len(content) != count * wanted.itemsize:
        raise ValueError(f"tensor {name!r} of type {dtype} and shape {shape} has {len(content)} bytes")
    return np.array(content).view(wanted).astype(dtype, copy=False).reshape(shape)


def _bytes(buffers, index):
    """The bytes of buffer `index`, which may lie behind the flatbuffer."""
    if index >= len(buffers):
        raise ValueError(f"buffer {index} is not there, there are {len(buffers)}")
    source, start, size = buffers[index].source, buffers[index].scalar(1, "Q"), buffers[index].scalar(2, "Q")
    if start > 1:
        source.check(start, size)
        source.spend(size)
        return np.frombuffer(source.data, np.uint8, size, start)
    return _or_empty(buffers[index].vector(0, np.uint8))


def _operator(entry, codes, names):
    index = entry.scalar(0, "I")
    if index >= len(codes):
        raise ValueError(f"operator code {index} is not there, there are {len(codes)}")
    inputs, outputs = _names(entry.vector(1, "<i4"), names), _names(entry.vector(2, "<i4"), names)
    inside = _names(entry.vector(8, "<i4"), names)
    return FileOperator(codes[index], inputs, outputs, _options(entry, codes[index]), inside)


def _options(entry, code):
    """The options by name; those of another operator are refused."""
    if code not in OPTIONS:
        return {}
    number, slots = OPTIONS[code]
    table = entry.table(4)
    if table is None or entry.scalar(3, "B") != number:
        raise ValueError(f"operator {code} comes without its options")
    options = {name: table.scalar(slot, form, default) for slot, (name, form, default) in slots.items()}
    for key, words in (("padding", PADDINGS), ("fused_activation_function", ACTIVATIONS)):
        if key in options:
            if options[key] not in words:
                raise ValueError(f"operator {code} has {key} {options[key]}, known are {words}")
            options[key] = words[options[key]]
    return options


def _names(indices, names):
    indices = [] if indices is None else indices.tolist()
    wrong = [i for i in indices if not -1 <= i < len(names)]
    if wrong:
        raise ValueError(f"tensor {wrong[0]} is not there, there are {len(names)}")
    return tuple(None if i == -1 else names[i] for i in indices)


def _or_empty(vector):
    return np.zeros(0, np.uint8) if vector is None else vector
