"""The exercise on what a pruned layer weighs: the places cost bytes, too."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def bitmap_bytes(w):
    """The reference: one bit for each place, filled up to whole bytes, and one byte for each weight that is not 0."""
    return -(-w.size // 8) + np.count_nonzero(w)


def _layer(rows, columns, kept):
    w = np.zeros(rows * columns, np.int8)
    w[:: max(rows * columns // kept, 1)][:kept] = 5
    return w.reshape(rows, columns)


SIZE = Exercise(
    "06/bitmap_bytes", bitmap_bytes,
    cases=(
        Case("literal", (np.array([[0, 7, 0, 0], [0, 0, -3, 0]], np.int8),), 3),
        Case("literal", (_layer(32, 160, 1024),), 640 + 1024),
        Case("property", (_layer(7, 13, 20),), 12 + 20),
        Case("edge", (np.zeros((3, 3), np.int8),), 2),
        Case("edge", (np.ones((4, 4), np.int8),), 2 + 16),
    ),
    mutants={
        "only_values": Mutant("only the weights that are not 0 are counted; nobody could tell where they belong",
                              lambda w: np.count_nonzero(w)),
        "bits_cut": Mutant("the last, partly filled byte of the bitmap is cut off",
                           lambda w: w.size // 8 + np.count_nonzero(w)),
        "byte_flags": Mutant("each place gets a byte; one bit says whether it is empty",
                             lambda w: w.size + np.count_nonzero(w)),
        "bits_not_bytes": Mutant("the answer is in bits; eight of them are a byte",
                                 lambda w: w.size + 8 * np.count_nonzero(w)),
        "floats": Mutant("each weight takes four bytes; these are int8",
                         lambda w: -(-w.size // 8) + 4 * np.count_nonzero(w)),
        "zeros": Mutant("the zeros are counted; what is stored is what is not 0",
                        lambda w: -(-w.size // 8) + w.size - np.count_nonzero(w)),
        "indices": Mutant("each weight brings an index of two bytes; that is CSR, not a bitmap",
                          lambda w: 3 * np.count_nonzero(w)),
        "fraction": Mutant("part of a byte is left over; memory comes in whole bytes",
                           lambda w: w.size / 8 + np.count_nonzero(w)),
    },
    hints=(
        "Two parts: where the weights stand, and what they are.",
        "Places: one bit each, so ceil(w.size / 8) bytes. Weights: one byte each, but only those that are not 0.",
        "-(-w.size // 8) + np.count_nonzero(w)",
    ),
)
