"""Data of one's own: an `.npz` with `x`, `y`, `fs`, and optionally `group` and `class_names`."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class OwnData:
    """What the file holds, with labels translated to the model's classes.

    y: (N,) indices into the model's classes; named: indices of the classes that the file names (all, if it names none).
    """

    x: np.ndarray
    y: np.ndarray
    fs: float
    group: np.ndarray | None
    named: tuple


def read(path, class_names):
    """Read the `.npz` at `path` for a model with `class_names`. Raises ValueError naming file, offender and remedy."""
    arrays = _arrays(path)
    for key in ("x", "y", "fs"):
        if key not in arrays:
            raise ValueError(
                f"evaluate {path}: array {key!r} is missing, found {sorted(arrays)}; "
                "save it with np.savez(file, x=..., y=..., fs=...)"
            )
    x, y, fs = arrays["x"], arrays["y"], arrays["fs"]
    _check_examples(path, x)
    if fs.size != 1 or fs.dtype.kind not in "iuf" or not np.isfinite(fs).all() or fs.item() <= 0:
        raise ValueError(f"evaluate {path}: fs must be one positive number in Hz, got {fs!r}")
    y, named = _labels(path, y, arrays.get("class_names"), class_names, len(x))
    group = arrays.get("group")
    if group is not None and group.shape != (len(x),):
        raise ValueError(
            f"evaluate {path}: group must have one entry per example, shape ({len(x)},), got {group.shape}"
        )
    if group is not None and group.dtype.kind not in "iuUS":
        raise ValueError(f"evaluate {path}: group must hold integers or names, got {group.dtype}; number the groups")
    return OwnData(x, y, float(fs.item()), group, named)


def match_names(path, names, class_names):
    """Return the index in `class_names` of each of `names`; case, spaces, underscores and hyphens do not count.

    >>> match_names("own.npz", ["Atrial Fibrillation", "SINUS"], ("sinus", "atrial_fibrillation"))
    [1, 0]
    """
    plain = [_plain(name) for name in class_names]
    unknown = [str(name) for name in names if _plain(name) not in plain]
    if unknown:
        raise ValueError(
            f"evaluate {path}: class {unknown[0]!r} is unknown to the model; it knows {', '.join(class_names)}"
        )
    indices = [plain.index(_plain(name)) for name in names]
    if len(set(indices)) < len(indices):
        raise ValueError(f"evaluate {path}: class_names {list(map(str, names))} name a class twice; name each once")
    return indices


def _plain(name):
    return re.sub(r"[\s_-]", "", str(name)).casefold()


def _arrays(path):
    if not Path(path).is_file():
        raise ValueError(f"evaluate {path}: no such file; give an .npz with x, y and fs")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: _text(archive[key]) for key in archive.files}
    except Exception as error:  # zip, header and object-array faults have many types
        raise ValueError(
            f"evaluate {path}: not a readable .npz of plain arrays ({type(error).__name__}: {error}); "
            "save it again with np.savez, without object arrays"
        ) from error


def _text(array):
    """Byte strings as text; everything else as it is."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array


def _check_examples(path, x):
    if x.ndim < 2 or len(x) == 0 or x.dtype.kind not in "iuf":
        raise ValueError(f"evaluate {path}: x must hold numbers of shape (N, ...) with N >= 1, got {x.dtype} {x.shape}")
    if not np.isfinite(x).all():
        bad = int(np.flatnonzero(~np.isfinite(x.reshape(len(x), -1)).all(1))[0])
        raise ValueError(
            f"evaluate {path}: x[{bad}] holds NaN or infinite values; leave out such examples or fill the gaps"
        )


def _labels(path, y, names, class_names, count):
    if y.shape != (count,) or y.dtype.kind not in "iu":
        raise ValueError(f"evaluate {path}: y must hold {count} integers, one per example, got {y.dtype} {y.shape}")
    known = range(len(class_names)) if names is None else match_names(path, np.ravel(names), class_names)
    if len(known) == 0:
        raise ValueError(
            f"evaluate {path}: class_names is empty; name the class of each label, or leave class_names out"
        )
    if y.min() < 0 or y.max() >= len(known):
        wrong = int(y[(y < 0) | (y >= len(known))][0])
        raise ValueError(
            f"evaluate {path}: label {wrong} has no name; labels must be 0..{len(known) - 1}, indices into "
            f"{'the classes of the model' if names is None else 'class_names'}"
        )
    return np.asarray(known)[y], tuple(known)
