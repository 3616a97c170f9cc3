"""The exercise on sums of products of signs, by XNOR and by counting ones."""

from edgekit.course.exercises import Case, Exercise, Mutant


def sign_product(a, b, n):
    """The reference: as many products as places, minus twice those where the signs differ."""
    return n - 2 * (a ^ b).bit_count()


def _bytes_of(n):
    return 8 * -(-n // 8)


SIGNS = Exercise(
    "05/sign_product", sign_product,
    cases=(
        Case("literal", (0b101, 0b111, 3), 1),
        Case("literal", (0b11010010, 0b11000111, 8), 2),
        Case("literal", (0b0001, 0b1110, 4), -4),
        Case("property", (0b1100110011, 0b0101100101, 10), 0),
        Case("edge", (0, 0, 5), 5),
        Case("edge", (1, 0, 1), -1),
        Case("edge", (2**100 - 1, 0, 100), -100),
    ),
    mutants={
        "no_two": Mutant("equal signs are counted; each different pair also takes one away, hence the factor 2",
                         lambda a, b, n: n - (a ^ b).bit_count()),
        "padding": Mutant("the bits that fill the last byte count as equal signs; there are only n places",
                          lambda a, b, n: _bytes_of(n) - 2 * (a ^ b).bit_count()),
        "and": Mutant("AND finds the places where both are +; two minus signs give +1 as well",
                      lambda a, b, n: 2 * (a & b).bit_count() - n),
        "both_plus": Mutant("only the places where both are + are counted", lambda a, b, n: (a & b).bit_count()),
        "or": Mutant("OR finds the places where any is +; XOR finds those that differ",
                     lambda a, b, n: n - 2 * (a | b).bit_count()),
        "all_bits": Mutant("~ turns more bits than the n that are signs: cut it with & (1 << n) - 1",
                           lambda a, b, n: 2 * (~(a ^ b)).bit_count() - n),
        "length": Mutant("the length of the numbers is taken for n; minus signs at the top are zeros, and do count",
                         lambda a, b, n: max(a.bit_length(), b.bit_length()) - 2 * (a ^ b).bit_count()),
        "number": Mutant("a ^ b is used as a number; count its ones", lambda a, b, n: n - 2 * (a ^ b)),
        "mean": Mutant("the sum is divided by n", lambda a, b, n: sign_product(a, b, n) / n),
        "inverse": Mutant("the sign is turned round: different places give -1, equal ones +1",
                          lambda a, b, n: 2 * (a ^ b).bit_count() - n),
        "counts_only": Mutant("the ones of both are counted and compared; what matters is whether they meet",
                              lambda a, b, n: n - 2 * abs(a.bit_count() - b.bit_count())),
        "xor_only": Mutant("the different places are counted, and that is all", lambda a, b, n: (a ^ b).bit_count()),
    },
    hints=(
        "A product of two signs is +1 where they are equal and -1 where they differ.",
        "a ^ b has a one exactly where the signs differ, and (a ^ b).bit_count() counts them.",
        "n - different are equal, so the sum is (n - different) - different.",
    ),
)
