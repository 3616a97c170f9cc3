"""The exercise on dominance: nowhere worse, and somewhere better."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def dominated(points):
    """The reference: how many rows of costs (N, D) some other row dominates."""
    return _count(points, lambda a, b: (a <= b).all() and (a < b).any())


def _count(points, beats):
    return sum(any(row) for row in _beaten(points, beats))


def _beaten(points, beats=lambda a, b: (a <= b).all() and (a < b).any()):
    """For each row: by which of the others it is beaten."""
    points = np.asarray(points)
    return [[beats(a, b) for j, a in enumerate(points) if j != i] for i, b in enumerate(points)]


DOMINANCE = Exercise(
    "10/dominated", dominated,
    cases=(
        Case("literal", ([[3, 6], [3, 4], [7, 3], [3, 8], [7, 1], [6, 8], [3, 9]],), 5),  # 3, 4 and 7, 1 are the front
        Case("literal", ([[1, 4], [1, 5], [2, 4]],), 2),
        Case("property", ([[3, 3, 1], [2, 4, 5], [2, 3, 1], [9, 0, 9]],), 2),
        Case("property", ([[4, 1], [3, 2], [2, 3], [1, 4]],), 0),
        Case("edge", ([[2, 2], [2, 2]],), 0),
        Case("edge", ([[2, 2], [2, 2], [3, 2]],), 1),
        Case("edge", ([[7, 7]],), 0),
    ),
    mutants={
        "twins": Mutant("<= stands alone: of two equal networks each removes the other, and the front loses both",
                        lambda points: _count(points, lambda a, b: (a <= b).all())),
        "itself": Mutant("each row is compared with itself, and <= holds there: ask for < in one cost besides",
                         lambda points: len(points)),
        "pairs": Mutant("a row counts once for each row that beats it; it is dominated or not",
                        lambda points: sum(sum(row) for row in _beaten(points))),
        "mask": Mutant("it is said of each row whether it is dominated; asked is how many are",
                       lambda points: [any(row) for row in _beaten(points)]),
        "lexicographic": Mutant("a later cost is looked at only where the first is equal, as Python compares lists; "
                                "every cost must be at least as low", lambda points: _count(
                                    points, lambda a, b: a.tolist() < b.tolist())),
        "strict": Mutant("< is asked in every cost: as cheap and better, or as good and cheaper, is enough",
                         lambda points: _count(points, lambda a, b: (a < b).all())),
        "any": Mutant("one lower cost is enough: then each of two that trade one cost for the other beats the other",
                      lambda points: _count(points, lambda a, b: (a < b).any())),
        "more": Mutant("you count the rows that dominate another one, or take more for better; asked are those that "
                       "are beaten, and all columns are costs",
                       lambda points: _count(points, lambda a, b: (a >= b).all() and (a > b).any())),
        "sum": Mutant("costs of different units are added up and the sums compared",
                      lambda points: _count(points, lambda a, b: a.sum() < b.sum())),
        "front": Mutant("the networks on the front are counted; asked are those that are beaten",
                        lambda points: len(points) - dominated(points)),
        "first": Mutant("only the first cost is compared",
                        lambda points: _count(points, lambda a, b: a[0] < b[0])),
    },
    hints=(
        "Take two rows a and b. When is a never worse than b? And when is it better at least once?",
        "(a <= b).all() and (a < b).any(), with both as NumPy arrays.",
        "Count the rows for which any other row does that.",
    ),
)
