"""The exercise on how many places a kernel fits along one axis."""

from edgekit.course.exercises import Case, Exercise, Mutant


def out_size(n, kernel, stride, padding):
    """The reference: the last place where the kernel fits, divided by the stride, and the first place itself."""
    return (n + 2 * padding - kernel) // stride + 1


SIZES = Exercise(
    "09/out_size", out_size,
    cases=(
        Case("literal", (96, 3, 2, 1), 48),
        Case("literal", (7, 3, 2, 1), 4),
        Case("literal", (28, 5, 1, 0), 24),
        Case("property", (49, 10, 2, 4), 24),
        Case("property", (100, 7, 3, 3), 34),
        Case("edge", (3, 3, 5, 0), 1),
        Case("edge", (1, 1, 1, 0), 1),
        Case("edge", (8, 2, 2, 0), 4),
    ),
    mutants={
        "no_padding": Mutant("the padding is left out; it makes the axis longer",
                             lambda n, kernel, stride, padding: (n - kernel) // stride + 1),
        "one_side": Mutant("the padding is added on one side; it is there on both",
                           lambda n, kernel, stride, padding: (n + padding - kernel) // stride + 1),
        "no_first": Mutant("the first place is not counted: n - K steps make one place more",
                           lambda n, kernel, stride, padding: (n + 2 * padding - kernel) // stride),
        "ceil": Mutant("a place that is left over counts; but there the kernel does not fit",
                       lambda n, kernel, stride, padding: -(-(n + 2 * padding - kernel) // stride) + 1),
        "no_kernel": Mutant("the kernel is forgotten: size / stride holds only for a padding that fits it",
                            lambda n, kernel, stride, padding: -(-n // stride)),
        "no_stride": Mutant("the stride is left out; the kernel moves by more than one",
                            lambda n, kernel, stride, padding: n + 2 * padding - kernel + 1),
        "fraction": Mutant("the division is left with its fraction; the number of places is whole",
                           lambda n, kernel, stride, padding: (n + 2 * padding - kernel) / stride + 1),
    },
    hints=(
        "With padding the axis is n + 2 * padding long. Where may the left end of the kernel stand?",
        "From 0 to n + 2 * padding - kernel: so many steps of one. With a stride, only every stride-th.",
        "Whole steps, and the first place itself: (n + 2 * padding - kernel) // stride + 1.",
    ),
)
