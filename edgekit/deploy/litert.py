"""LiteRT: read a `.tflite` file into the graph, and write a graph as a `.tflite` file.

    read(source) -> Graph            source: a path, or the bytes of a file
    write(graph) -> bytes
    save(graph, path)
"""

import json
import os
from pathlib import Path

from edgekit._atomic import write_bytes
from edgekit.deploy.litert_parse import parse
from edgekit.deploy.litert_read import METADATA, to_graph
from edgekit.deploy.litert_stride import fold_strides
from edgekit.deploy.litert_write_graph import to_file
from edgekit.deploy.litert_writer import write_model

#: a `.tflite` file keeps its offsets in 31 bits
MAX_BYTES = 1 << 31


def read(source):
    """Return the Graph of a `.tflite` file: a path, or its bytes.

    int8 models and float32 models; QUANTIZE of the input and DEQUANTIZE of the output are left out. Raises ValueError
    that names the file and what is wrong: damage, an operator that is not supported, a type, a shape.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return to_graph(parse(bytes(source)), "bytes")
    path = Path(os.fspath(source))
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise ValueError(f"litert.read {path}: no such file, or larger than {MAX_BYTES} bytes; give the "
                         "path of a .tflite file")
    return to_graph(parse(path.read_bytes(), str(path)), str(path))


def write(graph):
    """Return the bytes of `graph` as a `.tflite` file, with a SignatureDef, its name and its metadata (JSON).

    An integer graph gives a full-integer model whose outputs in LiteRT equal the interpreter's under the preset of the
    same name; a float graph gives a float model. Equal graphs give equal bytes. Raises ValueError that names the node
    that LiteRT cannot hold.
    """
    tensors, operators = to_file(fold_strides(graph))
    note = json.dumps({"name": graph.name, "metadata": graph.metadata}, sort_keys=True, separators=(",", ":"))
    return write_model(tensors, operators, graph.inputs, graph.outputs, metadata={METADATA: note.encode()})


def save(graph, path):
    """Write `graph` to the `.tflite` file at `path`, atomically."""
    write_bytes(path, write(graph))
