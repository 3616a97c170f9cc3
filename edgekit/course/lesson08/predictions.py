"""What the learner foretells in lesson 08, with the usual wrong answers."""

import math

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("08/predict_odds", round(math.e, 2), 0.05, {
        "not_softened": Mutant("you take the odds at temperature 1, e^4", math.exp(4)),
        "difference": Mutant("you give the difference of the logits; the odds are a power of e", 4),
        "ratio": Mutant("you divide the logits; softmax knows only their difference", 3),
        "odds_divided": Mutant("you divide the odds by T; temperature divides the logits", math.exp(4) / 4),
        "multiplied": Mutant("you multiply the logits by T, which makes the answer harder", math.exp(16)),
        "exponent": Mutant("you stop at (6 - 2) / 4 = 1, the exponent; a ratio of 1 would mean equally likely", 1),
        "inverse": Mutant("you turn it round: the first is the likelier one", math.exp(-1)),
        "share": Mutant("you give the probability of the first among the two; asked is the ratio of both",
                        1 / (1 + math.exp(-1))),
        "one_logit": Mutant("you take the first logit alone; the ratio knows only the difference", math.exp(1.5)),
        "power_of_two": Mutant("you take powers of 2; softmax takes powers of e", 2),
        "equal": Mutant("you think that temperature makes all classes equal; only an endless one does", 0),
    }, ("Softmax is a ratio of powers: P_1 / P_2 = exp(z_1 / T) / exp(z_2 / T).",
        "So the odds are exp((z_1 - z_2) / T).",
        "exp((6 - 2) / 4), which is e.")),
    _foretold("08/predict_shrink", 16, 0.5, {
        "once": Mutant("you count the 1 / T of the chain rule alone; the probabilities come nearer, too", 4),
        "cubed": Mutant("you count one factor T too many", 64),
        "half_way": Mutant("you halve the true factor", 8),
        "not_at_all": Mutant("you think that the gradient keeps its size: only the factor T^2 sees to that", 1),
        "difference": Mutant("you subtract the temperatures", 6),
        "squares_apart": Mutant("you subtract the squares, 64 - 4", 60),
        "inverse": Mutant("you turn it round: how large a share is left", 1 / 16),
        "once_inverse": Mutant("you turn it round, and count the 1 / T of the chain rule alone", 1 / 4),
        "fourth": Mutant("you square once too often", 256),
    }, ("Without T^2 the slope is (P_S - P_T) / T. What does a high temperature do to P_S - P_T?",
        "For high T both answers are nearly equal for all classes, and P_S - P_T is about (z_S - z_T) / (C T).",
        "So the slope goes like 1 / T^2, and from T = 2 to 8 it is divided by (8 / 2)^2.")),
    _foretold("08/predict_floor", 0, 0.01, {
        "entropy": Mutant("you give the entropy of the teacher's answer, ln 2: where the cross-entropy ends, not KL",
                          math.log(2)),
        "minus_entropy": Mutant("you give the sum of P log P, which is minus the entropy; Q is subtracted in KL",
                                -math.log(2)),
        "one": Mutant("you give a probability; a divergence is counted in nats", 1),
        "half": Mutant("you give the teacher's probability", 0.5),
        "minus": Mutant("you think that KL may be negative; it never is", -1),
        "twice": Mutant("you count the entropy of both answers", 2 * math.log(2)),
    }, ("KL(P || Q) says what is lost by answering Q where P is right.",
        "A perfect student has Q = P.",
        "log(P / Q) is then 0 for every class.")),
)
