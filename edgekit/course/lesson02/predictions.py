"""What the learner foretells in lesson 02, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("02/predict_function", 0, 0, {
        "factor": Mutant("you expect the output to grow; but what one layer gains the other loses", 256),
        "inverse": Mutant("you expect the output to shrink; but the second layer makes up for the first", 1 / 256),
        "rounding": Mutant("you expect a rounding error; a power of two only moves the exponent of a float", 1e-6),
        "one": Mutant("you foretell a ratio, or that all changes; the question is by how much the outputs differ", 1),
        "relu": Mutant("you expect ReLU to spoil it; max(0, x / s) is max(0, x) / s for s > 0", 0.5),
    }, ("Follow one channel: what leaves the first layer, what does the second one make of it?",
        "relu(x / s) * s = relu(x) when s > 0.",
        "The factor cancels, and dividing by a power of two is exact.")),
    _foretold("02/predict_codes_left", 1, 0, {
        "all": Mutant("you count the codes of the whole grid; but this channel reaches only its share of it", 255),
        "half": Mutant("you halve the grid once; but 256 is eight halvings", 128),
        "none": Mutant("you expect no code at all; but zero has a code, and it is the one that is left", 0),
        "signs": Mutant("you count -1, 0 and 1; but the largest weight is less than half a step from 0", 3),
        "two": Mutant("you let the largest weight reach code 1; 127 / 256 is below one half and rounds to 0", 2),
    }, ("The largest weight of the layer gets code 127. Which code gets a weight 256 times smaller?",
        "127 / 256 is 0.496. Round it.",
        "Every weight of the channel is that small or smaller, so all of them share one code.")),
    _foretold("02/predict_sum", 1, 0, {
        "nearest": Mutant("you round each weight by itself; both errors have the same sign and add up", 0),
        "both_up": Mutant("you round both up; the sum overshoots by more than it fell short", 2),
        "real": Mutant("you give the real sum; but codes are whole numbers, and so is their sum", 0.8),
        "one_weight": Mutant("you give one weight instead of the sum of two codes", 0.4),
        "mean": Mutant("you give the mean of the two ways to round; a sum of codes is whole", 0.5),
    }, ("Both inputs are equal, so the layer computes (q1 + q2) * x. It should compute 0.8 * x.",
        "Only the sum of the codes matters, and it is a whole number.",
        "Which whole number is nearest to 0.8?")),
)
