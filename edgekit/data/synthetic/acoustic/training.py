"""As many training units as wanted, generated once, unit by unit, into the user's cache."""

import hashlib
import io
from pathlib import Path

import numpy as np

from edgekit import _atomic
from edgekit.data.cache import cache_dir
from edgekit.data.dataset import Dataset
from edgekit.data.synthetic.acoustic import files
from edgekit.data.synthetic.acoustic.params import AcousticParams
from edgekit.data.synthetic.acoustic.sets import REFERENCE_TAKES, make_unit, unit_takes

VERSION = 1  # of the recipe: another number, other files in the cache
SEED = 30_104


def training_set(units: int = 100, takes: int = 24, seed: int = SEED, params: AcousticParams | None = None,
                 progress=None, cache: Path | None = None) -> Dataset:
    """`units` x `takes` recordings as the data set `acoustic`, split train; `files.view` makes the tasks' sets of it.

    Each unit is one file in the cache, written whole or not at all: what was interrupted goes on where it stopped,
    and an unreadable file is made again. progress(done, units) is called after each unit. One unit takes about
    half a second. Raises ValueError for a seed of the embedded val or test split, or counts below 1 and 3.
    """
    _check(units, takes, seed)
    folder, parts = _folder(takes, seed, params, cache), []
    for index in range(units):
        parts.append(_unit(folder / f"unit-{index:05d}.npz", index, takes, seed, params))
        if progress:
            progress(index + 1, units)
    return files.recordings(files.join(parts), "train")


def training_sound(index: int, takes: int = 24, seed: int = SEED, params: AcousticParams | None = None,
                   cache: Path | None = None) -> np.ndarray:
    """The sound (takes, 32000) int16 of unit `index` of the training set, from the cache or made now."""
    _check(index + 1, takes, seed)
    path = _folder(takes, seed, params, cache) / f"sound-{index:05d}.npy"
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        audio = unit_takes(index, takes, seed, params)[1].audio[REFERENCE_TAKES:, 0]
    buffer = io.BytesIO()
    np.save(buffer, audio, allow_pickle=False)
    _atomic.write_bytes(path, buffer.getvalue())
    return audio


def _unit(path: Path, index: int, takes: int, seed: int, params) -> dict[str, np.ndarray]:
    try:
        return files.unpack(path.read_bytes(), path.name)
    except (OSError, ValueError):
        content = files.pack(make_unit(index, takes, seed, params))
    _atomic.write_bytes(path, content)
    return files.unpack(content, path.name)


def _folder(takes: int, seed: int, params, cache: Path | None) -> Path:
    key = hashlib.sha256(repr((VERSION, takes, seed, params or AcousticParams())).encode()).hexdigest()[:12]
    return (cache_dir() if cache is None else Path(cache)) / f"acoustic-{key}"


def _check(units: int, takes: int, seed: int) -> None:
    if units != int(units) or units < 1 or takes != int(takes) or takes < 3:
        raise ValueError(f"training_set: expected at least 1 unit and 3 takes, got units={units!r}, takes={takes!r}")
    held_out = {split: files.EMBEDDED[split][2] for split in ("val", "test")} | {"raw": files.RAW_SEED}
    if seed in held_out.values():
        raise ValueError(f"training_set: seed {seed} makes the units of a held-out set ({held_out}); take another")
