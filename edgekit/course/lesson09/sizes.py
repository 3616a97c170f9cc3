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
        Case("property", (49, 10, 2, 4), 24),
        Case("property", (100, 7, 3, 3), 34),
        Case("property", (10, 3, 3, 0), 3),
        Case("edge", (3, 3, 5, 0), 1),
        Case("edge", (5, 1, 1, 0), 5),
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
        "no_kernel_cut": Mutant("the kernel is forgotten, and the part that is left over cut off: size // stride",
                                lambda n, kernel, stride, padding: n // stride),
        "padded_only": Mutant("the kernel is forgotten: not every place of the padded axis has room for it",
                              lambda n, kernel, stride, padding: (n + 2 * padding) // stride),
        "first_inside": Mutant("the first place is added before the division; the stride divides the steps alone",
                               lambda n, kernel, stride, padding: (n + 2 * padding - kernel + 1) // stride),
        "one_step_less": Mutant("one step too few: the left end may go as far as n + 2 * padding - K",
                                lambda n, kernel, stride, padding: (n + 2 * padding - kernel - 1) // stride + 1),
        "half_kernel": Mutant("half of the kernel is subtracted; all of it must fit",
                              lambda n, kernel, stride, padding: (n + 2 * padding - kernel // 2) // stride + 1),
        "padding_taken": Mutant("the padding is subtracted; it makes the axis longer",
                                lambda n, kernel, stride, padding: (n - 2 * padding - kernel) // stride + 1),
        "times_stride": Mutant("the steps are multiplied by the stride; a longer step fits less often",
                               lambda n, kernel, stride, padding: (n + 2 * padding - kernel) * stride + 1),
        "both_axes": Mutant("the places of a square are counted; asked is one axis",
                            lambda n, kernel, stride, padding: out_size(n, kernel, stride, padding) ** 2),
        "rounded": Mutant("the steps are rounded; a step that is left over does not fit",
                          lambda n, kernel, stride, padding: round((n + 2 * padding - kernel) / stride) + 1),
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
