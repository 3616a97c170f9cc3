"""What the learner foretells in lesson 05, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("05/predict_scale", 2, 0, {
        "all": Mutant("you take the mean size of all weights; the one with code 0 does not depend on the scale", 1.625),
        "largest": Mutant("you take the largest weight, as a range does; the squared error wants the middle", 3),
        "sum": Mutant("you add up the sizes; the best scale is their mean", 6),
        "signed": Mutant("you average with signs, so that they cancel; the codes carry the signs", 2 / 3),
        "smallest": Mutant("you take the smallest weight that is kept", 1),
        "rms": Mutant("you take the root of the mean square; the derivative of the squared error gives the plain mean",
                      (14 / 3) ** 0.5),
    }, ("Only three weights depend on the scale: 3, 1 and -2, with the codes 1, 1 and -1.",
        "Set the derivative of (3 - s)^2 + (1 - s)^2 + (-2 + s)^2 to zero.",
        "The answer is the mean of the three sizes.")),
    _foretold("05/predict_trits", 5, 0, {
        "two_bits": Mutant("you give each code two bits of its own", 4),
        "bits": Mutant("you give each code one bit", 8),
        "six": Mutant("3^6 is 729, and a byte has 256 values", 6),
        "whole_bits": Mutant("you divide 8 bits by 3", 8 / 3),
        "three": Mutant("you give the number of values a code has", 3),
        "fraction": Mutant("you give 8 / log2(3), the limit; whole codes fit in whole bytes", 5.05),
    }, ("A byte has 256 values. How many does a pair of codes have?",
        "n codes have 3^n values together.",
        "Which is the largest n with 3^n no more than 256?")),
    _foretold("05/predict_signs", 2, 0, {
        "equal": Mutant("you count the places where the signs are equal; the others take away", 5),
        "different": Mutant("you count the places where the signs differ", 3),
        "inverse": Mutant("you subtract the equal places from the different ones", -2),
        "all": Mutant("you count all places", 8),
        "one_each": Mutant("you take away one for each difference; but it is also missing among the equal ones", 4),
    }, ("Equal signs give +1, different ones -1.",
        "Three of eight differ, so five are equal.",
        "5 - 3")),
)
