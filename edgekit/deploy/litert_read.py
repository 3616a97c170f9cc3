"""From the tensors and operators of a `.tflite` file to the graph.

    to_graph(model, name) -> Graph          model: a `litert_parse.FileModel`

Operators are read one by one by the functions of `litert_read_ops`. QUANTIZE of a real input and DEQUANTIZE of an
output are left out: the graph takes and gives the integers, as `graph.run.predict` expects.
"""

import json
import math
from dataclasses import dataclass, field, replace

import numpy as np

from edgekit.core.affine import QParams
from edgekit.deploy.litert_parse import LSTM
from edgekit.deploy.litert_patterns import TABLE, combine
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.shapes import infer

#: types of activations; codes need a scale, real numbers none
CODES = ("int8", "uint8", "int16")

#: what a model may ask for: elements of all activations, and multiply-accumulates
MAX_ELEMENTS = 1 << 28
MAX_MACS = 1 << 40

#: elements of the windows that a convolution lays out for one example
MAX_WINDOW_ELEMENTS = 1 << 28

#: fewest and most inputs of the operators that have not exactly one; the third is a bias, or what PADV2 pads with
ARITY = {
    "ADD": (2, 2), "CONCATENATION": (2, 64), "CONV_2D": (2, 3), "DEPTHWISE_CONV_2D": (2, 3), "EXPAND_DIMS": (1, 2),
    "FULLY_CONNECTED": (2, 3), "MEAN": (2, 2), "MUL": (2, 2), "PAD": (2, 2), "PADV2": (3, 3), "RESHAPE": (1, 2),
    "RESIZE_NEAREST_NEIGHBOR": (2, 2), TABLE: (2, 2), LSTM: (20, 24),
}  # fmt: skip

#: the entry of the file's metadata that keeps name and metadata of the graph
METADATA = "edgekit"


def to_graph(model, name):
    """Return the Graph of a `FileModel`. Raises ValueError that names the file and the operator that does not fit."""
    from edgekit.deploy.litert_read_ops import READERS

    builder = Builder(model, name)
    for index, operator in combine(model):
        builder.where = f"operator {operator.code} (node {index})"
        if operator.code not in READERS:
            raise ValueError(f"litert.read {name}: {builder.where} is not supported; "
                             f"edgekit reads {', '.join(READERS)}")
        try:
            _check_arity(operator)
            READERS[operator.code](builder, operator)
        except ValueError as error:
            raise ValueError(f"litert.read {name}: {builder.where}: {error}") from None
    try:
        return builder.graph()
    except ValueError as error:
        raise ValueError(f"litert.read {name}: {error}") from None


def _check_arity(operator):
    """Only a bias may be left out, and what an LSTM does not have; every operator has one output."""
    fewest, most = ARITY.get(operator.code, (1, 1))
    given = operator.inputs[:2] if most == 3 else operator.inputs[:1] if operator.code == LSTM else operator.inputs
    right = fewest <= len(operator.inputs) <= most and None not in given
    if not right or len(operator.outputs) != 1 or None in operator.outputs:
        raise ValueError(f"it has inputs {operator.inputs} and outputs {operator.outputs}, expected {fewest} to {most} "
                         "inputs and one output")


