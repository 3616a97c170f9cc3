"""What the learner foretells in lesson 06, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("06/predict_ratio", 0.75, 1e-6, {
        "same": Mutant("you take the pruning ratio for the sparsity; a layer loses rows and columns", 0.5),
        "left": Mutant("you give what is left; asked is what is gone", 0.25),
        "all": Mutant("you add both halves; the corner that loses row and column is counted twice", 1.0),
        "percent": Mutant("you give percent; a sparsity lies between 0 and 1", 75),
        "third": Mutant("you take away a half and then a half of a half of that", 0.625),
    }, ("Half of the outputs of a layer go, and half of its inputs, because the layer before lost them.",
        "What stays is a half of a half.", "1 - 0.5 * 0.5")),
    _foretold("06/predict_bitmap", 325, 0, {
        "only_values": Mutant("you count the weights alone; without their places nobody can use them", 200),
        "only_places": Mutant("you count the bitmap alone; the weights that are left cost a byte each", 125),
        "bits": Mutant("you give every place a byte; one bit is enough", 1200),
        "zeros": Mutant("you count the zeros as weights", 925),
        "dense": Mutant("you give the bytes of the full layer", 1000),
        "indices": Mutant("you give every weight an index of one byte", 400),
        "in_bits": Mutant("you give bits", 2600),
    }, ("Two hundred weights are left, one byte each.",
        "A thousand places need a bit each. How many bytes are that?", "125 + 200")),
    _foretold("06/predict_break_even", 0.5, 1e-6, {
        "bitmap": Mutant("you give the break-even of a bitmap, 1 / 8", 0.125),
        "always": Mutant("you let zeros pay from the first one; each weight that stays costs twice as much", 0.0),
        "wide": Mutant("you take indices of two bytes", 2 / 3),
        "runs": Mutant("you take indices of half a byte", 1 / 3),
        "percent": Mutant("you give percent; a sparsity lies between 0 and 1", 50),
        "never": Mutant("you think that it never pays", 1.0),
    }, ("A weight that stays takes two bytes: itself and its index.",
        "With a share q of zeros there are (1 - q) n of them. When is 2 (1 - q) n equal to n?", "1 - 1 / 2")),
)
