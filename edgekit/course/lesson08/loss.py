"""The exercise on the loss of distillation: a hard part from the labels, a soft part from the teacher."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def distillation_loss(student, teacher, labels, temperature, alpha):
    """The reference: alpha CE at temperature 1 plus (1 - alpha) T^2 KL(teacher || student), both softened."""
    return _loss(student, teacher, labels, temperature, alpha)


def _log_softmax(z, axis=1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def _softmax(z):
    """As it is written on paper: exp overflows from 710 on, and far below 0 nothing is left for the logarithm."""
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def _kl(theirs, ours):
    return (np.exp(theirs) * (theirs - ours)).sum(axis=1)


def _guarded(theirs, ours):
    """KL of probabilities where 0 log 0 counts as 0: endless where the student's is 0."""
    return np.where(theirs > -np.inf, np.exp(theirs) * (theirs - ours), 0).sum(axis=1)


def _loss(student, teacher, labels, temperature, alpha, power=2, labels_at=1, teacher_at=None, student_at=None,
          divergence=_kl, mean=np.mean, hard_power=0, sign=-1, logs=_log_softmax):
    hard = sign * logs(student / labels_at)[np.arange(len(labels)), labels]
    theirs, ours = logs(teacher / (teacher_at or temperature)), logs(student / (student_at or temperature))
    soft = temperature**power * divergence(theirs, ours)
    return mean(alpha * temperature**hard_power * hard + (1 - alpha) * soft)


S = np.array([[0.0, 0.0], [np.log(3.0), 0.0]])
T = np.array([[2 * np.log(3.0), 0.0], [0.0, 2 * np.log(3.0)]])
Y = np.array([0, 1])
RNG = np.random.default_rng(31)
DRAWN = 3 * RNG.normal(size=(2, 6, 4))
LABELS = np.array([3, 0, 2, 2, 1, 0])
FAR = np.array([[0.0, -900.0], [900.0, 0.0]])  # one that is right in all, and one that is wrong in all
#: by hand: at T = 2 the teacher says 3/4 and 1/4, the first student 1/2 and 1/2
FIRST = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)

