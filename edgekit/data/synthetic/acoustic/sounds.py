"""Sound to listen to: the ten recordings that are shipped, and those behind the embedded features, made again."""

import json
from pathlib import Path

import numpy as np

from edgekit.data import store, wav
from edgekit.data.dataset import Dataset
from edgekit.data.synthetic.acoustic.files import EMBEDDED, FAMILY
from edgekit.data.synthetic.acoustic.sets import REFERENCE_TAKES, unit_takes
from edgekit.data.synthetic.acoustic.units import CLASSES

RAW_NAME = "acoustic-raw"


def raw_sounds(root: Path | None = None) -> Dataset:
    """The ten shipped sounds: x (10, 16000, 4) int16 codes of four microphones; group: the unit, in no split.

    extras: azimuth_deg of the machine, counter-clockwise from microphone 1; radius_mm of the array; snr_db.
    Raises FileNotFoundError or ValueError for a missing or altered file.
    """
    root = store.datasets_dir() if root is None else Path(root)
    index = json.loads(store.checked_bytes(root, f"{FAMILY}/raw/index.json"))
    sounds = index["sounds"]
    for one in sounds:
        store.checked_bytes(root, f"{FAMILY}/raw/{one['file']}")
    x = np.stack([wav.read(root / FAMILY / "raw" / one["file"], fs=index["fs"], channels=4).x for one in sounds])
    extras = {key: np.array([one[key] for one in sounds]) for key in ("azimuth_deg", "radius_mm", "snr_db")}
    return Dataset(RAW_NAME, "all", x, np.array([CLASSES.index(one["class"]) for one in sounds]), CLASSES,
                   float(index["fs"]), np.array([one["unit"] for one in sounds]), extras)


def unit_sounds(split: str, unit: int, channels: int = 1) -> np.ndarray:
    """All recordings of one unit of an embedded split, made again: (takes, channels, 32000) int16. About a second.

    unit: counted from 0 within the split. Raises ValueError for another split than train or val, or no such unit.
    """
    if split not in ("train", "val"):
        raise ValueError(f"unit_sounds: split must be train or val, got {split!r}; the test split is sealed")
    units, takes, seed = EMBEDDED[split]
    if not 0 <= unit < units:
        raise ValueError(f"unit_sounds: {split} has units 0..{units - 1}, got {unit!r}")
    return unit_takes(unit, takes, seed, channels=channels)[1].audio[REFERENCE_TAKES:]


def place_of(split: str, recording: int) -> tuple[int, int]:
    """The unit within the split, and the row of `unit_sounds`, of recording number `recording` of the set `acoustic`.

    >>> place_of("val", 0)[0] in range(15)
    True
    """
    units, takes, seed = EMBEDDED[split]
    return divmod(int(np.random.default_rng(seed).permutation(units * takes)[recording]), takes)
