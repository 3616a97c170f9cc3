"""What the learner foretells in lesson 10, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, 0),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("10/predict_size", 584, {
        "silent": Mutant("you multiply all choices, three depths too; the width of a block that is not there chooses "
                         "nothing", 1536),
        "deepest": Mutant("you count the networks of three blocks only", 512),
        "added": Mutant("you add the choices of the blocks; each goes with each of the others", 24),
        "one_block": Mutant("you count one block", 8),
        "three_blocks_added": Mutant("you add the options of a block; each width goes with each kernel, so multiply",
                                     6 + 6**2 + 6**3),
        "shared": Mutant("you let all blocks have one kernel; each block has its own", 2 * 84),
        "with_none": Mutant("you count a network of no block; the depth is 1, 2 or 3", 585),
        "widths": Mutant("you forget the kernels", 84),
        "twice": Mutant("you stop at two blocks, or multiply the depths with what one block offers", 72),
    }, ("How many ways are there for one block?",
        "A network of one block: 8. Of two: 8 times 8. Of three?",
        "8 + 64 + 512")),
    _foretold("10/predict_draws", 59, {
        "inverse": Mutant("you take 1 / 0.05. After so many draws the chance is 64 % only", 20),
        "share": Mutant("you take 0.95 / 0.05", 19),
        "percent": Mutant("you take the chance for the number", 95),
        "size": Mutant("you let the size of the space come in; only the share of good networks counts", 60000),
        "half": Mutant("after so many draws the chance is one half", 14),
        "rounded": Mutant("you give the round number to remember; asked is the least that is enough", 60),
        "in_parts": Mutant("you stop just where the chance is 95 %; nobody draws a part of a network, so round up",
                           58.4),
        "one_short": Mutant("one draw short: 1 - 0.95^58 is 94.9 %", 58),
    }, ("What is the chance that all n draws miss?",
        "0.95^n. It must fall to 0.05.",
        "n = log(0.05) / log(0.95), rounded up")),
)
