"""What the learner foretells in lesson 04, with the usual wrong answers."""

import math

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("04/predict_slope", 0, 0, {
        "one": Mutant("you give what we shall pretend; the staircase itself is flat there", 1),
        "value": Mutant("you give x itself; asked is how much round(x) changes when x changes a little", 0.3),
        "error": Mutant("you give what rounding adds; a derivative says how much the result changes", -0.3),
        "infinite": Mutant("you think of the jump at one half; at 0.3 the staircase is flat", math.inf),
        "half": Mutant("you give the place of the next jump, not the slope", 0.5),
    }, ("round(0.3) is 0. What is round(0.30001)?",
        "Both are 0. The change is nothing, divided by a little.",
        "Between two jumps a staircase is flat.")),
    _foretold("04/predict_updates", 9, 0, {
        "first": Mutant("you expect each update to move the code; a code moves only when a half is crossed", 1),
        "never": Mutant("you round after each update; but the float weight remembers, and the small steps add up",
                        math.inf),
        "eight": Mutant("you stop one early: after eight updates 0.52 is left, which still rounds to 1", 8),
        "in_parts": Mutant("you stop just where one half is reached; no part of an update is made, so round up", 8.4),
        "one_too_many": Mutant("you stop one late: after nine updates 0.47 is left, which rounds to 0", 10),
        "before_zero": Mutant("you count until the weight is nearly 0; the code changes already at one half",
                              18),
        "nearly_zero": Mutant("you wait until nothing is left, 0.92 / 0.05; the code changes already at one half",
                              18.4),
        "to_zero": Mutant("you wait until the weight passes 0; the code changes already at one half", 19),
        "whole_step": Mutant("you wait for a whole step; from 0.92 to one half it is less than that", 20),
    }, ("The code is round(weight / scale), and the float weight keeps each update.",
        "From which value on does the weight round to 0?",
        "0.92 - 9 * 0.05 = 0.47")),
    _foretold("04/predict_two_bits", 3, 0, {
        "power": Mutant("you count 2 to the power of 2; the narrow grid leaves out its lowest code, -2", 4),
        "bits": Mutant("you give the number of bits, not of codes", 2),
        "zero_left_out": Mutant("you count the codes above zero", 1),
        "three_bits": Mutant("you count the codes of 3 bits", 7),
        "pairs": Mutant("you count codes on both sides of zero and twice zero itself", 5),
    }, ("Two bits make four codes from -2 to 1.",
        "Weights use a symmetric grid: the lowest code has no partner above zero, so it is left out.",
        "-1, 0 and 1 are left.")),
)
