"""One labelled data set: arrays, names, and where they come from."""

from dataclasses import dataclass, field, replace

import numpy as np

SPLITS = ("train", "val", "test", "all")


@dataclass(frozen=True)
class Dataset:
    """Examples with labels, units and groups.

    x: (N, ...) examples, numbers as the sensor gave them; y: (N,) integers, indices into `class_names`;
    fs: sampling rate in Hz, None when x is no signal; group: (N,) integers, the subject, unit or scene
    (a split never cuts through one); extras: further arrays whose axis 0 is N, such as `bpm`;
    origin: "synthetic", "real" or another word, which every figure and table repeats.

    Raises ValueError when lengths disagree, a label has no name, or a number is NaN or infinite.

    >>> import numpy as np
    >>> two = Dataset("toy", "train", np.zeros((2, 4)), [0, 1], ("off", "on"), fs=4.0, group=[7, 7])
    >>> len(two), two.counts()
    (2, {'off': 1, 'on': 1})
    """

    name: str
    split: str
    x: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...]
    fs: float | None = None
    group: np.ndarray | None = None
    extras: dict[str, np.ndarray] = field(default_factory=dict)
    origin: str = "synthetic"

    def __post_init__(self):
        put = lambda key, value: object.__setattr__(self, key, value)  # noqa: E731 - the one way into a frozen class
        put("x", np.asarray(self.x))
        put("y", np.asarray(self.y))
        put("class_names", tuple(str(name) for name in self.class_names))
        put("group", None if self.group is None else np.asarray(self.group))
        put("extras", {key: np.asarray(value) for key, value in self.extras.items()})
        _check_shapes(self)
        _check_labels(self)
        _check_numbers(self)

    def __len__(self) -> int:
        return len(self.x)

    def subset(self, index) -> "Dataset":
        """The examples that `index` picks: a boolean mask (N,) or an array of positions."""
        index = np.asarray(index)
        return replace(self, x=self.x[index], y=self.y[index],
                       group=None if self.group is None else self.group[index],
                       extras={key: value[index] for key, value in self.extras.items()})

    def counts(self) -> dict[str, int]:
        """How many examples each class has, in the order of `class_names`."""
        per_class = np.bincount(self.y, minlength=len(self.class_names))
        return dict(zip(self.class_names, per_class.tolist(), strict=True))


def _check_shapes(data: Dataset) -> None:
    if data.x.ndim < 1 or len(data.x) == 0:
        raise ValueError(f"Dataset {data.name}: x is empty (shape {data.x.shape}); give at least one example")
    if data.split not in SPLITS:
        raise ValueError(f"Dataset {data.name}: split must be one of {', '.join(SPLITS)}, got {data.split!r}")
    columns = {"y": data.y, "group": data.group, **data.extras}
    for key, value in columns.items():
        if value is not None and value.shape[:1] != (len(data.x),):
            raise ValueError(f"Dataset {data.name}: {key} has shape {value.shape}, but x has {len(data.x)} "
                             f"examples; give one {key} per example")


def _check_labels(data: Dataset) -> None:
    if data.y.ndim != 1 or data.y.dtype.kind not in "iu":
        raise ValueError(f"Dataset {data.name}: y must be a vector of integers, got {data.y.dtype} of shape "
                         f"{data.y.shape}; use indices into class_names")
    classes = len(data.class_names)
    if len(set(data.class_names)) != classes:
        raise ValueError(f"Dataset {data.name}: class_names repeat: {data.class_names}; name each class once")
    bad = np.flatnonzero((data.y < 0) | (data.y >= classes))
    if bad.size:
        raise ValueError(f"Dataset {data.name}: y[{bad[0]}] is {data.y[bad[0]]}, expected 0..{classes - 1} "
                         f"for the {classes} class_names")


def _check_numbers(data: Dataset) -> None:
    if data.x.dtype.kind not in "iufb":
        raise ValueError(f"Dataset {data.name}: x must hold real numbers, got dtype {data.x.dtype}")
    if data.fs is not None and not (np.isscalar(data.fs) and np.isfinite(data.fs) and data.fs > 0):
        raise ValueError(f"Dataset {data.name}: fs must be a positive rate in Hz, got {data.fs!r}")
    if data.x.dtype.kind == "f":
        bad = np.flatnonzero(~np.isfinite(data.x.reshape(len(data.x), -1)).all(axis=1))
        if bad.size:
            raise ValueError(f"Dataset {data.name}: x[{bad[0]}] holds NaN or infinite values "
                             f"({bad.size} examples do); interpolate or drop them")
