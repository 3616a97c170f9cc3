"""The `.edge` file: a zip of `graph.json` (schema, nodes, tensors, qparams) and `weights.safetensors`. No pickle.

A file may come from a stranger: sizes are bounded before anything is read, every field is checked (`graph.describe`),
and the graph itself too (`graph.check`). Whatever is wrong is a ValueError that names the file.
"""

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from edgekit._atomic import write_bytes
from edgekit.graph import describe
from edgekit.graph.check import check_graph

#: the longest file, and the longest graph.json, that is read
MAX_BYTES = 1 << 30
MAX_JSON_BYTES = 1 << 24
MEMBERS = ["graph.json", "weights.safetensors"]
#: characters of an error that quotes a file
MAX_MESSAGE = 600


def save(graph, path):
    """Write `graph` to the `.edge` file at `path`, atomically; equal graphs give equal bytes."""
    write_bytes(path, to_bytes(graph))


def to_bytes(graph):
    """Return the `.edge` file of `graph` as bytes."""
    from safetensors.numpy import save as save_tensors

    weights = {tensor.name: np.ascontiguousarray(describe.stored(tensor)) for tensor in graph.constants}
    text = json.dumps(describe.to_json(graph), sort_keys=True, separators=(",", ":"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, payload in zip(MEMBERS, (text.encode(), save_tensors(weights)), strict=True):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, payload, zipfile.ZIP_DEFLATED if name == "graph.json" else zipfile.ZIP_STORED)
    return buffer.getvalue()


def load(path):
    """Read the `.edge` file at `path`. Raises ValueError that names the file, what is wrong and the remedy."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"load {path}: no such file; give the path of an .edge file or a name of the zoo")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"load {path}: {path.stat().st_size} bytes; an .edge file has at most {MAX_BYTES}")
    return from_bytes(path.read_bytes(), str(path))


def from_bytes(data, name="bytes"):
    """Return the graph held in the bytes of an `.edge` file; `name` appears in errors."""
    try:
        graph = _parse(data)
        check_graph(graph)
        return graph
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(_unreadable(name, error)) from error
    except ValueError as error:
        raise ValueError(f"load {name}: {error}"[:MAX_MESSAGE]) from error
    except Exception as error:  # zip, JSON and safetensors each have errors of their own
        raise ValueError(_unreadable(name, error)) from error


def _unreadable(name, error):
    text = f"{type(error).__name__}: {error}"[: MAX_MESSAGE // 2]
    return (
        f"load {name}: not a readable .edge file ({text}); it may be truncated or altered: fetch or make it again"
    )


def _parse(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text, payload = (_member(archive, name) for name in MEMBERS)
    description = json.loads(text, object_pairs_hook=_unique)
    from safetensors.numpy import load as load_tensors

    return describe.from_json(description, load_tensors(payload))


def _member(archive, name):
    """The content of one of the two files in the archive, whose sizes are known before they are read."""
    entries = archive.infolist()
    if sorted(entry.filename for entry in entries) != MEMBERS:
        names = sorted(entry.filename for entry in entries)[:8]
        raise ValueError(f"an .edge file holds {' and '.join(MEMBERS)}, this one holds {names}; make it again")
    entry = archive.getinfo(name)
    if entry.file_size > (MAX_JSON_BYTES if name == "graph.json" else entry.compress_size):
        raise ValueError(
            f"{name} would unpack to {entry.file_size} bytes; graph.json may have {MAX_JSON_BYTES}, "
            "weights.safetensors must not be compressed; make it again"
        )
    return archive.read(entry)


def _unique(pairs):
    """A JSON object without repeated keys."""
    found = dict(pairs)
    if len(found) < len(pairs):
        (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"key {name!r} of graph.json appears twice; make the file again")
    return found
