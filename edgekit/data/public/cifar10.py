"""CIFAR-10: 60,000 colour images of 32x32 pixels in ten classes, as its authors pack them in pickles.

Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. A batch is a dict: `data` u8 (10000, 3072),
row by row, all red first, then green, then blue; `labels` 0..9.
"""

from pathlib import Path

import numpy as np

from edgekit.data import safe_pickle
from edgekit.data.dataset import Dataset
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = {"train": ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4"), "val": ("data_batch_5",),
           "test": ("test_batch",)}
MAX_BYTES = 100 << 20


def load(folder=None, split: str = "train") -> Dataset:
    """Images x (N, 32, 32, 3) uint8. Official: five batches train, one tests; the fifth validates here.

    Raises FileNotFoundError, or ValueError naming file and fault.
    """
    check_split("cifar10", split, tuple(BATCHES))
    root = find("cifar10", "data_batch_1", folder)
    parts = [_batch(root / name) for name in BATCHES[split]]
    x = np.concatenate([x for x, _ in parts])
    return Dataset("cifar10", split, x, np.concatenate([y for _, y in parts]), CLASSES, origin="real")


def _batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    content = safe_pickle.load(path, MAX_BYTES)
    if not isinstance(content, dict) or not {"data", "labels"} <= set(content):
        raise ValueError(f"cifar10: {path} has no 'data' and 'labels'; it is another file (CIFAR-100?), fetch it again")
    x, y = np.asarray(content["data"]), np.asarray(content["labels"])
    if x.dtype != np.uint8 or x.ndim != 2 or x.shape[1] != 3072 or y.shape != (len(x),) or y.dtype.kind not in "iu":
        raise ValueError(f"cifar10: {path} holds data {x.dtype} {x.shape} and labels {y.dtype} {y.shape}, expected "
                         "uint8 (N, 3072) and N integers; fetch it again")
    bad = np.flatnonzero((y < 0) | (y > 9))
    if bad.size:
        raise ValueError(f"cifar10: {path} labels image {bad[0]} as {y[bad[0]]}, expected 0..9; fetch it again")
    return x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), y.astype(np.int64)