LOSS = Exercise(
    "08/distillation_loss", distillation_loss,
    cases=(
        Case("literal", (S[:1], T[:1], Y[:1], 2.0, 0.25), 0.25 * np.log(2) + 0.75 * 4 * FIRST),
        Case("literal", (S[:1], T[:1], Y[:1], 2.0, 0.0), 4 * FIRST),
        Case("literal", (S, T, Y, 1.0, 1.0), (np.log(2) + np.log(4)) / 2),
        Case("property", (*DRAWN, LABELS, 2.5, 0.4), distillation_loss(*DRAWN, LABELS, 2.5, 0.4)),
        Case("property", (DRAWN[0], DRAWN[0] + 5, LABELS, 4.5, 0.0), 0.0, 1e-5),
        Case("property", (*DRAWN, LABELS, 1.0, 0.7), distillation_loss(*DRAWN, LABELS, 1.0, 0.7)),
        Case("edge", (FAR, FAR * [[1], [-1]], np.array([0, 1]), 1.0, 0.25), 0.25 * 450 + 0.75 * 450),
    ),
    mutants={
        "no_t_squared": Mutant("the factor T^2 is missing: the hotter the softmax, the less the teacher counts",
                               lambda *args: _loss(*args, power=0)),
        "t_once": Mutant("the soft part is multiplied by T; its gradient has lost a factor T^2",
                         lambda *args: _loss(*args, power=1)),
        "t_squared_on_both": Mutant("the part of the labels gets T^2 as well; only the teacher's part has lost it",
                                    lambda *args: _loss(*args, hard_power=2)),
        "both_softened": Mutant("the cross-entropy with the labels is softened too; labels ask for answers at T = 1",
                                lambda *args: _loss(*args, labels_at=args[3])),
        "sign": Mutant("the cross-entropy lacks its minus: it is -log of the label's probability, never below 0",
                       lambda *args: _loss(*args, sign=1)),
        "kl_turned": Mutant("KL is taken the wrong way round, student || teacher; the teacher's answer is the truth",
                            lambda *args: _loss(*args, divergence=lambda theirs, ours: _kl(ours, theirs))),
        "kl_sign": Mutant("KL has the wrong sign: it is the sum of P_T (log P_T - log P_S), never below 0",
                          lambda *args: _loss(*args, divergence=lambda theirs, ours: -_kl(theirs, ours))),
        "alpha_turned": Mutant("alpha weighs the teacher; here it is the weight of the labels",
                               lambda *args: _loss(*args[:4], 1 - args[4])),
        "not_softened": Mutant("nothing is softened: both answers of the teacher's part need the temperature",
                               lambda *args: _loss(*args, teacher_at=1, student_at=1)),
        "teacher_not_softened": Mutant("only the student is softened; both need the same temperature",
                                       lambda *args: _loss(*args, teacher_at=1)),
        "student_not_softened": Mutant("only the teacher is softened: the student would learn to be unsure",
                                       lambda *args: _loss(*args, student_at=1)),
        "cross_entropy": Mutant("the soft part is a cross-entropy; its slope is the same, yet it is not 0 for equals",
                                lambda *args: _loss(*args, divergence=lambda theirs, ours:
                                                    -(np.exp(theirs) * ours).sum(axis=1))),
        "squares": Mutant("the logits are compared by their squared difference; asked is KL, between probabilities",
                          lambda *args: _loss(*args, divergence=lambda theirs, ours: np.square(
                              (args[1] - args[0]) / args[3]).sum(axis=1))),
        "summed": Mutant("the examples are added up; a loss is their mean, or it grows with the batch",
                         lambda *args: _loss(*args, mean=np.sum)),
        "kl_summed": Mutant("KL is added up over the examples; both parts are means over them", lambda *args:
                            _loss(*args, divergence=lambda theirs, ours: _kl(theirs, ours).sum())),
        "each_example": Mutant("each example has its loss still; asked is their mean",
                               lambda *args: _loss(*args, mean=np.array)),
        "over_classes": Mutant("KL is averaged over the classes as well; it is a sum over classes",
                               lambda *args: _loss(*args, divergence=lambda theirs, ours:
                                                   _kl(theirs, ours) / theirs.shape[1])),
        "over_examples": Mutant("softmax runs along the wrong axis: the classes share one, the examples do not",
                                lambda *args: _loss(*args, logs=lambda z: _log_softmax(z, axis=0))),
        "over_batch": Mutant("one softmax runs over the whole batch; each example has its own",
                             lambda *args: _loss(*args, logs=lambda z: _log_softmax(z, axis=None))),
        "overflow": Mutant("exp is taken of large logits and overflows, or log of a 0. Subtract the largest logit of "
                           "each row, and stay with logarithms", lambda *args: _loss(
                               *args, logs=lambda z: np.log(_softmax(z)))),
        "log_of_zero": Mutant("a probability of the student became 0 before its logarithm was taken. Stay with "
                              "logarithms: log softmax is finite", lambda *args: _loss(
                                  *args, divergence=_guarded, logs=lambda z: np.log(np.exp(_log_softmax(z))))),
        "clipped": Mutant("probabilities are kept away from 0: finite, but the loss stops growing with the mistake. "
                          "Stay with logarithms", lambda *args: _loss(
                              *args, logs=lambda z: np.log(np.clip(np.exp(_log_softmax(z)), 1e-12, 1)))),
    },
    hints=(
        "Write a helper: log softmax of z is z - max - log(sum(exp(z - max))), row by row.",
        "hard = -log_softmax(student)[np.arange(len(labels)), labels]; for the soft part divide both by T first.",
        "kl = (np.exp(t) * (t - s)).sum(axis=1); return np.mean(alpha * hard + (1 - alpha) * T**2 * kl)",
    ),
)
