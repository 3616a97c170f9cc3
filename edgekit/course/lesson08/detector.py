"""The transfer exercise: a detector with one output learns from another."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def detector_loss(student, teacher, labels, temperature, alpha):
    """The reference: the loss of two classes, written with one logit each, P = sigmoid(z / T)."""
    return _loss(student, teacher, labels, temperature, alpha)


def _logs(z):
    """log sigmoid(z), log (1 - sigmoid(z))."""
    return -np.logaddexp(0, -z), -np.logaddexp(0, z)


def _kl(theirs, ours):
    """The divergence of both answers, yes and no."""
    return sum(np.exp(t) * (t - s) for t, s in zip(theirs, ours, strict=True))


def _loss(student, teacher, labels, temperature, alpha, power=2, labels_at=1, teacher_at=None, soft=_kl, logs=_logs,
          hard=lambda yes, no, labels: -(labels * yes + (1 - labels) * no)):
    from_labels = hard(*_logs(student / labels_at), labels)
    theirs, ours = logs(teacher / (teacher_at or temperature)), logs(student / temperature)
    return np.mean(alpha * from_labels + (1 - alpha) * temperature**power * soft(theirs, ours))


def _divided(student, teacher, labels, temperature, alpha):
    """The probabilities, not the logits, are divided by T."""
    def logs(z):
        p = np.exp(_logs(z * temperature)[0]) / temperature
        return np.log(p), np.log(1 - p)

    return _loss(student, teacher, labels, temperature, alpha, logs=logs)


S, T = np.array([0.0, np.log(3.0)]), np.array([2 * np.log(3.0), 2 * np.log(3.0)])
Y = np.array([1, 0])
RNG = np.random.default_rng(41)
DRAWN = 3 * RNG.normal(size=(2, 7))
LABELS = np.array([1, 0, 0, 1, 1, 0, 1])
FIRST = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)

DETECTOR = Exercise(
    "08/detector_loss", detector_loss,
    cases=(
        Case("literal", (S[:1], T[:1], Y[:1], 2.0, 0.25), 0.25 * np.log(2) + 0.75 * 4 * FIRST),
        Case("literal", (S, T, Y, 2.0, 1.0), (np.log(2) + np.log(4)) / 2),
        Case("property", (*DRAWN, LABELS, 3.0, 0.4), detector_loss(*DRAWN, LABELS, 3.0, 0.4)),
        Case("property", (*DRAWN, LABELS, 1.0, 0.0), detector_loss(*DRAWN, LABELS, 1.0, 0.0)),
        Case("property", (DRAWN[0], DRAWN[0], LABELS, 4.0, 0.0), 0.0, 1e-12),
        Case("edge", (np.array([-900.0, 900.0]), np.array([-900.0, 900.0]), np.array([0, 1]), 1.0, 0.5), 0.0, 1e-12),
    ),
    mutants={
        "yes_only": Mutant("only the answer yes is compared; no has a probability as well, and counts",
                           lambda *args: _loss(*args, soft=lambda theirs, ours:
                                               np.exp(theirs[0]) * (theirs[0] - ours[0]))),
        "no_t_squared": Mutant("the factor T^2 is missing", lambda *args: _loss(*args, power=0)),
        "both_softened": Mutant("the part of the labels is softened too; it stays at T = 1",
                                lambda *args: _loss(*args, labels_at=args[3])),
        "kl_turned": Mutant("KL is taken the wrong way round, student || teacher",
                            lambda *args: _loss(*args, soft=lambda theirs, ours: _kl(ours, theirs))),
        "alpha_turned": Mutant("alpha weighs the teacher; here it is the weight of the labels",
                               lambda *args: _loss(*args[:4], 1 - args[4])),
        "divided_after": Mutant("the probabilities are divided by T; temperature divides logits", _divided),
        "positives_only": Mutant("examples without the event have no part in the cross-entropy; log(1 - P) is theirs",
                                 lambda *args: _loss(*args, hard=lambda yes, no, labels: -labels * yes)),
        "teacher_not_softened": Mutant("only the student is softened; both need the same temperature",
                                       lambda *args: _loss(*args, teacher_at=1)),
        "cross_entropy": Mutant("the soft part is a cross-entropy, which is not 0 where both agree",
                                lambda *args: _loss(*args, soft=lambda theirs, ours: -sum(
                                    np.exp(t) * s for t, s in zip(theirs, ours, strict=True)))),
    },
    hints=(
        "One logit z stands for two: z for yes and 0 for no. Then softmax is sigmoid.",
        "log P(yes) = -np.logaddexp(0, -z / T) and log P(no) = -np.logaddexp(0, z / T) never overflow.",
        "KL sums over both answers: P_T(yes) (log P_T(yes) - log P_S(yes)) plus the same for no.",
    ),
)
