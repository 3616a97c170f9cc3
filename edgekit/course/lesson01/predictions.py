"""What the learner foretells in lesson 01, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("01/predict_codes", 128, 0, {
        "all": Mutant("you count every code of the grid; those below 0 stand for values that never come", 256),
        "steps": Mutant("you count the steps of the whole grid", 255),
        "without_zero": Mutant("you leave out code 0, which stands for the value 0", 127),
        "narrow_grid": Mutant("you count the codes of the narrow grid, -127..127, below 0 included", 254),
        "quarter": Mutant("you halve the grid twice", 64),
    }, ("Which code does the value 0 get when zero_point is 0?",
        "The values run from 0 to the largest one, so the codes run from 0 to qmax.",
        "Count 0, 1, 2, ... 127.")),
    _foretold("01/predict_outlier", 20, 0.5, {
        "power": Mutant("you take 10 log10 of a ratio of amplitudes; decibels of amplitudes take 20 log10", 10),
        "one_bit": Mutant("you take the worth of one bit; a factor of ten is more than three bits", 6.02),
        "bits": Mutant("you give bits, log2(10); one bit is worth about 6 dB", 3.32),
        "nothing": Mutant("you expect no loss; but every step of the grid has grown", 0),
        "squared_twice": Mutant("you square the ratio twice", 40),
    }, ("The range grows by ten. What does that do to the scale?",
        "The error grows as the scale does, by ten; the other weights stay as they were.",
        "20 * log10(10).")),
    _foretold("01/predict_wrap", -1.0094, 0.01, {
        "exact": Mutant("you expect no error at all; 8 bits cannot hold 1.2 exactly", 1.2),
        "wide": Mutant("the difference is taken in a wider type; in int8, 139 does not fit", 1.1992),
        "saturates": Mutant("139 is clipped to 127; NumPy integers wrap round instead", 1.0957),
        "sign": Mutant("the zero_point keeps its sign; 127 - (-12) is 139, not 115", 0.9922),
        "flipped": Mutant("only the sign is flipped; but wrapping subtracts 256", -1.1992),
    }, ("Work out 127 - (-12) first. Does it fit into int8?",
        "int8 ends at 127 and goes on at -128: numbers wrap round modulo 256.",
        "139 - 256 = -117, and -117 * 0.008627 is the value.")),
)
