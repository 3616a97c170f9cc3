"""A large set as a list of files: looked through at once, read only where asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from edgekit.data.dataset import Dataset

MAX_BYTES = 1 << 30


@dataclass(frozen=True)
class Index:
    """Which examples there are, with their labels; nothing has been read but names and lists.

    items: what `read` takes, one for each example; read(item) -> {"x": array, and further arrays for extras}.
    The rest is as in `Dataset`, which `load` and `batches` make.
    """

    name: str
    split: str
    items: tuple
    y: np.ndarray
    class_names: tuple[str, ...]
    read: Callable[[object], dict]
    fs: float | None = None
    group: np.ndarray | None = None
    extras: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    def subset(self, index) -> "Index":
        """The examples that `index` picks: a boolean mask (N,) or positions."""
        places = np.arange(len(self))[np.asarray(index)]
        return replace(self, items=tuple(self.items[i] for i in places), y=self.y[places],
                       group=None if self.group is None else self.group[places],
                       extras={key: value[places] for key, value in self.extras.items()})

    def limited(self, limit: int | None) -> "Index":
        """At most `limit` examples, spread evenly over the list, so that every class keeps its share."""
        if limit is None or limit >= len(self):
            return self
        if limit < 1:
            raise ValueError(f"{self.name}: limit must be at least 1, got {limit!r}")
        return self.subset((np.arange(limit) * len(self)) // limit)

    def load(self, limit: int | None = None, max_bytes: int = MAX_BYTES) -> Dataset:
        """All examples in memory, or `limit` of them. Raises ValueError where they would take more than `max_bytes`."""
        chosen = self.limited(limit)
        if len(chosen):
            one = chosen.read(chosen.items[0])["x"].nbytes
            if one * len(chosen) > max_bytes:
                raise ValueError(f"{self.name}: {len(chosen)} examples of {one} bytes are {one * len(chosen)} bytes, "
                                 f"more than max_bytes={max_bytes}; pass limit=, go through .batches(), or "
                                 "raise max_bytes")
        return chosen._read_all()

    def batches(self, size: int) -> Iterator[Dataset]:
        """One `Dataset` of `size` examples after another, the last one shorter; each is read when it is due."""
        if size < 1:
            raise ValueError(f"{self.name}: the size of a batch must be at least 1, got {size!r}")
        for start in range(0, len(self), size):
            yield self.subset(np.arange(start, min(start + size, len(self))))._read_all()

    def _read_all(self) -> Dataset:
        read = [self.read(item) for item in self.items]
        if not read:
            raise ValueError(f"{self.name}: the split {self.split!r} has no example; is the folder complete?")
        for item, one in zip(self.items, read, strict=True):
            if one["x"].shape != read[0]["x"].shape:
                raise ValueError(f"{self.name}: {_label(item)} has shape {one['x'].shape}, {_label(self.items[0])} has "
                                 f"{read[0]['x'].shape}; it is truncated or of another set, fetch it again")
        more = {key: np.array([one[key] for one in read]) for key in read[0] if key != "x"}
        x = np.stack([one["x"] for one in read])
        return Dataset(self.name, self.split, x, self.y, self.class_names, self.fs, self.group, self.extras | more,
                       "real")


def _label(item) -> str:
    return str(item[0] if isinstance(item, tuple) else item)
