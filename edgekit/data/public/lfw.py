"""Labeled Faces in the Wild: 13,233 press photographs of 5,749 people, for the question "the same person?".

Huang et al., technical report 07-49, University of Massachusetts Amherst, 2007. `lfw/<Name>/<Name>_NNNN.jpg`,
250x250; `pairs.txt` lists ten folds of pairs; `peopleDevTrain.txt`, `peopleDevTest.txt` list people (View 1).
The funneled editions have the same layout in `lfw_funneled` and `lfw-deepfunneled`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.images import read_jpeg
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.recording import read_lines
from edgekit.data.public.splits import check_split

SIDE = 250
LISTS = {"train": "peopleDevTrain.txt", "test": "peopleDevTest.txt"}
NAME = re.compile(r"(.+)_(\d{4})\.jpg")


@dataclass(frozen=True)
class Pair:
    """Two photographs, whether they show the same person, and the fold (0..9) of pairs.txt."""

    first: Path
    second: Path
    same: bool
    fold: int


def index(folder=None, split: str = "all", min_images: int = 1) -> Index:
    """The photographs of everybody with at least `min_images`, not yet read; y and group are the person.

    train and test are the people of the lists of View 1, which must lie beside the folders of people.
    Raises FileNotFoundError for a missing folder or list, ValueError for a photograph in the wrong folder.
    """
    check_split("lfw", split, ("all", "train", "test"))
    root = _root(folder)
    people = {place.name: sorted(place.glob("*.jpg")) for place in sorted(root.iterdir()) if place.is_dir()}
    wanted = set(people) if split == "all" else _listed(root, LISTS[split])
    chosen = {name: paths for name, paths in people.items() if name in wanted and len(paths) >= max(min_images, 1)}
    if not chosen:
        raise ValueError(f"lfw: nobody in split {split!r} has {min_images} photographs; lower min_images")
    _check_names(chosen)
    y = np.repeat(np.arange(len(chosen)), [len(paths) for paths in chosen.values()])
    items = tuple(path for paths in chosen.values() for path in paths)
    return Index("lfw", split, items, y, tuple(chosen), _read, group=y)


def load(folder=None, split: str = "all", min_images: int = 1, limit: int | None = None) -> Dataset:
    """Photographs x (N, 250, 250, 3) uint8; ValueError if all are too many for memory."""
    return index(folder, split, min_images).load(limit)


def pairs(folder=None, name: str = "pairs.txt") -> list[Pair]:
    """The pairs of the list `name`: "pairs.txt" (10 folds), "pairsDevTrain.txt" or "pairsDevTest.txt" (one fold).

    A line `name n m` is two photographs of one person, `name n other m` one of each of two. Raises
    FileNotFoundError for a missing list or photograph, ValueError naming list, line and offender.
    """
    root = _root(folder)
    path = _beside(root, name)
    lines = read_lines(path)
    head = [int(word) for word in lines[0].split() if word.isdigit()]  # "folds pairs", or "pairs" of one fold
    folds, each = [1, *head][-2:] if head else (0, 0)
    if not folds * each or len(lines) - 1 != 2 * each * folds:
        raise ValueError(f"lfw: {path} says {lines[0]!r} and has {len(lines) - 1} pairs; it is truncated, "
                         "fetch it again")
    return [_pair(root, path, number, line, (number - 2) // (2 * each)) for number, line in enumerate(lines[1:], 2)]


def _pair(root: Path, path: Path, number: int, line: str, fold: int) -> Pair:
    words = line.split()
    if len(words) not in (3, 4) or not (words[1].isdigit() and words[-1].isdigit()):
        raise ValueError(f"lfw: {path}, line {number}: {line[:60]!r} is no pair 'name n m' or 'name n name m'; "
                         "fetch it again")
    first = _photograph(root, path, number, words[0], words[1])
    second = _photograph(root, path, number, words[-2] if len(words) == 4 else words[0], words[-1])
    return Pair(first, second, len(words) == 3, fold)


def _photograph(root: Path, path: Path, number: int, name: str, which: str) -> Path:
    if "/" in name or "\\" in name or name.startswith("."):
        raise ValueError(f"lfw: {path}, line {number}: {name!r} is no name of a person; fetch it again")
    found = root / name / f"{name}_{int(which):04d}.jpg"
    if not found.is_file():
        raise FileNotFoundError(f"lfw: {path}, line {number} names {found}, which is not there; fetch the set again")
    return found


def _root(folder) -> Path:
    """The folder of the people."""
    return find("lfw", "Aaron_*/Aaron_*_0001.jpg", folder)


def _beside(root: Path, name: str) -> Path:
    """A list lies among the people or one folder up."""
    for place in (root / name, root.parent / name):
        if place.is_file():
            return place
    raise FileNotFoundError(f"lfw: no {name} in {root} or {root.parent}; fetch it with 'python3 -m edgekit data "
                            f"fetch lfw --part {name}', or put it there by hand")


def _listed(root: Path, name: str) -> set[str]:
    lines = read_lines(_beside(root, name))
    return {line.split()[0] for line in lines if len(line.split()) == 2}


def _check_names(people: dict[str, list[Path]]) -> None:
    for name, paths in people.items():
        for path in paths:
            match = NAME.fullmatch(path.name)
            if not match or match[1] != name:
                raise ValueError(f"lfw: {path} does not belong to {name}; expected {name}_NNNN.jpg, move it away")


def _read(path) -> dict:
    return {"x": read_jpeg(path, (SIDE, SIDE))}
