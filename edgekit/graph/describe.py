"""A graph as plain JSON values, and back: every field of a stranger's description is checked before it is used.

    to_json(graph) -> dict      from_json(description, weights) -> Graph      weights: {tensor name: stored(tensor)}

Codes of fewer than 8 bits are stored packed, as uint8; files that hold them one to a byte, as int8, are read too.
"""

import math
from collections import Counter

import numpy as np

from edgekit.core.affine import QParams
from edgekit.core.lowbit import pack, unpack
from edgekit.graph.check import check_finite
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.operators import LARGEST

SCHEMA = 1
DTYPES = ("float32", "int8", "uint8", "int16", "int32", "int64")


def to_json(graph):
    """Return everything of `graph` but the data of its constants."""
    return {
        "schema": SCHEMA,
        "name": graph.name,
        "inputs": graph.inputs,
        "outputs": graph.outputs,
        "metadata": graph.metadata,
        "tensors": [_tensor_entry(tensor) for tensor in graph.tensors.values()],
        "nodes": [
            {
                "op": node.op,
                "inputs": node.inputs,
                "output": node.output,
                "attrs": dict(node.attrs),
                "source": node.source,
            }
            for node in graph.nodes
        ],
    }


def from_json(description, weights):
    """Return the Graph. Raises ValueError for an unknown schema, and for fields that are missing or do not fit."""
    schema = description.get("schema") if isinstance(description, dict) else None
    if schema != SCHEMA or isinstance(schema, bool):
        raise ValueError(
            f"schema {schema!r} is unknown, this edgekit reads {SCHEMA}; update edgekit, or export the model again"
        )
    name, inputs, outputs, metadata, tensors, nodes = _fields(description, "graph.json", _GRAPH)[1:]
    tensors = [_tensor(entry, weights) for entry in tensors]
    names = [tensor.name for tensor in tensors]
    for repeated, count in Counter(names).most_common(1):
        if count > 1:
            raise ValueError(f"tensor {repeated!r} appears twice; make the file again")
    unknown = set(weights) - {tensor.name for tensor in tensors if tensor.is_constant}
    if unknown:
        raise ValueError(f"weights.safetensors holds {min(unknown)!r}, which is no constant; make the file again")
    return Graph(name, dict(zip(names, tensors, strict=True)), map(_node, nodes), inputs, outputs, metadata)


def stored(tensor):
    """Return the data of a constant as files keep it: (bytes,) uint8 for few bits, its own array otherwise."""
    return pack(tensor.data, tensor.qparams.num_bits) if _is_packed(tensor.dtype, tensor.qparams) else tensor.data


def _is_packed(dtype, qparams):
    return dtype == "int8" and qparams is not None and qparams.signed and qparams.num_bits < 8


def _unpacked(data, shape, qparams):
    """The codes in `shape`; sizes are compared before anything is made of them."""
    needed = -(-math.prod(shape) * qparams.num_bits // 8)
    if data.ndim != 1 or data.size != needed:
        raise ValueError(f"{qparams.num_bits}-bit codes of shape {tuple(shape)} take {needed} bytes, got {data.shape}")
    return unpack(data, qparams.num_bits, tuple(shape))


def _tensor_entry(tensor):
    entry = {
        "name": tensor.name,
        "shape": tensor.shape,
        "dtype": tensor.dtype,
        "constant": tensor.is_constant,
    }
    if tensor.qparams is not None:
        q = tensor.qparams
        entry["qparams"] = {
            "scale": q.scale.tolist(),
            "zero_point": q.zero_point.tolist(),
            "num_bits": q.num_bits,
            "axis": q.axis,
            "signed": q.signed,
            "narrow": q.narrow,
        }
    return entry


def _tensor(entry, weights):
    name, shape, dtype, constant, qparams = _fields(entry, "a tensor", _TENSOR, ("qparams",))
    data = weights.get(name) if constant else None
    if constant and data is None:
        raise ValueError(f"tensor {name!r} has no data in weights.safetensors; make the file again")
    if dtype not in DTYPES:
        raise ValueError(f"tensor {name!r} has type {dtype!r}; known: {', '.join(DTYPES)}")
    if data is not None and data.size == 0:
        raise ValueError(f"tensor {name!r} is empty; make the file again")
    try:
        qparams = qparams and QParams(*_fields(qparams, "qparams", _QPARAMS))
        if data is not None and data.dtype == np.uint8 and _is_packed(dtype, qparams):
            data = _unpacked(data, shape, qparams)
    except ValueError as error:
        raise ValueError(f"tensor {name!r}: {error}") from None
    tensor = Tensor(name, shape, dtype, data, qparams)
    check_finite(tensor)
    return tensor


def _node(entry):
    return Node(*_fields(entry, "a node", _NODE))


def _fields(entry, what, checks, optional=()):
    """The values of `entry` in the order of `checks`; None for an optional one that is not there."""
    if not isinstance(entry, dict) or set(entry) - set(checks) or set(checks) - set(entry) - set(optional):
        given = sorted(map(str, entry)) if isinstance(entry, dict) else repr(entry)[:80]
        raise ValueError(f"{what} needs the fields {', '.join(checks)}, got {given}; make the file again")
    for key, value in entry.items():
        if not checks[key](value):
            raise ValueError(f"field {key!r} of {what} cannot be {repr(value)[:80]}; make the file again")
    return [entry.get(key) for key in checks]


def _text(value):
    return isinstance(value, str) and len(value) <= 1000


def _whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def _real(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300


def _is(kind):
    return lambda value: isinstance(value, kind)


def _list(fits):
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _one_or_list(fits):
    return lambda value: fits(value) or _list(fits)(value)


_GRAPH = {
    "schema": _whole,
    "name": _text,
    "inputs": _list(_text),
    "outputs": _list(_text),
    "metadata": _is(dict),
    "tensors": _is(list),
    "nodes": _is(list),
}
_TENSOR = {
    "name": _text,
    "shape": lambda value: _list(_whole)(value) and len(value) <= 8,
    "dtype": _text,
    "constant": _is(bool),
    "qparams": _is(dict),
}
_QPARAMS = {
    "scale": _one_or_list(_real),
    "zero_point": _one_or_list(_whole),
    "num_bits": _whole,
    "axis": lambda value: value is None or _whole(value),
    "signed": _is(bool),
    "narrow": _is(bool),
}
_NODE = {"op": _text, "inputs": _list(_text), "output": _text, "attrs": _is(dict), "source": _text}
