"""Visual Wake Words at 96x96: is there a person in the picture?

Chowdhery et al., arXiv:1906.05721: COCO photographs, "person" where a person's box covers more than 0.5 % of the
image. The ready-made set of MLPerf Tiny is `vw_coco2014_96/{person,non_person}/*.jpg`.
"""

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.images import read_jpeg
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split

CLASSES = ("non_person", "person")
SIDE = 96
VAL_PART = 0.1


def index(folder=None, split: str = "train") -> Index:
    """The images, not yet read. Split as MLPerf Tiny does: of each class the first tenth by name validates.

    Raises FileNotFoundError for a missing folder, ValueError for an unknown split.
    """
    check_split("visual_wake_words", split, ("train", "val"))
    root = find("visual_wake_words", "person/*.jpg", folder)
    per_class = [sorted((root / name).glob("*.jpg")) for name in CLASSES]
    if not all(per_class):
        raise FileNotFoundError(f"visual_wake_words: no *.jpg in {root / 'non_person'}; the folder is incomplete, "
                                "fetch it again")
    chosen = [_part(paths, split) for paths in per_class]
    y = np.repeat([0, 1], [len(paths) for paths in chosen])
    return Index("visual_wake_words", split, tuple(chosen[0] + chosen[1]), y, CLASSES, _read)


def load(folder=None, split: str = "train", limit: int | None = None) -> Dataset:
    """Images x (N, 96, 96, 3) uint8; `limit` of them, spread over the list, or ValueError if all are too many."""
    return index(folder, split).load(limit)


def _part(paths: list, split: str) -> list:
    first = int(len(paths) * VAL_PART)
    return paths[:first] if split == "val" else paths[first:]


def _read(path) -> dict:
    return {"x": read_jpeg(path, (SIDE, SIDE))}
