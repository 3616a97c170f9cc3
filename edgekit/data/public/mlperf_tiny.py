"""MLPerf Tiny: the feature files of anomaly detection, and the reference models beside them.

Banbury et al., arXiv:2106.07597. A file `..._id_NN_NNNNNNNN_hist_librosa.bin` is one clip of a toy car as 200 frames
of 128 log-mel bands, little-endian float32, frame after frame; the autoencoder sees five frames in a row.
"""

import re
from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split

FRAMES, BANDS, STACK = 200, 128, 5
CLASSES = ("normal", "anomaly")
NAME = re.compile(r".*?(normal|anomaly)_id_(\d\d)_(\d{8})_hist_librosa\.bin")


def load(folder=None, split: str = "all", limit: int | None = None) -> Dataset:
    """Clips x (N, 200, 128) float32 of log-mel energies; group is the machine.

    Raises FileNotFoundError, or ValueError naming a file of another name, length, or with numbers that are none.
    """
    check_split("mlperf_tiny", split, ("all",))
    paths = sorted(find("mlperf_tiny", "*_hist_librosa.bin", folder).glob("*_hist_librosa.bin"))
    parsed = [_parse(path) for path in paths]
    y, machine = np.array(parsed, np.int64).T
    return Index("mlperf_tiny", split, tuple(paths), y, CLASSES, _read, group=machine).load(limit)


def stacked(x: np.ndarray) -> np.ndarray:
    """A clip (200, 128) as the inputs of the autoencoder (196, 640): five frames each, one frame apart.

    >>> stacked(np.arange(200 * 128).reshape(200, 128))[:2, 0].tolist()
    [0, 128]
    """
    x = np.asarray(x)
    if x.ndim != 2 or len(x) < STACK:
        raise ValueError(f"stacked: x must be (frames, bands) with at least {STACK} frames, got {x.shape}")
    windows = np.lib.stride_tricks.sliding_window_view(x, STACK, axis=0)  # (frames - 4, bands, 5)
    return windows.transpose(0, 2, 1).reshape(len(windows), -1)


def models(folder=None) -> dict[str, Path]:
    """The `.tflite` files of the folder by name; FileNotFoundError where there is none."""
    root = find("mlperf_tiny", "*.tflite", folder)
    return {path.stem: path for path in sorted(root.glob("*.tflite"))}


def _parse(path: Path) -> tuple[int, int]:
    match = NAME.fullmatch(path.name)
    if not match:
        raise ValueError(f"mlperf_tiny: {path} is no feature file, expected normal_id_NN_NNNNNNNN_hist_librosa.bin or "
                         "anomaly_...; move it away")
    return CLASSES.index(match[1]), int(match[2])


def _read(path: Path) -> dict:
    content = path.read_bytes()
    if len(content) != 4 * FRAMES * BANDS:
        raise ValueError(f"mlperf_tiny: {path} has {len(content)} bytes, expected 4 x {FRAMES} x {BANDS} = "
                         f"{4 * FRAMES * BANDS}; it is truncated, fetch it again")
    return {"x": np.frombuffer(content, "<f4").reshape(FRAMES, BANDS).astype(np.float32)}
