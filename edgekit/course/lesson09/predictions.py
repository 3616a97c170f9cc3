"""What the learner foretells in lesson 09, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("09/predict_separable", 8, 0.5, {
        "no_pointwise": Mutant("you count the depthwise part alone; the pointwise part costs far more", 64),
        "kernel": Mutant("you divide by the kernel's nine weights; the depthwise part still costs something", 9),
        "side": Mutant("you divide by the kernel's side; a kernel has K^2 weights", 3),
        "two_layers": Mutant("you double the cost because there are two layers; each is cheaper than before", 0.5),
        "half": Mutant("you guess a half", 2),
        "inverse": Mutant("you give the share that is left; asked is how many times fewer", 73 / 576),
        "same": Mutant("you expect the same cost, since the shapes are the same", 1),
    }, ("Count the products at one place: 9 * 64 * 64 against 9 * 64 + 64 * 64.",
        "Divide both by 64: 576 against 9 + 64.",
        "576 / 73")),
    _foretold("09/predict_groups", 4, 0, {
        "twice": Mutant("you divide by the groups twice, for inputs and for outputs; all groups together still make "
                        "all outputs", 16),
        "same": Mutant("you expect the same MACs; but an output no longer sees all inputs", 1),
        "root": Mutant("you take the root", 2),
        "depthwise": Mutant("you cut it into 64 groups, which would be depthwise; there are four", 64),
        "more": Mutant("you multiply: four convolutions instead of one; but each has a quarter of the outputs AND a "
                       "quarter of the inputs", 0.25),
        "kernel": Mutant("you bring in the kernel, which stays as it is", 36),
    }, ("One group makes 64 / 4 = 16 outputs from 64 / 4 = 16 inputs.",
        "That is a sixteenth of the products, and there are four groups.",
        "4 / 16 of the products remain.")),
    _foretold("09/predict_width", 4, 0.2, {
        "linear": Mutant("you halve the MACs; a layer has half the inputs AND half the outputs", 2),
        "eight": Mutant("you count the kernel as well, which stays as it is", 8),
        "same": Mutant("you expect the same MACs; the resolution stays, the channels do not", 1),
        "half": Mutant("you give the width; asked is how many times fewer the MACs are", 0.5),
        "sixteen": Mutant("you halve the sides of the picture too", 16),
        "more": Mutant("you turn it round: the narrow network is the cheap one", 0.25),
    }, ("Most MACs are in pointwise layers: C_in * C_out for each place.",
        "Both become half as many.",
        "1 / 2 * 1 / 2 of the products remain.")),
    _foretold("09/predict_flops", 300, 0, {
        "same": Mutant("you take FLOPs for MACs; a MAC is a multiplication and an addition", 600),
        "double": Mutant("you double; there are fewer MACs than FLOPs", 1200),
        "bytes": Mutant("you divide by four, as if by the bytes of a float", 150),
        "ones": Mutant("you give the count itself; asked is how many million", 300e6),
        "thousand": Mutant("you change the unit; both are counted in millions here", 0.6),
        "eight": Mutant("you divide by the bits of a code", 75),
    }, ("One MAC multiplies once and adds once.",
        "So a count of FLOPs is twice a count of MACs.",
        "600 / 2")),
)
