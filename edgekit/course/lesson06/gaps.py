"""The transfer exercise: zeros between weights, in numbers of 4 bits."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant

LARGEST = 15


def gaps(w):
    """The reference: the zeros before each weight that is not 0; 15 and a stored 0 stand for 16 of them."""
    return _gaps(w)


def _gaps(w, step=LARGEST + 1, first=-1, filler=LARGEST, extra=0, tail=False):
    found, last = [], first
    for place in np.flatnonzero(w):
        gap = int(place - last - 1) + extra
        found += [filler] * (gap // step) + [gap % step]
        last = place
    if tail and last + 1 < len(w):
        found.append(len(w) - 1 - last)
    return np.array(found, int)


LONG = np.array([4] + 20 * [0] + [3] + 16 * [0] + [2])
SHORT = np.array([0, 0, 7, 9, 0, -1, 0, 0])
FAR = np.array(50 * [0] + [1])

GAPS = Exercise(
    "06/gaps", gaps,
    cases=(
        Case("literal", (SHORT,), np.array([2, 0, 1])),
        Case("literal", (LONG,), np.array([0, 15, 4, 15, 0])),
        Case("property", (FAR,), np.array([15, 15, 15, 2])),
        Case("property", (np.array(15 * [0] + [1]),), np.array([15])),
        Case("edge", (np.zeros(40, int),), np.array([], int)),
        Case("edge", (np.array([5, 6, 7]),), np.array([0, 0, 0])),
    ),
    mutants={
        "no_fillers": Mutant("a gap beyond 15 is written as it is; it does not fit into 4 bits",
                             lambda w: np.diff(np.flatnonzero(w), prepend=-1) - 1),
        "fifteen_each": Mutant("a filler counts for 15 places; its stored 0 takes a place of its own, which makes 16",
                               lambda w: _gaps(w, step=LARGEST)),
        "distance": Mutant("the distance to the weight before is counted; neighbours have no zero between them",
                           lambda w: _gaps(w, extra=1)),
        "first_from_zero": Mutant("the first gap lacks a zero: before the first weight stand as many as its place says",
                                  lambda w: _gaps(w, first=0) if not len(w) or not w[0] else _gaps(w)),
        "tail": Mutant("the zeros after the last weight are stored; the shape tells them already",
                       lambda w: _gaps(w, tail=True)),
        "no_restart": Mutant("the count of zeros goes on; after each weight it begins again at 0",
                             lambda w: np.cumsum(w == 0)[w != 0]),
        "cut": Mutant("a gap beyond 15 is cut to 15, and all that follows moves",
                      lambda w: np.minimum(np.diff(np.flatnonzero(w), prepend=-1) - 1, LARGEST)),
        "filler_16": Mutant("the filler is written as 16, which needs a fifth bit",
                            lambda w: _gaps(w, filler=LARGEST + 1)),
    },
    hints=(
        "places = np.flatnonzero(w); the gap is the number of zeros between one place and the one before.",
        "np.diff(places, prepend=-1) - 1 are the gaps. One filler, 15 and a stored 0, moves on by 16 places.",
        "For each gap write gap // 16 times 15, and then gap % 16.",
    ),
)
