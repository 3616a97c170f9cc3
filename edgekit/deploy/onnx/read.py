"""Read an ONNX model into a `Graph`: float, QDQ and QLinear forms, images (N, C, H, W) or (N, H, W, C).

    read(data, name) -> Graph

Constants that a model refers to outside its file, functions, control flow and strings are refused. Nothing in the file
is executed. Source: the ONNX operator specification, and the contrib operators of ONNX Runtime.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from edgekit.core.affine import QParams
from edgekit.deploy.onnx.finish import same, whole
from edgekit.graph.fold import fuse_activations
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.shapes import infer

MAX_BYTES = 1 << 30
OPSETS = range(11, 27)
ELEMENTS = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}


@dataclass(frozen=True)
class Constant:
    """A constant array; with `qparams` its numbers are codes."""

    name: str
    array: np.ndarray
    qparams: QParams | None = None


@dataclass(frozen=True)
class View:
    """How an ONNX name sees the graph tensor `tensor`.

    layout: "first" (N, C, H, W), "last" (N, H, W, C), "flat" (N, F); order: (C, H, W) of a flat view whose numbers lie
    channels first; real: it is seen through a DequantizeLinear.
    """

    tensor: str
    layout: str
    order: tuple | None = None
    real: bool = False


class Reader:
    """Collects tensors and nodes while ONNX nodes are read from first to last; handlers use these methods."""

    def __init__(self, name):
        self.name, self.values, self.tensors, self.nodes, self.real_inputs = name, {}, {}, [], set()
        self.opset, self.signal, self.uses = max(OPSETS), False, {}

    def fail(self, node, what):
        """Raise ValueError about an ONNX node."""
        place = node.name or next(iter(node.output), "without a name")
        raise ValueError(f"from_onnx {self.name}: operator {node.op_type} (node {place!r}) {what}")

    def value(self, node, place):
        """The `Constant` or `View` at input `place`, None when it is left out."""
        if place >= len(node.input) or not node.input[place]:
            return None
        if node.input[place] not in self.values:
            self.fail(node, f"reads {node.input[place]!r} before it is computed")
        return self.values[node.input[place]]

    def array(self, node, place, default=None):
        """The constant array at input `place`."""
        value = self.value(node, place)
        if value is None:
            return default
        if not isinstance(value, Constant):
            self.fail(node, f"needs a constant at input {place}, got the activation {value.tensor!r}")
        return value.array

    def view(self, node, place, layouts=("first", "last", "flat")):
        """The activation at input `place`, in one of `layouts`."""
        value = self.value(node, place)
        if not isinstance(value, View):
            self.fail(node, f"needs an activation at input {place}")
        if value.layout not in layouts:
            self.fail(node, f"takes activations laid out as {' or '.join(layouts)}, got {value.layout}")
        return value

    def keep(self, tensor, array, qparams=None):
        """Store a constant of the graph and return its name."""
        while tensor in self.tensors:
            tensor += "_"
        self.tensors[tensor] = Tensor(tensor, array.shape, str(array.dtype), np.ascontiguousarray(array), qparams)
        return tensor

    def emit(self, node, op, inputs, view, grid=None, **attrs):
        """Add a graph node that gives the ONNX node's first output, seen as `view` sees its tensor."""
        output = node.output[0]
        if output in self.tensors:
            self.fail(node, f"writes {output!r}, which exists already")
        shape = infer(op, [self.tensors[name].shape for name in inputs], attrs)
        self.tensors[output] = Tensor(output, shape, "float32" if grid is None else "int8", None, grid)
        self.nodes.append(Node(op, inputs, output, attrs, node.name))
        layout = view.layout if len(shape) == 3 else "flat"
        self.values[output] = View(output, layout, view.order if layout == "flat" else None)
        return output

    def set_grid(self, node, tensor, qparams):
        """Say on which grid an activation lies; a second, different one is an error."""
        known = self.tensors[tensor].qparams
        if known is None:
            self.tensors[tensor] = replace(self.tensors[tensor], dtype=str(qparams.dtype), qparams=qparams)
        elif not same(known, qparams):
            self.fail(node, f"reads {tensor!r} with another scale or zero point than its writer gave it")

    def grid(self, node, scale, zero_point):
        """The `QParams` from the constants at inputs `scale` and `zero_point`."""
        scale, zero_point = self.array(node, scale), self.array(node, zero_point)
        if scale is None or zero_point is None or zero_point.dtype != np.int8:
            self.fail(node, "needs a constant scale and an int8 zero point")
        if scale.size != 1 or zero_point.size != 1:
            self.fail(node, "needs one scale and one zero point for an activation")
        return QParams(scale.item(), zero_point.item())


def read(data, name="model"):
    """Return the graph of an ONNX model in which every grid is stated before it is needed.

    `complete.from_onnx` reads any model, and says what the graph holds.
    Raises ValueError naming the file, the operator and its node, and what is supported.
    """
    model = _parse(data, name)
    try:
        return _read(model, name)
    except ValueError as error:
        prefix = "" if name in str(error) else f"from_onnx {name}: "
        raise ValueError(f"{prefix}{error}") from error
    except Exception as error:  # whatever an altered model trips over
        what = f"not a sound model ({type(error).__name__}: {error})"
        raise ValueError(f"from_onnx {name}: {what}; export it again") from error


