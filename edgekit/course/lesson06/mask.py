"""The exercise on masks: the budget is met exactly, and 1 means keep."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def magnitude_mask(w, budget):
    """The reference: True for the `budget` largest sizes; of equal ones the first stays."""
    return _mask(w, budget)


def _mask(w, budget, size=np.abs, sign=-1):
    order = np.argsort(sign * size(w).ravel(), kind="stable")
    mask = np.zeros(w.size, bool)
    mask[order[:budget]] = True
    return mask.reshape(w.shape)


def _threshold(w, budget):
    """All that are as large as the smallest that stays: ties break the budget."""
    return np.abs(w) >= np.sort(np.abs(w).ravel())[::-1][max(budget, 1) - 1] if budget else np.zeros(w.shape, bool)


def _sorted_by_rows(w, budget):
    """argsort of each row: its numbers are places in a row, and rows of them, not places in the layer."""
    mask = np.zeros(w.size, bool)
    mask[np.argsort(-np.abs(w), kind="stable")[:budget]] = True
    return mask.reshape(w.shape)


def _rows(w, budget):
    rows = w.reshape(len(w), -1)
    return np.stack([_mask(row, -(-budget // len(w))) for row in rows]).reshape(w.shape)


W = np.array([[0.5, -2.0, 0.1], [-0.4, 1.0, 3.0]])
TIES = np.array([1.0, -1.0, 1.0, 0.0, -1.0])
DRAWN = np.random.default_rng(31).integers(-4, 5, (3, 4, 2)).astype(float)

MASK = Exercise(
    "06/mask", magnitude_mask,
    cases=(
        Case("literal", (W, 3), np.array([[False, True, False], [False, True, True]])),
        Case("literal", (TIES, 2), np.array([True, True, False, False, False])),
        Case("property", (DRAWN, 7), magnitude_mask(DRAWN, 7)),
        Case("property", (-DRAWN, 7), magnitude_mask(DRAWN, 7)),
        Case("edge", (W, 0), np.zeros((2, 3), bool)),
        Case("edge", (W, 6), np.ones((2, 3), bool)),
    ),
    mutants={
        "inverted": Mutant("1 marks what is removed; here 1 means keep", lambda w, budget: ~_mask(w, budget)),
        "smallest": Mutant("the smallest stay instead of the largest", lambda w, budget: _mask(w, budget, sign=1)),
        "signed": Mutant("large negative weights count as small; compare sizes, not values",
                         lambda w, budget: _mask(w, budget, size=lambda w: w)),
        "ties": Mutant("everything stays that is as large as the last one; equal weights then break the budget",
                       _threshold),
        "strict": Mutant("only what is larger than the last one stays, so that at least one too few stays",
                         lambda w, budget: np.abs(w) > np.sort(np.abs(w).ravel())[::-1][max(budget, 1) - 1]),
        "removed": Mutant("the budget is taken for how many go; it is how many stay",
                          lambda w, budget: _mask(w, w.size - budget)),
        "flat": Mutant("the mask is flat; give it the shape of w", lambda w, budget: _mask(w.ravel(), budget)),
        "rows": Mutant("each row gets its share; the budget is one for the whole layer", _rows),
        "places": Mutant("the places of the largest are returned; asked is a mask in the shape of w",
                         lambda w, budget: np.argsort(-np.abs(w).ravel(), kind="stable")[:budget]),
        "weights": Mutant("the masked weights are returned; asked is the mask, True and False",
                          lambda w, budget: w * _mask(w, budget)),
        "each_row": Mutant("each row keeps the whole budget; it is one for the whole layer", lambda w, budget: np.stack(
            [_mask(row, budget) for row in w.reshape(-1, w.shape[-1])]).reshape(w.shape)),
        "rows_sorted": Mutant("argsort without .ravel() sorts each row by itself; the budget is for all rows",
                              _sorted_by_rows),
        "one_too_few": Mutant("one too few stays", lambda w, budget: _mask(w, max(budget - 1, 0))),
        "last_of_ties": Mutant("of equal weights the last stays; asked is the first",
                               lambda w, budget: _mask(w.ravel()[::-1], budget)[::-1].reshape(w.shape)),
    },
    hints=(
        "Sort by size, not by value, and keep the places of the largest `budget`.",
        'np.argsort(-np.abs(w).ravel(), kind="stable") lists places, largest first; stable keeps the order of ties.',
        "mask = np.zeros(w.size, bool); mask[order[:budget]] = True; return mask.reshape(w.shape)",
    ),
)
