"""The exercise on dominance: nowhere worse, and somewhere better."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def dominated(points):
    """The reference: how many rows of costs (N, D) some other row dominates."""
    return _count(points, lambda a, b: (a <= b).all() and (a < b).any())


def _count(points, beats):
    points = np.asarray(points)
    return sum(any(beats(a, b) for j, a in enumerate(points) if j != i) for i, b in enumerate(points))


DOMINANCE = Exercise(
    "10/dominated", dominated,
    cases=(
        Case("literal", ([[1, 5], [2, 2], [3, 3], [5, 1]],), 1),
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
        "strict": Mutant("< is asked in every cost: as cheap and better, or as good and cheaper, is enough",
                         lambda points: _count(points, lambda a, b: (a < b).all())),
        "any": Mutant("one lower cost is enough: then each of two that trade one cost for the other beats the other",
                      lambda points: _count(points, lambda a, b: (a < b).any())),
        "more": Mutant("more is taken for better; all columns are costs",
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
