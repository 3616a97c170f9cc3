"""The exercise on a residual block: which rows and columns of four matrices belong to a channel of the sum."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def thin_residual(w_a, w_b, w_c, w_y, keep):
    """The reference: makers a and c lose rows, readers b and y lose columns."""
    return w_a[keep], w_b[:, keep], w_c[keep], w_y[:, keep]


def output(w_a, w_b, w_c, w_y, x):
    """y = W_y (a + c), c = W_c relu(W_b a), a = relu(W_a x)."""
    a = np.maximum(w_a @ x, 0)
    return w_y @ (a + w_c @ np.maximum(w_b @ a, 0))


def _draw(rng, inputs, width, inner, outputs):
    shapes = ((width, inputs), (inner, width), (width, inner), (outputs, width))
    return [rng.integers(-5, 6, shape).astype(float) for shape in shapes]


RNG = np.random.default_rng(29)
SMALL, WIDE, SQUARE = _draw(RNG, 2, 3, 4, 2), _draw(RNG, 3, 6, 5, 2), _draw(RNG, 4, 4, 4, 4)
KEEPS = np.array([True, False, True]), np.array([0, 1, 1, 0, 1, 0], bool), np.array([1, 0, 0, 0], bool)


def _case(kind, weights, keep):
    return Case(kind, (*weights, keep), thin_residual(*weights, keep))


COUPLED = Exercise(
    "07/thin_residual", thin_residual,
    cases=(
        _case("literal", SMALL, KEEPS[0]),
        _case("property", WIDE, KEEPS[1]),
        _case("property", SQUARE, KEEPS[2]),
        _case("edge", SMALL, np.array([True, True, True])),
    ),
    mutants={
        "second_maker": Mutant("c keeps all its rows, but what it makes is added to a: both lose the same channels",
                               lambda a, b, c, y, k: (a[k], b[:, k], c, y[:, k])),
        "inner_reader": Mutant("b still has the columns that read the channels of a",
                               lambda a, b, c, y, k: (a[k], b, c[k], y[:, k])),
        "last_reader": Mutant("y still has the columns that read the channels of the sum",
                              lambda a, b, c, y, k: (a[k], b[:, k], c[k], y)),
        "only_makers": Mutant("only the layers that make the channels shrink; those that read them do too",
                              lambda a, b, c, y, k: (a[k], b, c[k], y)),
        "inverted": Mutant("True is taken for remove; a mask says what stays",
                           lambda a, b, c, y, k: (a[~k], b[:, ~k], c[~k], y[:, ~k])),
        "zeros": Mutant("zeros are written where channels go, so every matrix is as large as before",
                        lambda a, b, c, y, k: (a * k[:, None], b * k, c * k[:, None], y * k)),
    },
    hints=(
        "A channel of the sum is made by two layers and read by two. Which are they?",
        "Who makes a channel has it as a row, w[keep]; who reads it has it as a column, w[:, keep].",
        "return w_a[keep], w_b[:, keep], w_c[keep], w_y[:, keep]",
    ),
)
