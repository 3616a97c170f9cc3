"""Save a data set in the form that `evaluate` reads: an `.npz` of plain arrays."""

import io
from pathlib import Path

import numpy as np

from edgekit import _atomic
from edgekit.data.dataset import Dataset


def to_npz(dataset: Dataset, path) -> Path:
    """Write x, y, class_names and, where there are any, fs, group and the extras to `path`, atomically.

    Raises ValueError for an extra that is no plain array or takes one of those names.

    >>> import tempfile
    >>> two = Dataset("toy", "test", np.zeros((2, 4)), [0, 1], ("sinus", "ectopic"), fs=4.0, group=[7, 8])
    >>> np.load(to_npz(two, Path(tempfile.mkdtemp()) / "two.npz"))["class_names"].tolist()
    ['sinus', 'ectopic']
    """
    arrays = {"x": dataset.x, "y": dataset.y, "class_names": np.array(dataset.class_names)}
    arrays |= {} if dataset.fs is None else {"fs": np.float64(dataset.fs)}
    arrays |= {} if dataset.group is None else {"group": dataset.group}
    for key, value in dataset.extras.items():
        if key in (*arrays, "fs", "group") or value.dtype.hasobject:
            raise ValueError(f"to_npz: extra {key!r} ({value.dtype}) cannot be saved; rename it, or make it plain "
                             "numbers")
        arrays[key] = value
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    path = Path(path)
    _atomic.write_bytes(path, buffer.getvalue())
    return path
