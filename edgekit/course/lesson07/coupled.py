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
SMALL, WIDE, SQUARE = _draw(RNG, 2, 3, 4, 2), _draw(RNG, 3, 6, 5, 2), _draw(RNG, 3, 3, 3, 3)
LARGER = _draw(RNG, 4, 4, 4, 4)
KEEPS = np.array([True, False, True]), np.array([0, 1, 1, 0, 1, 0], bool), np.array([1, 0, 0, 1], bool)


def _case(kind, weights, keep):
    return Case(kind, (*weights, keep), thin_residual(*weights, keep))


COUPLED = Exercise(
    "07/thin_residual", thin_residual,
    cases=(
        _case("literal", SQUARE, KEEPS[0]),  # where rows and columns may be confused without an error
        _case("property", LARGER, KEEPS[2]),
        _case("property", WIDE, KEEPS[1]),
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
        "rows": Mutant("all four matrices lose rows; who reads a channel has it as a column",
                       lambda a, b, c, y, k: (a[k], b[k], c[k], y[k])),
        "columns": Mutant("all four matrices lose columns; who makes a channel has it as a row",
                          lambda a, b, c, y, k: (a[:, k], b[:, k], c[:, k], y[:, k])),
        "exchanged": Mutant("rows and columns are exchanged: in W x a row makes a channel and a column reads one",
                            lambda a, b, c, y, k: (a[:, k], b[k], c[:, k], y[k])),
        "inner": Mutant("b and c lose the channel between them; it is not in the sum, so it stays",
                        lambda a, b, c, y, k: (a[k], b[k], c[:, k], y[:, k])),
        "inner_too": Mutant("the channel between b and c goes too; it is not in the sum, so it stays",
                            lambda a, b, c, y, k: (a[k], b[k][:, k], c[k][:, k], y[:, k])),
        "inner_alone": Mutant("only the channel between b and c goes; asked are the channels of the sum",
                              lambda a, b, c, y, k: (a, b[k], c[:, k], y)),
        "block_forgotten": Mutant("the block inside is forgotten; b reads the channels of a, and c adds to them",
                                  lambda a, b, c, y, k: (a[k], b, c, y[:, k])),
        "zeros": Mutant("zeros are written where channels go, so every matrix is as large as before",
                        lambda a, b, c, y, k: (a * k[:, None], b * k, c * k[:, None], y * k)),
    },
    hints=(
        "A channel of the sum is made by two layers and read by two. Which are they?",
        "Who makes a channel has it as a row, w[keep]; who reads it has it as a column, w[:, keep].",
        "return w_a[keep], w_b[:, keep], w_c[keep], w_y[:, keep]",
    ),
)
