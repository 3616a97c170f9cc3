"""From the graph to the tensors and operators of a `.tflite` file.

    to_file(graph) -> (tensors, operators)          for `litert_writer.write_model`

Every operator computes in LiteRT what it computes in the interpreter. Padding that is neither SAME nor VALID becomes
an operator of its own, and so does hard_sigmoid, which LiteRT lacks: a table of 256 codes and GATHER.
"""

import numpy as np

from edgekit.core.windows import pair, resolve_padding
from edgekit.deploy.litert_file import File, amounts_of, shape_of
from edgekit.deploy.litert_read_ops import table_of
from edgekit.deploy.litert_write_lstm import write_lstm
from edgekit.deploy.litert_writer import FileOperator, FileTensor

ACTIVATIONS = {None: "NONE", "relu": "RELU", "relu6": "RELU6"}

#: (scale, zero point) that LiteRT demands of the output of some operators, in int8 and int16
FIXED_GRIDS = {"softmax": (1 / 256, -128), "sigmoid": (1 / 256, -128), "tanh": (1 / 128, 0)}
FIXED_GRIDS_16 = dict.fromkeys(FIXED_GRIDS, (1 / 32768, 0))

#: operators of one input whose name and nothing else changes
UNARY = {"relu": "RELU", "relu6": "RELU6", "softmax": "SOFTMAX", "sigmoid": "LOGISTIC", "tanh": "TANH",
         "hard_swish": "HARD_SWISH", "quantize": "QUANTIZE"}
POOLS = {"avg_pool2d": "AVERAGE_POOL_2D", "max_pool2d": "MAX_POOL_2D"}


def to_file(graph):
    """Return (tensors, operators) of `graph`. Raises ValueError that names the node that LiteRT cannot hold."""
    file = File(graph)
    for name in graph.inputs:
        file.activation(name)
    for node in graph.nodes:
        if node.op not in WRITERS:
            raise ValueError(f"litert.write: operator {node.op!r} of node {node.source or node.output!r} has no "
                             f"counterpart in LiteRT; it takes {', '.join(sorted(WRITERS))}"
                             + ("; call graph.fold.fold(graph) first" if node.op == "batch_norm" else ""))
        try:
            WRITERS[node.op](file, node)
        except ValueError as error:
            raise ValueError(f"litert.write: node {node.source or node.output!r} ({node.op}): {error}") from None
    return list(file.tensors.values()), file.operators


