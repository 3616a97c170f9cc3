"""What the learner foretells in lesson 07, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, mutants, hints, tolerance=0):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("07/predict_left", 0.25, {
        "as_channels": Mutant("you take the ratio of channels for one of weights; a layer loses rows and columns", 0.5),
        "gone": Mutant("you give the share that goes", 0.75),
        "kernel_too": Mutant("you halve the kernel as well; pruning channels leaves it", 0.125),
        "masked": Mutant("you think of zeros, which stay where they are", 1.0),
        "percent": Mutant("you give percent; a share lies between 0 and 1", 25),
        "root": Mutant("you take the root; two halves multiply", 0.5**0.5),
        "nothing": Mutant("you take half for the rows and half for the columns, and add", 0.0),
    }, ("Draw the matrix: a row for each output channel, a column for each input channel.",
        "Half of the rows goes, and half of the columns.",
        "0.5 * 0.5")),
    _foretold("07/predict_touched", 4, {
        "one": Mutant("you count the layer alone in which you remove the channel", 1),
        "makers": Mutant("you count the two layers that make the channel; others read it", 2),
        "other_maker": Mutant("you forget one: what is added to the channel must lose it too", 3),
        "the_sum": Mutant("you count the addition, which has no weights", 5),
        "none": Mutant("you think of zeros; a channel that goes leaves smaller arrays", 0),
    }, ("Which layers make the channel? Which read it?",
        "The sum has two sides, so two layers make it: the last of the block and whatever came before the block.",
        "Makers: two. Readers: the first of the block and the layer after the sum.")),
    _foretold("07/predict_depthwise", 432, {
        "squared": Mutant("you square the share: but a depthwise output reads one input only", 324),
        "standard": Mutant("you count a standard convolution, inputs times outputs", 48 * 48 * 9),
        "all_inputs": Mutant("you count 48 outputs that read all 64 inputs; each reads its own", 48 * 64 * 9),
        "kernel_squared": Mutant("you square the kernel once more; 3 x 3 are nine places", 48 * 81),
        "removed": Mutant("you count what goes, 16 * 9, or the kernel's side in place of its nine places", 144),
        "no_kernel": Mutant("you count one weight for each channel; there are nine places", 48),
        "before": Mutant("you count the layer before it was pruned", 576),
    }, ("How many weights has one channel of a depthwise layer?",
        "48 channels stay, and none reads another's input.",
        "48 * 3 * 3")),
    _foretold("07/predict_faster", 1 / 0.55, {
        "as_macs": Mutant("you let all of the time shrink; a quarter of it stays whatever the MACs", 2.5),
        "share_of_macs": Mutant("you weigh the factors, 0.75 * 2.5; what adds up are times", 1.875),
        "both": Mutant("you weigh the factors of both parts; what adds up are times", 0.25 + 0.75 * 2.5),
        "time_left": Mutant("you give the time that is left; how many times does it fit into the old one?", 0.55),
        "time_gone": Mutant("you give the time that is gone", 0.45),
        "floor_gone": Mutant("you leave out the quarter that stays", 1 / 0.3),
        "not_at_all": Mutant("you let nothing shrink; three quarters of the time follow the MACs", 1.0),
    }, ("Split the old time, 1 ms, into what shrinks and what stays.",
        "0.25 ms stay. The other 0.75 ms become 0.75 / 2.5.",
        "1 / (0.25 + 0.75 / 2.5)"), 0.02),
)
