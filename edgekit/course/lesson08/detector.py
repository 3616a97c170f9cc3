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


def _loss(student, teacher, labels, temperature, alpha, power=2, labels_at=1, teacher_at=None, student_at=None,
          soft=_kl, logs=_logs, hard=lambda yes, no, labels: -(labels * yes + (1 - labels) * no), hard_logs=_logs,
          mean=np.mean, hard_power=0):
    from_labels = temperature**hard_power * hard(*hard_logs(student / labels_at), labels)
    theirs, ours = logs(teacher / (teacher_at or temperature)), logs(student / (student_at or temperature))
    return mean(alpha * from_labels + (1 - alpha) * temperature**power * soft(theirs, ours))


def _everywhere(logs):
    """A loss with other logarithms of both answers, in both parts."""
    return lambda *args: _loss(*args, logs=logs, hard_logs=logs)


def _naive(z):
    return np.log(_sigmoid(z)), np.log(1 - _sigmoid(z))


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _rounded_to_zero(z):
    return tuple(np.log(np.exp(part)) for part in _logs(z))


def _guarded(theirs, ours):
    """KL where 0 log 0 counts as 0: endless where the student's probability is 0."""
    return sum(np.where(t > -np.inf, np.exp(t) * (t - s), 0) for t, s in zip(theirs, ours, strict=True))


def _clipped(z):
    return tuple(np.log(np.clip(np.exp(part), 1e-12, 1)) for part in _logs(z))


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
FAR = np.array([-900.0, 900.0])  # one that is right in all, and one that is wrong in all
FIRST = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)

DETECTOR = Exercise(
    "08/detector_loss", detector_loss,
    cases=(
        Case("literal", (S[:1], T[:1], Y[:1], 2.0, 0.25), 0.25 * np.log(2) + 0.75 * 4 * FIRST),
        Case("literal", (S, T, Y, 2.0, 1.0), (np.log(2) + np.log(4)) / 2),
        Case("property", (*DRAWN, LABELS, 2.5, 0.4), detector_loss(*DRAWN, LABELS, 2.5, 0.4)),
        Case("property", (*DRAWN, LABELS, 1.0, 0.0), detector_loss(*DRAWN, LABELS, 1.0, 0.0)),
        Case("property", (DRAWN[0], DRAWN[0], LABELS, 4.5, 0.0), 0.0, 1e-5),
        Case("edge", (FAR, FAR * [1, -1], np.array([0, 0]), 1.0, 0.25), 0.25 * 450 + 0.75 * 450),
    ),
    mutants={
        "yes_only": Mutant("only the answer yes is compared; no has a probability as well, and counts",
                           lambda *args: _loss(*args, soft=lambda theirs, ours:
                                               np.exp(theirs[0]) * (theirs[0] - ours[0]))),
        "no_t_squared": Mutant("the factor T^2 is missing", lambda *args: _loss(*args, power=0)),
        "t_once": Mutant("the soft part is multiplied by T, not by T^2", lambda *args: _loss(*args, power=1)),
        "t_squared_on_both": Mutant("the part of the labels gets T^2 as well; only the teacher's part has lost it",
                                    lambda *args: _loss(*args, hard_power=2)),
        "sign": Mutant("the cross-entropy lacks its minus: it is -log of a probability, never below 0",
                       lambda *args: _loss(*args, hard=lambda yes, no, labels: labels * yes + (1 - labels) * no)),
        "kl_sign": Mutant("KL has the wrong sign: it is the sum of P_T (log P_T - log P_S), never below 0",
                          lambda *args: _loss(*args, soft=lambda theirs, ours: -_kl(theirs, ours))),
        "labels_turned": Mutant("the labels are turned round: 1 is yes, and P is the probability of yes",
                                lambda *args: _loss(*args[:2], 1 - args[2], *args[3:])),
        "two_logits": Mutant("no gets the logit -z, so that all is counted twice; with P = sigma(z) it is 0",
                             _everywhere(lambda z: _logs(2 * z))),
        "both_softened": Mutant("the part of the labels is softened too; it stays at T = 1",
                                lambda *args: _loss(*args, labels_at=args[3])),
        "kl_turned": Mutant("KL is taken the wrong way round, student || teacher",
                            lambda *args: _loss(*args, soft=lambda theirs, ours: _kl(ours, theirs))),
        "alpha_turned": Mutant("alpha weighs the teacher; here it is the weight of the labels",
                               lambda *args: _loss(*args[:4], 1 - args[4])),
        "divided_after": Mutant("the probabilities are divided by T; temperature divides logits", _divided),
        "positives_only": Mutant("examples without the event have no part in the cross-entropy; log(1 - P) is theirs",
                                 lambda *args: _loss(*args, hard=lambda yes, no, labels: -labels * yes)),
        "not_softened": Mutant("nothing is softened: both answers of the teacher's part need the temperature",
                               lambda *args: _loss(*args, teacher_at=1, student_at=1)),
        "student_not_softened": Mutant("only the teacher is softened; both need the same temperature",
                                       lambda *args: _loss(*args, student_at=1)),
        "teacher_not_softened": Mutant("only the student is softened; both need the same temperature",
                                       lambda *args: _loss(*args, teacher_at=1)),
        "cross_entropy": Mutant("the soft part is a cross-entropy, which is not 0 where both agree",
                                lambda *args: _loss(*args, soft=lambda theirs, ours: -sum(
                                    np.exp(t) * s for t, s in zip(theirs, ours, strict=True)))),
        "half": Mutant("KL is averaged over yes and no; it is their sum", lambda *args: _loss(
            *args, soft=lambda theirs, ours: _kl(theirs, ours) / 2)),
        "summed": Mutant("the examples are added up; a loss is their mean, or it grows with the batch",
                         lambda *args: _loss(*args, mean=np.sum)),
        "each_example": Mutant("each example has its loss still; asked is their mean",
                               lambda *args: _loss(*args, mean=np.array)),
        "overflow": Mutant("exp overflows for large logits, or log meets a 0. np.logaddexp(0, z) is log(1 + e^z) for "
                           "any z", _everywhere(_naive)),
        "log_of_zero": Mutant("a probability of the student became 0 before its logarithm was taken. Stay with "
                              "logarithms: -np.logaddexp(0, -z) is finite", lambda *args: _loss(
                                  *args, soft=_guarded, logs=_rounded_to_zero, hard_logs=_rounded_to_zero,
                                  hard=lambda yes, no, labels: -np.where(labels, yes, no))),
        "clipped": Mutant("probabilities are kept away from 0: finite, but the loss stops growing with the mistake. "
                          "Stay with logarithms", _everywhere(_clipped)),
    },
    hints=(
        "One logit z stands for two: z for yes and 0 for no. Then softmax is sigmoid.",
        "log P(yes) = -np.logaddexp(0, -z / T) and log P(no) = -np.logaddexp(0, z / T) never overflow.",
        "KL sums over both answers: P_T(yes) (log P_T(yes) - log P_S(yes)) plus the same for no.",
    ),
)