def _conv2d(file, node):
    x, w = (file.graph.tensors[name] for name in node.inputs[:2])
    file.activation(x.name)
    attrs, groups = node.attrs, node.attrs["groups"]
    depthwise = 1 < groups == x.shape[2]
    word = _padding_word(x, w.shape[1:3], attrs)
    source = x.name if word else file.padded(node, attrs["padding"])
    weights = w.data.transpose(3, 1, 2, 0) if depthwise else w.data
    stride, dilation = pair(attrs["stride"]), pair(attrs["dilation"])
    options = {"padding": word or "VALID", "stride_h": stride[0], "stride_w": stride[1],
               "dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1], **_fused(node)}
    if depthwise:
        options["depth_multiplier"] = w.shape[0] // groups
    inputs = [source, file.constant(w.name, weights, w.qparams, 3 if depthwise else 0), _bias(file, node, x, w)]
    file.emit("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", inputs, node.output, **options)


def _dense(file, node):
    x, w = (file.graph.tensors[name] for name in node.inputs[:2])
    inputs = [file.activation(x.name), file.constant(w.name, w.data, w.qparams), _bias(file, node, x, w)]
    file.emit("FULLY_CONNECTED", inputs, node.output, keep_num_dims=len(x.shape) > 1, **_fused(node))


def _bias(file, node, x, w):
    """The bias, at scale_x * scale_w; zeros where there is none."""
    integer = x.qparams is not None
    if len(node.inputs) > 2:
        tensor = file.graph.tensors[node.inputs[2]]
        name, data = tensor.name, tensor.data
    else:
        wide = np.int64 if x.dtype == "int16" else np.int32
        name, data = f"{node.output}#bias", np.zeros(w.shape[0], wide if integer else np.float32)
    if name in file.tensors:
        name = file.fresh(name)
    data = data.astype(np.int64) if x.dtype == "int16" else data
    scale = np.float32(x.qparams.scale) * np.float32(w.qparams.scale) if integer else None
    file.tensors[name] = FileTensor(name, data.shape, str(data.dtype), data, scale)
    return name


def _pool(file, node):
    x, attrs = file.graph.tensors[node.inputs[0]], node.attrs
    kernel = pair(attrs["kernel"])
    stride = pair(attrs["stride"])
    word, source = _padding_word(x, kernel, attrs), file.activation(x.name)
    if not word:
        if node.op == "avg_pool2d":
            raise ValueError(f"padding {attrs['padding']} is neither SAME nor VALID, and LiteRT would count zeros; "
                             "choose the padding or the size of the input so that it is")
        source = file.padded(node, attrs["padding"], _lowest(x))
    file.emit(POOLS[node.op], [source], node.output, padding=word or "VALID", stride_h=stride[0], stride_w=stride[1],
              filter_height=kernel[0], filter_width=kernel[1], **_fused(node))


def _lowest(x):
    """What never wins a maximum; None where that is zero, which PAD fills in by itself."""
    if x.qparams is None:
        return np.finfo(np.float32).min
    return None if int(x.qparams.zero_point) == x.qparams.qmin else x.qparams.qmin


def _elementwise(code):
    def write(file, node):
        rank = max(len(file.graph.tensors[name].shape) for name in node.inputs)
        inputs = [_of_rank(file, node, name, rank) for name in node.inputs]
        wide = {"pot_scale_int16": False} if code == "ADD" and file.graph.tensors[node.output].dtype == "int16" else {}
        file.emit(code, inputs, node.output, **_fused(node), **wide)

    return write


def _of_rank(file, node, name, rank):
    """The operand `name`; an activation with fewer axes than the other gets axes of length 1 in front."""
    tensor = file.graph.tensors[name]
    if tensor.is_constant or len(tensor.shape) == rank:
        return file.activation(name)
    shape, wide = (1,) * (rank - len(tensor.shape)) + tensor.shape, file.fresh(f"{node.output}#{name}")
    file.hold(wide, shape, tensor.dtype, tensor.qparams)
    file.operators.append(FileOperator("RESHAPE", (file.activation(name), shape_of(file, wide, shape)), (wide,)))
    return wide


def _concat(file, node):
    rank = len(file.graph.tensors[node.output].shape) + 1
    options = {"axis": node.attrs["axis"] % rank, **_fused(node)}
    file.emit("CONCATENATION", [file.activation(name) for name in node.inputs], node.output, **options)


def _mean(file, node):
    rank = len(file.graph.tensors[node.inputs[0]].shape) + 1
    axes = np.array([axis % rank for axis in np.atleast_1d(node.attrs["axes"])], np.int32)
    inputs = [file.activation(node.inputs[0]), file.constant(f"{node.output}#axes", axes)]
    file.emit("MEAN", inputs, node.output, keep_dims=bool(node.attrs["keepdims"]))


def _pad(file, node):
    amounts = file.constant(f"{node.output}#amounts", amounts_of(node.attrs["padding"]))
    file.emit("PAD", [file.activation(node.inputs[0]), amounts], node.output)


def _resize(file, node):
    size = file.constant(f"{node.output}#size", np.array(node.attrs["size"], np.int32))
    options = {"align_corners": bool(node.attrs.get("align_corners")),
               "half_pixel_centers": bool(node.attrs.get("half_pixel"))}
    file.emit("RESIZE_NEAREST_NEIGHBOR", [file.activation(node.inputs[0]), size], node.output, **options)


def _reshape(file, node):
    shape = shape_of(file, node.output, node.attrs["shape"])
    file.emit("RESHAPE", [file.activation(node.inputs[0]), shape], node.output)


def _unary(file, node):
    y = file.graph.tensors[node.output]
    q, fixed = y.qparams, (FIXED_GRIDS_16 if y.dtype == "int16" else FIXED_GRIDS).get(node.op)
    if y.dtype == "int16" and node.op == "hard_swish":
        raise ValueError("LiteRT has no HARD_SWISH of int16; give the layers beside it 8 bits of activations")
    if q is not None and fixed and (float(q.scale), int(q.zero_point)) != fixed:
        raise ValueError(f"LiteRT gives its {y.dtype} output the scale {fixed[0]} and zero point {fixed[1]}, this one "
                         f"has {float(q.scale)} and {int(q.zero_point)}; quantize the graph again")
    file.emit(UNARY[node.op], [file.activation(node.inputs[0])], node.output,
              **({"beta": 1.0} if node.op == "softmax" else {}))


def _table(file, node):
    """y = table[x + 128], in three operators, exact in every resolver; an NPU leaves them to the processor.

    Real numbers take two operators.
    """
    x, y = file.graph.tensors[node.inputs[0]], file.graph.tensors[node.output]
    if x.qparams is None:
        _hard_sigmoid(file, node)
        return
    if x.dtype != "int8":
        raise ValueError(f"a table needs int8 codes, the input is {x.dtype}; give the layers beside it 8 bits of "
                         "activations")
    wide, index = (file.hold(file.fresh(f"{y.name}#{part}"), x.shape, "int32", None) for part in ("wide", "index"))
    entries = table_of(node.op, x, y)
    file.operators.append(FileOperator("CAST", (file.activation(x.name),), (wide,)))
    offset = file.constant(f"{y.name}#offset", np.array([128], np.int32))
    file.operators.append(FileOperator("ADD", (wide, offset), (index,)))
    file.emit("GATHER", [file.constant(f"{y.name}#table", entries, y.qparams), index], y.name, axis=0)


def _hard_sigmoid(file, node):
    """relu6(x + 3) / 6, in real numbers."""
    x, name = file.graph.tensors[node.inputs[0]], file.fresh(f"{node.output}#sum")
    three, sixth = (file.constant(file.fresh(f"{name}.{part}"), np.float32(value).reshape(1))
                    for part, value in (("three", 3), ("sixth", 1 / 6)))
    file.hold(name, x.shape, x.dtype, None)
    options = {"fused_activation_function": "RELU6"}
    file.operators.append(FileOperator("ADD", (file.activation(x.name), three), (name,), options))
    file.emit("MUL", [name, sixth], node.output, fused_activation_function="NONE")


WRITERS = {
    "conv2d": _conv2d, "dense": _dense, "add": _elementwise("ADD"), "mul": _elementwise("MUL"), "concat": _concat,
    "mean": _mean, "pad": _pad, "resize_nearest": _resize, "reshape": _reshape, "hard_sigmoid": _table,
    "lstm": write_lstm, **dict.fromkeys(POOLS, _pool), **dict.fromkeys(UNARY, _unary),
}  # fmt: skip


def _padding_word(x, kernel, attrs):
    """SAME or VALID where the padding of a node equals that, else None."""
    geometry = x.shape[:2], kernel, pair(attrs["stride"]), pair(attrs.get("dilation", 1))
    explicit = resolve_padding(attrs["padding"], *geometry)
    words = [word for word in ("valid", "same") if resolve_padding(word, *geometry) == explicit]
    return words[0].upper() if words else None


def _fused(node):
    return {"fused_activation_function": ACTIVATIONS[node.attrs.get("activation")]}
