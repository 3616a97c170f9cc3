"""Data of one's own: an `.npz` with `x`, `y`, for signals `fs`, and optionally `group` and `class_names`.

A task may read further arrays, which it documents; they are handed on as they are.
"""

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SAVE_AGAIN = "save it again with np.savez, without object arrays"


@dataclass(frozen=True)
class OwnData:
    """What the file holds, with labels translated to the model's classes.

    y: (N,) indices into the model's classes; named: indices of the classes that the file names (all, if it names none);
    fs: Hz, None for what is no signal; extras: the arrays of the file that have no meaning common to all tasks.
    """

    x: np.ndarray
    y: np.ndarray
    fs: float | None
    group: np.ndarray | None
    named: tuple
    extras: dict = field(default_factory=dict)


def read(path, class_names, sampled=True, read_labels=None):
    """Read the `.npz` at `path` for a model with `class_names`. Raises ValueError naming file, offender and remedy.

    `sampled`: examples are signals, so `fs` must be there. `read_labels(path, y, names, count)` returns (y, named) in
    place of `labels`, for tasks whose labels are no integers.
    """
    arrays = _arrays(path)
    needed = ("x", "y", "fs") if sampled else ("x", "y")
    for key in needed:
        if key not in arrays:
            raise ValueError(
                f"evaluate {path}: array {key!r} is missing, found {sorted(arrays)}; "
                f"save it with np.savez(file, {', '.join(f'{name}=...' for name in needed)})"
            )
    x = arrays["x"]
    _check_examples(path, x)
    fs = _rate(path, arrays["fs"]) if sampled else None
    read_labels = read_labels or (lambda *given: labels(*given, class_names))
    y, named = read_labels(path, arrays["y"], arrays.get("class_names"), len(x))
    extras = {key: value for key, value in arrays.items() if key not in ("x", "y", "fs", "group", "class_names")}
    return OwnData(x, y, fs, _group(path, arrays.get("group"), len(x)), named, extras)


def _rate(path, fs):
    if fs.size != 1 or fs.dtype.kind not in "iuf" or not np.isfinite(fs).all() or fs.item() <= 0:
        raise ValueError(f"evaluate {path}: fs must be one positive number in Hz, got {fs!r}")
    return float(fs.item())


def _group(path, group, count):
    if group is not None and group.shape != (count,):
        raise ValueError(f"evaluate {path}: group must have one entry per example, shape ({count},), got {group.shape}")
    if group is not None and group.dtype.kind not in "iuUS":
        raise ValueError(f"evaluate {path}: group must hold integers or names, got {group.dtype}; number the groups")
    return group


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
        raise ValueError(f"evaluate {path}: no such file; give an .npz with x, y and, for signals, fs")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"evaluate {path}: not a readable .npz, it is no whole zip archive; {SAVE_AGAIN}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: _text(_member(archive, key)) for key in archive.files}
    except Exception as error:  # zip and header faults have many types
        reason = error if isinstance(error, ObjectArrayError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"evaluate {path}: not a readable .npz of plain arrays ({reason}); {SAVE_AGAIN}") from None


class ObjectArrayError(ValueError):
    """An array that only unpickling could read: it may hold code."""


def _member(archive, key):
    """One array; NumPy's advice on object arrays, which is to unpickle them, is not passed on."""
    try:
        return archive[key]
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise ObjectArrayError(f"array {key!r} holds Python objects") from None
        raise


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


def labels(path, y, names, count, class_names):
    """Return (y, named) for labels y (N,) that are indices into `names`, or into `class_names` where names is None."""
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