@dataclass
class Builder:
    """A graph in the making. `where` is the operator at hand."""

    model: object
    name: str
    where: str = ""
    tensors: dict = field(default_factory=dict)
    nodes: list = field(default_factory=list)
    elements: int = 0
    macs: int = 0

    def __post_init__(self):
        self.file = {tensor.name: tensor for tensor in self.model.tensors}
        self.inputs, self.outputs = list(self.model.inputs), list(self.model.outputs)
        if not self.inputs or not self.outputs or None in (*self.inputs, *self.outputs):
            raise ValueError(f"litert.read {self.name}: inputs {self.inputs} and outputs {self.outputs} must be "
                             "tensors")
        self.batch = next(iter(self.file[self.inputs[0]].shape), 1)

    def activation(self, name):
        """The activation `name` as a tensor of the graph; its batch, axis 0, is left out."""
        if name not in self.tensors:
            entry = self.file[name]
            if entry.data is not None or entry.is_variable:
                kind = "variable" if entry.is_variable else "constant"
                raise ValueError(f"tensor {name!r} is a {kind}, an activation was expected")
            if entry.shape[:1] != (self.batch,):
                raise ValueError(f"tensor {name!r} has shape {entry.shape}: axis 0 must be the batch of {self.batch}")
            self.add(Tensor(name, entry.shape[1:], entry.dtype, None, qparams_of(entry)))
        return self.tensors[name]

    def constant(self, name):
        """The constant `name` as the file holds it."""
        if name is None or self.file[name].data is None:
            raise ValueError(f"tensor {name!r} must be a constant with data, in a type that edgekit reads")
        return self.file[name]

    def operand(self, name):
        """An activation, or a constant with its qparams and without a batch."""
        if self.file[name].data is None:
            return self.activation(name)
        entry = self.constant(name)
        data = entry.data[0] if entry.data.ndim and len(entry.data) == 1 else entry.data
        return self.add(Tensor(name, data.shape, entry.dtype, data, qparams_of(entry)))

    def add(self, tensor):
        """Take `tensor` into the graph; what all activations hold is limited."""
        if tensor.is_constant:
            return self._add_constant(tensor)
        self.tensors[tensor.name] = tensor
        self.elements += math.prod(tensor.shape)
        if self.elements > MAX_ELEMENTS:
            raise ValueError(f"the activations hold more than {MAX_ELEMENTS} elements")
        return tensor

    def _add_constant(self, tensor):
        """A constant that two operators read in two forms becomes two constants."""
        while tensor.name in self.tensors and self.tensors[tensor.name].shape != tensor.shape:
            tensor = replace(tensor, name=f"{tensor.name}#")
        return self.tensors.setdefault(tensor.name, tensor)

    def emit(self, op, inputs, output, /, **attrs):
        """Add a node; raise ValueError unless the file gives its output the shape that its inputs give."""
        declared, node = self.activation(output).shape, Node(op, tuple(inputs), output, attrs, output)
        shape = infer(op, [self.tensors[name].shape for name in node.inputs], node.attrs)
        if shape != declared:
            raise ValueError(f"its output {output!r} has shape {declared} in the file, its inputs give {shape}")
        self.nodes.append(node)

    def emit_fused(self, op, inputs, output, fused, /, **attrs):
        """The same for an operator whose `fused` activation becomes a node of its own."""
        if fused is None:
            self.emit(op, inputs, output, **attrs)
            return
        y = self.activation(output)
        between = self.add(Tensor(f"{output}#{op}", y.shape, y.dtype, None, y.qparams)).name
        self.emit(op, inputs, between, **attrs)
        self.emit(fused, (between,), output)

    def work(self, macs, window_elements=0):
        """Count what a node costs; raise ValueError beyond any model for a small device."""
        self.macs += macs
        if self.macs > MAX_MACS or window_elements > MAX_WINDOW_ELEMENTS:
            raise ValueError(f"it needs {macs} multiply-accumulates over {window_elements} elements of windows, "
                             "too many")

    def graph(self):
        """The finished graph."""
        for name in (*self.inputs, *self.outputs):
            self.activation(name)
        used = {name for node in self.nodes for name in (*node.inputs, node.output)} | {*self.inputs, *self.outputs}
        tensors = {name: tensor for name, tensor in self.tensors.items() if name in used}
        name, metadata = _metadata(self.model.metadata)
        return Graph(name or "tflite", tensors, self.nodes, self.inputs, self.outputs, metadata)


def qparams_of(entry, axis=None):
    """The qparams of a tensor of the file; `axis` is where a vector of scales must lie, None for one scale."""
    if entry.dtype not in CODES:
        if entry.dtype not in ("float32", "int32"):
            raise ValueError(f"tensor {entry.name!r} has type {entry.dtype}; edgekit reads int8 and int16 models, "
                             "uint8 at their ends, and float32")
        return None
    scale = entry.scale
    if scale is None or not np.isfinite(scale).all() or not (scale > 0).all():
        raise ValueError(f"tensor {entry.name!r} has type {entry.dtype} and no finite, positive scale")
    if entry.dtype == "int16" and (len(scale) != 1 or entry.zero_point[0] != 0):
        raise ValueError(f"tensor {entry.name!r} is int16 and needs one scale and the zero point 0")
    if len(scale) == 1:
        bits = 16 if entry.dtype == "int16" else 8
        return QParams(scale[0], entry.zero_point[0], bits, signed=entry.dtype != "uint8")
    if axis is None or entry.quantized_dimension != axis or entry.shape[axis] != len(scale):
        raise ValueError(f"tensor {entry.name!r} of shape {entry.shape} has {len(scale)} scales along axis "
                         f"{entry.quantized_dimension}, expected {'one' if axis is None else f'axis {axis}'}")
    return QParams(scale, entry.zero_point, axis=axis)


def _metadata(entries):
    """Name and metadata that `litert.write` put into the file, or nothing."""
    try:
        found = json.loads(entries.get(METADATA, b"{}"))
        return str(found.get("name", "")), dict(found.get("metadata", {}))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return "", {}
