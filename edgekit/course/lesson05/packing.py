"""The transfer exercise: five ternary codes in one byte."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def pack_trits(codes):
    """The reference: digits 0, 1, 2 in base 3, the first lowest, five to a byte."""
    return _packed(codes)


def _packed(codes, base=3, each=5, shift=1, fill=0, order=1, tail=True):
    digits = np.asarray(codes) + shift
    if not tail:
        digits = digits[: len(digits) // each * each]
    digits = np.concatenate([digits, np.full(-len(digits) % each, fill)])
    powers = base ** np.arange(each)[::order]
    return ((digits.reshape(-1, each) @ powers) % 256).astype(np.uint8)


RNG = np.random.default_rng(23)

PACKING = Exercise(
    "05/pack_trits", pack_trits,
    cases=(
        Case("literal", (np.array([-1, 0, 1, 0, -1]),), np.array([48])),
        Case("literal", (np.array([1, 1, 1, 1, 1]),), np.array([242])),
        Case("literal", (np.array([-1, 0, 1]),), np.array([21])),
        Case("property", (np.array([1, -1, -1, -1, -1, 0, 0, 0, 0, 1, -1]),), np.array([2, 202, 0])),
        Case("edge", (np.array([-1, -1, -1, -1, -1]),), np.array([0])),
        Case("edge", (np.array([], int),), np.array([], np.uint8)),
    ),
    mutants={
        "two_bits": Mutant("each code takes two bits, so only four fit; base 3 fits five",
                           lambda codes: _packed(codes, base=4, each=4)),
        "first_highest": Mutant("the first code is the highest digit; asked is the lowest",
                                lambda codes: _packed(codes, order=-1)),
        "not_shifted": Mutant("the codes -1, 0, 1 are used as digits; digits are 0, 1, 2",
                              lambda codes: _packed(codes, shift=0)),
        "tail_lost": Mutant("codes that fill no whole byte are dropped", lambda codes: _packed(codes, tail=False)),
        "filled_by_codes": Mutant("the last byte is filled with the code 0, which is the digit 1; fill with digits 0",
                                  lambda codes: _packed(codes, fill=1)),
        "four_to_a_byte": Mutant("only four codes share a byte; 3^5 = 243 still fits",
                                 lambda codes: _packed(codes, each=4)),
        "filled_in_front": Mutant("the digits 0 are put before the codes; they belong behind the last one",
                                  lambda codes: _packed(np.concatenate([np.full(-len(codes) % 5, -1), codes]))),
        "byte_too_many": Mutant("where the codes fill whole bytes a byte more is written; -len(codes) % 5 digits lack",
                                lambda codes: _packed(np.concatenate([codes, np.full(5 - len(codes) % 5, -1)]))),
        "one_number": Mutant("all codes become one number; five share a byte",
                             lambda codes: sum(3**i * (code + 1) for i, code in enumerate(np.asarray(codes).tolist()))),
        "signed": Mutant("the bytes are signed, so that 242 becomes -14; a byte holds 0..255: np.uint8",
                         lambda codes: _packed(codes).astype(np.int8)),
        "base_ten": Mutant("the digits are weighted by powers of ten; there are three digits, so powers of three",
                           lambda codes: _packed(codes, base=10)),
        "base_two": Mutant("the digits are weighted by powers of two; there are three digits, so powers of three",
                           lambda codes: _packed(codes, base=2)),
    },
    hints=(
        "digits = codes + 1 makes -1, 0, 1 into 0, 1, 2. Think of them as a number written in base 3.",
        "A group d0, d1, d2, d3, d4 becomes d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4. Fill the last group with digits 0.",
        "np.concatenate the digits with zeros, reshape(-1, 5) @ 3 ** np.arange(5), astype(np.uint8)",
    ),
)