def _parse(data, name):
    from onnx import ModelProto

    if len(data) > MAX_BYTES:
        raise ValueError(f"from_onnx {name}: {len(data):,} bytes, more than {MAX_BYTES:,} are not read")
    model = ModelProto()
    try:
        model.ParseFromString(bytes(data))
    except Exception as error:  # DecodeError, of the library beneath onnx
        raise ValueError(f"from_onnx {name}: not a readable ONNX file ({error}); export it again") from error
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if not versions or versions[0] not in OPSETS:
        raise ValueError(
            f"from_onnx {name}: operator set {versions} is not supported; export with one of "
            f"{OPSETS.start} to {OPSETS.stop - 1}"
        )
    if model.functions or model.graph.sparse_initializer:
        raise ValueError(f"from_onnx {name}: functions and sparse constants are not supported; inline them")
    return model


def _read(model, name):
    from edgekit.deploy.onnx.operators import OPERATORS, names_of

    reader = Reader(name)
    reader.opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    reader.uses = Counter(source for node in model.graph.node for source in node.input)
    reader.uses.update(info.name for info in model.graph.output)
    for tensor in model.graph.initializer:
        reader.values[tensor.name] = Constant(tensor.name, to_array(tensor, name))
    inputs = [_input(reader, model, info) for info in model.graph.input if info.name not in reader.values]
    for node in model.graph.node:
        handler = OPERATORS.get((node.op_type, node.domain.removeprefix("ai.onnx")))
        if handler is None:
            reader.fail(node, f"is not supported; supported are {names_of(OPERATORS)}")
        handler(reader, node)
    outputs = [_output(reader, info.name) for info in model.graph.output]
    graph = Graph(model.graph.name or "onnx", reader.tensors, reader.nodes, inputs, outputs, _metadata(reader, model))
    return whole(fuse_activations(graph), name)


def to_array(tensor, name):
    """The array of an ONNX tensor. Raises ValueError for data outside the file and for unknown types."""
    from onnx import numpy_helper

    if tensor.data_location or tensor.external_data:
        raise ValueError(f"from_onnx {name}: constant {tensor.name!r} lies outside the file; save it in the model")
    if tensor.data_type not in ELEMENTS:
        raise ValueError(
            f"from_onnx {name}: constant {tensor.name!r} has element type {tensor.data_type}; "
            "float32, int8, uint8, int32 and int64 are supported"
        )
    array = numpy_helper.to_array(tensor)
    if array.dtype == np.float32 and not np.isfinite(array).all():
        raise ValueError(f"from_onnx {name}: constant {tensor.name!r} holds NaN or infinite values; export it again")
    return array


def _input(reader, model, info):
    dims = [d.dim_value for d in info.type.tensor_type.shape.dim]
    element = info.type.tensor_type.elem_type
    if len(dims) not in (2, 3, 4) or not all(d > 0 for d in dims[1:]) or element not in (1, 3):
        raise ValueError(
            f"input {info.name!r} must be float32 or int8 of shape (N, F), (N, C, L) or (N, C, H, W) with "
            f"known sizes, got element type {element} and {dims}"
        )
    readers = [node for node in model.graph.node if info.name in node.input]
    last = bool(readers) and all(_perm(node) == [0, 3, 1, 2] for node in readers)
    shape = tuple(dims[1:]) if last else from_first(dims[1:])
    reader.signal = reader.signal or len(dims) == 3
    layout = "flat" if len(dims) == 2 else "last" if last else "first"
    reader.tensors[info.name] = Tensor(info.name, shape)
    if element == 1:
        reader.real_inputs.add(info.name)
    reader.values[info.name] = View(info.name, layout)
    return info.name


def _perm(node):
    found = [list(a.ints) for a in node.attribute if a.name == "perm" and node.op_type == "Transpose"]
    return found[0] if found else None


def from_first(dims):
    """(C, H, W) or (C, L) -> (H, W, C); (F,) stays."""
    channels, *space = dims
    return (channels,) if not space else ((1, *space) if len(space) == 1 else tuple(space)) + (channels,)


def _output(reader, name):
    view = reader.values.get(name)
    if not isinstance(view, View) or view.order is not None:
        raise ValueError(f"output {name!r} must be a computed activation that is not an image flattened channels first")
    if not view.real:
        return view.tensor
    shape = reader.tensors[view.tensor].shape
    reader.tensors[name] = Tensor(name, shape)
    reader.nodes.append(Node("dequantize", [view.tensor], name))
    return name


def class_names(text):
    """Names from a JSON list, as the kit writes them, or separated by commas."""
    try:
        listed = json.loads(text)
    except ValueError:
        listed = text.split(",")
    return [name for name in listed if isinstance(name, str) and name] if isinstance(listed, list) else []


def _metadata(reader, model):
    layouts = {
        reader.values[info.name].layout
        for info in (*model.graph.input, *model.graph.output)
        if isinstance(reader.values.get(info.name), View)
    } - {"flat"}
    if len(layouts) > 1:
        raise ValueError("inputs and outputs have different layouts (NCHW and NHWC); export them alike")
    properties = {entry.key: entry.value for entry in model.metadata_props}
    names = class_names(properties.get("class_names", ""))
    return {"layout": "NHWC" if layouts == {"last"} else "NCHW", **({"class_names": names} if names else {})}


#: for a reader that knows more operators than this one
parse_model, read_input, read_metadata = _parse, _input, _metadata
