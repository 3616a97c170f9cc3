"""The `.edge` file: a zip of `graph.json` (schema, nodes, tensors, qparams) and `weights.safetensors`. No pickle."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from edgekit._atomic import write_bytes
from edgekit.core.affine import QParams
from edgekit.graph.ir import Graph, Node, Tensor

SCHEMA = 1
MAX_BYTES = 1 << 30
DTYPES = ("float32", "int8", "uint8", "int16", "int32", "int64")


def save(graph, path):
    """Write `graph` to the `.edge` file at `path`, atomically; equal graphs give equal bytes."""
    write_bytes(path, to_bytes(graph))


def to_bytes(graph):
    """Return the `.edge` file of `graph` as bytes."""
    from safetensors.numpy import save as save_tensors

    weights = {tensor.name: np.ascontiguousarray(tensor.data) for tensor in graph.constants}
    text = json.dumps(_description(graph), sort_keys=True, separators=(",", ":"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, payload in (("graph.json", text.encode()), ("weights.safetensors", save_tensors(weights))):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, payload, zipfile.ZIP_DEFLATED if name == "graph.json" else zipfile.ZIP_STORED)
    return buffer.getvalue()


def load(path):
    """Read the `.edge` file at `path`. Raises ValueError that names the file, what is wrong and the remedy."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"load {path}: no such file; give the path of an .edge file or a name of the zoo")
    return from_bytes(path.read_bytes(), str(path))


def from_bytes(data, name="bytes"):
    """Return the graph held in the bytes of an `.edge` file; `name` appears in errors."""
    try:
        return _parse(data, name)
    except ValueError:
        raise
    except Exception as error:  # zip, JSON and safetensors each have errors of their own
        raise ValueError(
            f"load {name}: not a readable .edge file ({type(error).__name__}: {error}); "
            "it may be truncated or altered: fetch or make it again"
        ) from error


def _parse(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {entry.filename: entry.file_size for entry in archive.infolist()}
        if set(names) != {"graph.json", "weights.safetensors"} or max(names.values()) > MAX_BYTES:
            raise ValueError(
                f"load {name}: an .edge file holds graph.json and weights.safetensors, this one holds "
                f"{sorted(names)}; make it again"
            )
        text, payload = archive.read("graph.json"), archive.read("weights.safetensors")
    description = json.loads(text)
    if description.get("schema") != SCHEMA:
        raise ValueError(
            f"load {name}: schema {description.get('schema')!r} is unknown, this edgekit reads {SCHEMA}; "
            "update edgekit, or export the model again"
        )
    return _graph(description, _weights(payload), name)


def _weights(payload):
    from safetensors.numpy import load as load_tensors

    return load_tensors(payload)


def _description(graph):
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


def _graph(description, weights, name):
    tensors = {entry["name"]: _tensor(entry, weights, name) for entry in description["tensors"]}
    nodes = [
        Node(node["op"], node["inputs"], node["output"], _attrs(node["attrs"]), node["source"])
        for node in description["nodes"]
    ]
    return Graph(
        description["name"],
        tensors,
        nodes,
        description["inputs"],
        description["outputs"],
        description["metadata"],
    )


def _tensor(entry, weights, name):
    data = weights.get(entry["name"]) if entry["constant"] else None
    if entry["constant"] and data is None:
        raise ValueError(
            f"load {name}: tensor {entry['name']!r} has no data in weights.safetensors; make the file again"
        )
    if data is not None and data.dtype.kind == "f" and not np.isfinite(data).all():
        raise ValueError(
            f"load {name}: tensor {entry['name']!r} holds NaN or infinite values; train or export it again"
        )
    if entry["dtype"] not in DTYPES:
        raise ValueError(
            f"load {name}: tensor {entry['name']!r} has type {entry['dtype']!r}; known: {', '.join(DTYPES)}"
        )
    qparams = QParams(**entry["qparams"]) if "qparams" in entry else None
    return Tensor(entry["name"], entry["shape"], entry["dtype"], data, qparams)


def _attrs(attrs):
    """JSON turns tuples into lists; nodes keep tuples."""
    return {key: _tuples(value) for key, value in attrs.items()}


def _tuples(value):
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
