"""ESC-50: 2,000 environmental sounds of 5 s in 50 classes, from dogs to church bells.

Piczak, ACM Multimedia 2015. `audio/{FOLD}-{CLIP}-{TAKE}-{TARGET}.wav`, mono, 44.1 kHz; `meta/esc50.csv` names
fold, class and source. Clips cut from one recording share CLIP, and lie in one fold.
"""

import csv
import re

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.clips import reader
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.recording import read_lines
from edgekit.data.public.splits import check_split

FS = 44100
FOLDS = 5
COLUMNS = {"filename", "fold", "target", "category", "esc10", "src_file", "take"}
NAME = re.compile(r"([1-5])-(\d+)-([A-Z])-(\d+)\.wav")


def index(folder=None, split: str = "train", fold: int = 1, esc10: bool = False) -> Index:
    """The clips, not yet read; group is the recording that a clip was cut from, extras hold fold and esc10.

    fold: the one that tests; the next (cyclic) validates and the other three train, so that train and val
    together are the official training part. esc10: only the ten classes with a freer licence.
    Raises FileNotFoundError for a missing folder or clip, ValueError for a list that contradicts its file names.
    """
    check_split("esc50", split, ("train", "val", "test", "all"))
    if fold not in range(1, FOLDS + 1):
        raise ValueError(f"esc50: fold must be 1..{FOLDS}, got {fold!r}")
    root = find("esc50", "meta/esc50.csv", folder)
    rows = [row for row in _rows(root) if row["esc10"] == "True" or not esc10]
    names, y = _classes(rows)
    column = {key: np.array([int(row[key]) for row in rows]) for key in ("fold", "src_file")}
    extras = {"fold": column["fold"], "esc10": np.array([row["esc10"] == "True" for row in rows])}
    paths = tuple(root / "audio" / row["filename"] for row in rows)
    found = Index("esc50", split, paths, y, names, reader(FS, 1), float(FS), column["src_file"], extras)
    return found.subset(_chosen(column["fold"], split, fold))


def load(folder=None, split: str = "train", fold: int = 1, esc10: bool = False, limit: int | None = None) -> Dataset:
    """Clips x (N, 220500) int16; ValueError if all are too many for memory."""
    return index(folder, split, fold, esc10).load(limit)


def _chosen(folds: np.ndarray, split: str, fold: int) -> np.ndarray:
    val = fold % FOLDS + 1
    return {"test": folds == fold, "val": folds == val, "train": (folds != fold) & (folds != val),
            "all": folds > 0}[split]


def _rows(root) -> list[dict]:
    path = root / "meta" / "esc50.csv"
    table = csv.DictReader(read_lines(path))
    if not set(table.fieldnames or ()) >= COLUMNS:
        raise ValueError(f"esc50: {path} has the columns {table.fieldnames}, expected {sorted(COLUMNS)}; fetch it "
                         "again")
    rows = list(table)
    for number, row in enumerate(rows, 2):
        match = NAME.fullmatch(row["filename"] or "")
        if not match or [*match.groups()] != [row["fold"], row["src_file"], row["take"], row["target"]]:
            raise ValueError(f"esc50: {path}, line {number}: {row['filename']!r} contradicts fold {row['fold']}, "
                             f"source {row['src_file']}, take {row['take']}, target {row['target']}; fetch it again")
        if not (root / "audio" / row["filename"]).is_file():
            raise FileNotFoundError(f"esc50: {root / 'audio' / row['filename']} is missing, but {path} lists it; "
                                    "fetch the set again")
    return rows


def _classes(rows: list[dict]) -> tuple[tuple[str, ...], np.ndarray]:
    """Class names in the order of their numbers in the file, and the index of each row."""
    named = {(int(row["target"]), row["category"]) for row in rows}
    targets, names = zip(*sorted(named), strict=True)
    if len(set(targets)) < len(targets):
        raise ValueError(f"esc50: meta/esc50.csv gives a number two names: {sorted(named)[:4]}...; fetch it again")
    return names, np.searchsorted(targets, [int(row["target"]) for row in rows])
