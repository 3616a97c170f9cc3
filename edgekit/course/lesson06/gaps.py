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


def _written(w, numbers):
    """The gaps, each written by `numbers`."""
    gaps_of_all = np.diff(np.flatnonzero(w), prepend=-1) - 1
    return np.array([number for gap in gaps_of_all.tolist() for number in numbers(gap)], int)


def _tail(w):
    """The zeros behind the last weight."""
    return len(w) - 1 - int(np.flatnonzero(w)[-1]) if np.any(w) else len(w)


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
        "tail_fillers": Mutant("fillers are written behind the last weight, too; the shape tells those zeros",
                               lambda w: np.append(_gaps(w), np.full(_tail(w) // 16, LARGEST))),
        "no_restart": Mutant("the count of zeros goes on; after each weight it begins again at 0",
                             lambda w: np.cumsum(w == 0)[w != 0]),
        "places": Mutant("the places of the weights are returned; asked are the zeros between them", np.flatnonzero),
        "no_first": Mutant("the zeros before the first weight are left out",
                           lambda w: np.diff(np.flatnonzero(w)) - 1),
        "filler_behind": Mutant("the filler stands behind the rest of its gap; it comes first", lambda w: _written(
            w, lambda gap: [gap % 16] + [LARGEST] * (gap // 16))),
        "filler_and_zero": Mutant("the stored 0 of a filler is a weight, not a gap: return 15 alone",
                                  lambda w: _written(w, lambda gap: [LARGEST, 0] * (gap // 16) + [gap % 16])),
        "filler_0": Mutant("the filler is written as 0; it says 15, the most that 4 bits can", lambda w: _written(
            w, lambda gap: [0] * (gap // 16) + [gap % 16])),
        "fillers_lost": Mutant("the rest of a long gap is written without its fillers", lambda w: _written(
            w, lambda gap: [gap % 16])),
        "one_filler": Mutant("one filler is written at most; a gap of 50 needs three", lambda w: _written(
            w, lambda gap: [LARGEST, gap - 16] if gap > LARGEST else [gap])),
        "late_filler": Mutant("a gap of just 16 is written as it is; the largest number of 4 bits is 15", lambda w:
                              _written(w, lambda gap: [LARGEST] * ((gap - 1) // 16) + [(gap - 1) % 16 + 1] if gap
                                       else [0])),
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
