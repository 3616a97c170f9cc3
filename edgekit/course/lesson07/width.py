"""The exercise on widths: the nearest multiple that a processor likes, never none, never more than there are."""

from edgekit.course.exercises import Case, Exercise, Mutant


def friendly(count, width, multiple):
    """The reference: the nearest multiple, upwards from the middle, at least one multiple, at most `width`."""
    return min(max((2 * count + multiple) // (2 * multiple), 1) * multiple, width)


WIDTH = Exercise(
    "07/friendly", friendly,
    cases=(
        Case("literal", (19, 32, 8), 16),
        Case("literal", (21, 32, 8), 24),
        Case("property", (20, 32, 8), 24),
        Case("property", (12, 64, 8), 16),
        Case("property", (24, 64, 8), 24),
        Case("property", (33, 64, 16), 32),
        Case("edge", (3, 32, 8), 8),
        Case("edge", (17, 18, 16), 16),
        Case("edge", (15, 18, 10), 18),
        Case("edge", (7, 9, 1), 7),
        Case("edge", (5, 6, 8), 6),
    ),
    mutants={
        "down": Mutant("the count is always rounded down; the nearest multiple was asked for",
                       lambda c, w, m: min(max(c // m, 1) * m, w)),
        "up": Mutant("the count is always rounded up, so that 19 becomes 24",
                     lambda c, w, m: min(-(-c // m) * m, w)),
        "one_too_many": Mutant("a whole multiple more is taken, also where the count is a multiple already",
                               lambda c, w, m: min((c // m + 1) * m, w)),
        "none": Mutant("few channels become none, and the network is cut in two",
                       lambda c, w, m: min((2 * c + m) // (2 * m) * m, w)),
        "wider": Mutant("the result may exceed the width; channels that were never there cannot stay",
                        lambda c, w, m: max((2 * c + m) // (2 * m), 1) * m),
        "last_multiple": Mutant("the last whole multiple is taken where the nearest exceeds the width; there all of "
                                "the width stays",
                                lambda c, w, m: min(max((2 * c + m) // (2 * m), 1) * m, w // m * m)),
        "one_left": Mutant("few channels become one; at least one whole multiple was asked for",
                           lambda c, w, m: min(max((2 * c + m) // (2 * m) * m, 1), w)),
        "half_to_even": Mutant("Python's round takes the middle to the even side: 20 / 8 becomes 2",
                               lambda c, w, m: min(max(round(c / m), 1) * m, w)),
    },
    hints=(
        "How many multiples are nearest? The middle goes upwards, which round() does not always do.",
        "(2 * count + multiple) // (2 * multiple) rounds count / multiple, halves upwards.",
        "min(max((2 * count + multiple) // (2 * multiple), 1) * multiple, width)",
    ),
)
