"""The models that ship with the kit: graphs as `.edge` files, torch weights as safetensors. Loading needs no torch."""

import hashlib
import json
from pathlib import Path

from edgekit._atomic import write_bytes, write_text
from edgekit.graph import file

WEIGHTS = Path(__file__).parent / "weights"
MANIFEST = "MANIFEST.json"


def names(folder=WEIGHTS):
    """Return the names of the models that ship, sorted."""
    return sorted(Path(name).stem for name in _manifest(folder) if name.endswith(".edge"))


def load(name, folder=WEIGHTS):
    """Return the graph of the shipped model `name`.

    Raises ValueError for an unknown name, and for a file that is missing, truncated or altered.
    """
    if f"{name}.edge" not in _manifest(folder):
        raise ValueError(f"zoo.load: unknown model {name!r}; known: {', '.join(names(folder))}")
    return file.from_bytes(read(f"{name}.edge", folder), f"{name}.edge")


def read(filename, folder=WEIGHTS):
    """Return the bytes of a shipped file after comparing its SHA-256 with the manifest."""
    path, remedy = (
        Path(folder) / filename,
        "restore it with 'git checkout' or retrain it with 'edgekit zoo train'",
    )
    expected = _manifest(folder).get(filename)
    if not path.is_file():
        raise ValueError(f"zoo.read: {path} is missing; {remedy}")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != expected:
        raise ValueError(
            f"zoo.read: {path} ({len(data)} bytes) was truncated or altered, its SHA-256 differs from "
            f"{MANIFEST}; {remedy}"
        )
    return data


def store(files, folder=WEIGHTS):
    """Write {filename: bytes} into `folder` and enter their SHA-256 into the manifest."""
    manifest = _manifest(folder)
    for filename, data in files.items():
        write_bytes(Path(folder) / filename, data)
        manifest[filename] = hashlib.sha256(data).hexdigest()
    write_text(Path(folder) / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def load_state(model, filename, folder=WEIGHTS):
    """Load the safetensors weights `filename` into the torch `model`, strictly; return the model in eval mode."""
    from safetensors.torch import load as load_tensors

    model.load_state_dict(load_tensors(read(filename, folder)))
    return model.eval()


def _manifest(folder):
    path = Path(folder) / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
