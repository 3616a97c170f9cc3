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
        Case("literal", (np.array([[0, 20, 0, -2], [0, 0, -3, 0]], np.int8),), 4),
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
        "one_more": Mutant("a byte is added also where the bits fill whole bytes: round up, (w.size + 7) // 8",
                           lambda w: w.size // 8 + 1 + np.count_nonzero(w)),
        "each_row": Mutant("each row is filled up to whole bytes; the bits of all places stand in one line",
                           lambda w: len(w) * -(-w.shape[1] // 8) + np.count_nonzero(w)),
        "rows": Mutant("len counts the rows; w.size counts the places",
                       lambda w: -(-len(w) // 8) + np.count_nonzero(w)),
        "only_places": Mutant("only the bitmap is counted; the weights cost bytes, too", lambda w: -(-w.size // 8)),
        "dense": Mutant("all weights are counted, as without pruning", lambda w: w.size),
        "positive": Mutant("negative weights are left out; they are not zero",
                           lambda w: -(-w.size // 8) + (w > 0).sum()),
        "values_added": Mutant("the weights are added up; count them",
                               lambda w: -(-w.size // 8) + int(w.sum())),
        "bits_of_kept": Mutant("only the weights that stay get a bit; a zero needs one too, to be known as zero",
                               lambda w: -(-np.count_nonzero(w) // 8) + np.count_nonzero(w)),
        "indices_of_a_byte": Mutant("each weight brings an index of a byte; a bitmap has a bit for each place",
                                    lambda w: 2 * np.count_nonzero(w)),
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
