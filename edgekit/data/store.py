"""The embedded data files: where they lie, whether they are whole, how they are packed.

A split is one `.npz` without object arrays. Signals are packed as differences of 16-bit codes, low and high
bytes apart: neighbouring samples of a pulse are alike, so the differences are small and compress well.
"""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np

from edgekit import _atomic
from edgekit.data.dataset import Dataset

MANIFEST = "MANIFEST.json"


def datasets_dir() -> Path:
    """The folder of the embedded data: EDGEKIT_DATASETS, else `datasets/` beside the package.

    Raises FileNotFoundError, with a remedy, when there is none.
    """
    named = os.environ.get("EDGEKIT_DATASETS")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "datasets"
    if not folder.is_dir():
        raise FileNotFoundError(f"datasets_dir: no folder {folder}; work in a checkout of edgekit "
                                "(pip install -e .), or name the folder in EDGEKIT_DATASETS")
    return folder


def sha256(content: bytes) -> str:
    """The SHA-256 digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_manifest(root: Path) -> dict[str, dict]:
    """`MANIFEST.json`: relative path -> {"bytes", "sha256"}."""
    path = root / MANIFEST
    try:
        return json.loads(path.read_text(encoding="utf-8"))["files"]
    except FileNotFoundError:
        raise FileNotFoundError(f"read_manifest: {path} is missing; restore it with "
                                f"'git checkout -- datasets/{MANIFEST}'") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"read_manifest: {path} is not a manifest ({error}); restore it with "
                         f"'git checkout -- datasets/{MANIFEST}'") from None


def checked_bytes(root: Path, relative: str) -> bytes:
    """The content of `root/relative`, after length and SHA-256 were compared with the manifest."""
    path, family = root / relative, relative.split("/")[0]
    remedy = (f"restore it with 'git checkout -- datasets/{family}' or make it again: "
              f"edgekit.data.make({family!r})")
    entry = read_manifest(root).get(relative)
    if entry is None:
        raise ValueError(f"load: {path} is not in {root / MANIFEST}; {remedy}")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"load: {path} is missing; {remedy}") from None
    if len(content) != entry["bytes"]:
        raise ValueError(f"load: {path} is truncated or grown: {len(content)} bytes, expected "
                         f"{entry['bytes']}; {remedy}")
    if sha256(content) != entry["sha256"]:
        raise ValueError(f"load: {path} was altered: SHA-256 {sha256(content)[:12]}..., expected "
                         f"{entry['sha256'][:12]}...; {remedy}")
    return content


def pack_codes(codes: np.ndarray) -> np.ndarray:
    """(N, L) int16 -> (2, N, L) uint8: differences along time modulo 2^16, low bytes then high bytes.

    >>> unpack_codes(pack_codes(np.array([[3, 5, -4]], np.int16))).tolist()
    [[3, 5, -4]]
    """
    steps = np.diff(codes.astype(np.uint16), axis=1, prepend=np.uint16(0))
    zigzag = (steps << np.uint16(1)) ^ np.where(steps >> np.uint16(15), np.uint16(0xFFFF), np.uint16(0))
    return np.stack([zigzag & 0xFF, zigzag >> np.uint16(8)]).astype(np.uint8)


def unpack_codes(planes: np.ndarray) -> np.ndarray:
    """The inverse of `pack_codes`: (2, N, L) uint8 -> (N, L) int16."""
    zigzag = planes[0].astype(np.uint16) | (planes[1].astype(np.uint16) << np.uint16(8))
    steps = (zigzag >> np.uint16(1)) ^ np.where(zigzag & np.uint16(1), np.uint16(0xFFFF), np.uint16(0))
    return np.cumsum(steps, axis=1, dtype=np.uint16).astype(np.int16)


def to_bytes(data: Dataset, grids: dict[str, float] | None = None) -> bytes:
    """A signal data set as the bytes of a compressed `.npz`; x must hold int16 codes.

    `grids` names the extras that are signals too, (N, T, axes), and the step of the grid on which their values lie:
    they are kept as codes of 16 bits and come back as float32.
    """
    if data.x.dtype != np.int16 or data.x.ndim != 2:
        raise ValueError(f"to_bytes: x must be int16 of shape (N, L), got {data.x.dtype} {data.x.shape}")
    arrays = {"codes": pack_codes(data.x), "y": data.y.astype(np.uint8), "group": data.group.astype(np.int32),
              "fs": np.float64(data.fs), "class_names": np.array(data.class_names),
              "origin": np.array(data.origin)}
    grids = grids or {}
    arrays |= {f"extra_{key}": value for key, value in data.extras.items() if key not in grids}
    for key, step in grids.items():
        arrays |= {f"signal_{key}": _pack_signal(key, data.extras[key], step), f"step_{key}": np.float64(step)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _pack_signal(key: str, values: np.ndarray, step: float) -> np.ndarray:
    """(N, T, axes) real values on a grid -> (2, N, axes, T) uint8, by `pack_codes`."""
    codes = np.rint(values / step)
    on_grid = np.abs(codes * step - values) <= 1e-3 * step  # False for NaN
    if not (on_grid & (np.abs(codes) <= np.iinfo(np.int16).max)).all():
        raise ValueError(f"to_bytes: extra {key!r} must lie on multiples of {step:g} within 16 bits; round it first")
    rows = np.moveaxis(codes.astype(np.int16), 2, 1)
    return pack_codes(rows.reshape(-1, rows.shape[2])).reshape(2, *rows.shape)


def _unpack_signal(planes: np.ndarray, step: float) -> np.ndarray:
    """The inverse of `_pack_signal`, float32."""
    rows = unpack_codes(planes.reshape(2, -1, planes.shape[3])).reshape(planes.shape[1:])
    return np.ascontiguousarray(np.moveaxis(rows, 1, 2)) * np.float32(step)


def from_bytes(content: bytes, name: str, split: str) -> Dataset:
    """The data set in the bytes of an `.npz`: signals come back as float32 codes, pictures as uint8."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file.items())
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"load: {name}/{split} is not a readable .npz ({error})") from None
    extras = {key[6:]: value for key, value in arrays.items() if key.startswith("extra_")}
    extras |= {key[7:]: _unpack_signal(value, float(arrays[f"step_{key[7:]}"]))
               for key, value in arrays.items() if key.startswith("signal_")}
    return Dataset(name, split, _examples(arrays), arrays["y"].astype(np.int64), tuple(arrays["class_names"].tolist()),
                   float(arrays["fs"]) or None, arrays["group"], extras, str(arrays["origin"]))


def _examples(arrays) -> np.ndarray:
    if "jpeg_head" in arrays:
        from edgekit.data import images  # needs Pillow, which signals do without

        return images.unpack(arrays)
    return unpack_codes(arrays["codes"]).astype(np.float32)


def write_family(root: Path, family: str, files: dict[str, bytes]) -> None:
    """Write `root/family/<name>` for each name and renew the family's lines of the manifest."""
    (root / family).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _atomic.write_bytes(root / family / name, content)
    old = read_manifest(root) if (root / MANIFEST).exists() else {}
    kept = {path: entry for path, entry in old.items() if not path.startswith(family + "/")}
    new = {f"{family}/{name}": {"bytes": len(content), "sha256": sha256(content)}
           for name, content in files.items()}
    listing = {"schema": 1, "files": dict(sorted((kept | new).items()))}
    _atomic.write_text(root / MANIFEST, json.dumps(listing, indent=1) + "\n")
