"""The three pulse recordings inside the `heartpy` package (MIT): real, without labels, always at hand.

The package is not imported: its data files are found through the metadata of the installation.
"""

from datetime import datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from edgekit.data.public.recording import Recording, read_columns

NAMES = ("data", "data2", "data3")


def load(name: str = "data", folder=None) -> Recording:
    """The recording `name`: "data" (25 s, 100 Hz), "data2" (128 s, 117 Hz) or "data3" (11 min, 100.4 Hz).

    data2 and data3 carry time stamps: ms since the start, and clock times whose rate is their mean.
    `folder` overrides the place of the CSV files. Raises ValueError for an unknown name or a damaged file,
    FileNotFoundError when heartpy is not installed.
    """
    if name not in NAMES:
        raise ValueError(f"heartpy.load: unknown recording {name!r}; known: {', '.join(NAMES)}")
    path = (Path(folder) if folder else _folder()) / f"{name}.csv"
    x, fs = {"data": _plain, "data2": _timer, "data3": _clock}[name](path)
    return Recording(f"heartpy {name}", x, fs, "real", "MIT")


def _folder() -> Path:
    try:
        files = metadata.files("heartpy") or []
    except metadata.PackageNotFoundError:
        raise FileNotFoundError("heartpy.load: the package heartpy is not installed; pip install heartpy") from None
    for file in files:
        if file.parts[-3:] == ("heartpy", "data", "data.csv"):
            return Path(str(file.locate())).parent
    raise FileNotFoundError("heartpy.load: heartpy is installed without its data; pip install heartpy==1.2.7")


def _plain(path: Path) -> tuple[np.ndarray, float]:
    return read_columns(path, None)[:, 0], 100.0


def _timer(path: Path) -> tuple[np.ndarray, float]:
    time_ms, x = read_columns(path, ("timer", "hr")).T
    return x, _mean_rate(path, time_ms / 1000)


def _clock(path: Path) -> tuple[np.ndarray, float]:
    time, x = read_columns(path, ("datetime", "hr"), (_seconds, float)).T
    return x, _mean_rate(path, time - time[0])


def _seconds(cell: str) -> float:
    return datetime.fromisoformat(cell.strip()).timestamp()


def _mean_rate(path: Path, time_s: np.ndarray) -> float:
    if np.any(np.diff(time_s) < 0):
        line = int(np.argmax(np.diff(time_s) < 0)) + 3
        raise ValueError(f"{path}, line {line}: time runs backwards; the file is damaged, fetch it again")
    return float((len(time_s) - 1) / (time_s[-1] - time_s[0]))
