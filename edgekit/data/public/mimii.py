"""MIMII: fans, pumps, sliders and valves in a factory, heard by eight microphones; normal and faulty.

Purohit et al., arXiv:1909.09347. `{6,0,-6}_dB_<machine>/<machine>/id_NN/{normal,abnormal}/NNNNNNNN.wav`, 10 s, 8
channels, 16 kHz, 16 bit. The folder before the machine says how loud the machine is over the factory.
"""

from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.clips import reader
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split, every_tenth

FS = 16000
CHANNELS = 8
CLASSES = ("normal", "abnormal")
MACHINES = ("fan", "pump", "slider", "valve")
LEVELS = ("6_dB", "0_dB", "-6_dB")


def index(folder=None, split: str = "train", machine: str = "fan", snr: str = "6_dB",
          channel: int | None = 0) -> Index:
    """The clips of one machine at one noise level, not yet read; group is the unit.

    Split as the authors' baseline: of each unit all abnormal clips and as many normal ones (the first) test, the
    other normal ones train; every tenth of these validates. channel: 0..7, or None for all eight.
    Raises FileNotFoundError for a missing folder, ValueError for an unknown option.
    """
    check_split("mimii", split, ("train", "val", "test"))
    _check_options(machine, snr, channel)
    root = find("mimii", f"{snr}_{machine}/{machine}/id_*/normal/*.wav", folder) / f"{snr}_{machine}" / machine
    found = [_unit(unit, split) for unit in sorted(root.glob("id_[0-9][0-9]"))]
    paths = tuple(path for normal, abnormal, _ in found for path in normal + abnormal)
    y = [label for normal, abnormal, _ in found for label in [0] * len(normal) + [1] * len(abnormal)]
    group = [unit for normal, abnormal, unit in found for _ in normal + abnormal]
    return Index("mimii", split, paths, np.array(y, np.int64), CLASSES, reader(FS, CHANNELS, channel), float(FS),
                 np.array(group, np.int64))


def load(folder=None, split: str = "train", machine: str = "fan", snr: str = "6_dB", channel: int | None = 0,
         limit: int | None = None) -> Dataset:
    """Clips x (N, 160000) int16, or (N, 160000, 8) with channel=None; ValueError if all are too many for memory."""
    return index(folder, split, machine, snr, channel).load(limit)


def _check_options(machine: str, snr: str, channel: int | None) -> None:
    for key, value, known in (("machine", machine, MACHINES), ("snr", snr, LEVELS)):
        if value not in known:
            raise ValueError(f"mimii: {key} must be {' or '.join(known)}, got {value!r}")
    if channel is not None and channel not in range(CHANNELS):
        raise ValueError(f"mimii: channel must be 0..{CHANNELS - 1}, or None for all, got {channel!r}")


def _unit(folder: Path, split: str) -> tuple[list, list, int]:
    """(normal clips, abnormal clips, unit) of one machine of its kind."""
    normal, abnormal = (sorted((folder / name).glob("*.wav")) for name in CLASSES)
    if not normal or not abnormal:
        raise FileNotFoundError(f"mimii: {folder} has {len(normal)} normal and {len(abnormal)} abnormal clips; the "
                                "folder is incomplete, fetch it again")
    rest = normal[len(abnormal):]
    held = every_tenth([0] * len(rest))
    chosen = {"test": normal[:len(abnormal)], "val": [path for path, one in zip(rest, held, strict=True) if one],
              "train": [path for path, one in zip(rest, held, strict=True) if not one]}[split]
    return chosen, abnormal if split == "test" else [], int(folder.name.removeprefix("id_"))
