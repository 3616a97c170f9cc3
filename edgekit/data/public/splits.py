"""Cutting a set into train, val and test by subject, unit or scene, the same on every computer."""

import numpy as np


def check_split(name: str, split: str, splits: tuple[str, ...]) -> None:
    """ValueError unless `split` is one that the set has."""
    if split not in splits:
        raise ValueError(f"{name}: split must be {' or '.join(splits)}, got {split!r}")


def by_fifth(groups, split: str) -> np.ndarray:
    """Which of `groups` (N,) are in `split`: every fifth group from the fourth validates, from the fifth tests.

    >>> [by_fifth(range(7), split).nonzero()[0].tolist() for split in ("train", "val", "test")]
    [[0, 1, 2, 5, 6], [3], [4]]
    """
    groups = np.asarray(list(groups))
    place = np.searchsorted(np.unique(groups), groups) % 5
    return {"train": place < 3, "val": place == 3, "test": place == 4, "all": place >= 0}[split]


def leave_one_out(name: str, groups, split: str, held_out) -> np.ndarray:
    """Which of `groups` (N,) are in `split`: `held_out` tests, the next group (cyclic) validates, the rest trains.

    >>> [leave_one_out("toy", [1, 2, 3, 3], split, 3).tolist() for split in ("train", "val", "test")]
    [[False, True, False, False], [True, False, False, False], [False, False, True, True]]
    """
    groups = np.asarray(list(groups))
    known = np.unique(groups)
    if held_out not in known:
        raise ValueError(f"{name}: held_out must be one of {known.tolist()}, got {held_out!r}")
    following = known[(np.searchsorted(known, held_out) + 1) % len(known)]
    test, val = groups == held_out, groups == following
    return {"train": ~(test | val), "val": val & ~test, "test": test, "all": test | ~test}[split]


def every_tenth(units) -> np.ndarray:
    """A mask of every tenth example of each unit (N,): the part of a training folder that validates here.

    >>> int(every_tenth([0] * 25 + [1] * 9).sum())
    2
    """
    units = np.asarray(list(units))
    mask = np.zeros(len(units), bool)
    for unit in np.unique(units):
        mask[np.flatnonzero(units == unit)[9::10]] = True
    return mask
