"""The exercise on the loss of distillation: a hard part from the labels, a soft part from the teacher."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def distillation_loss(student, teacher, labels, temperature, alpha):
    """The reference: alpha CE at temperature 1 plus (1 - alpha) T^2 KL(teacher || student), both softened."""
    return _loss(student, teacher, labels, temperature, alpha)


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _kl(theirs, ours):
    return (np.exp(theirs) * (theirs - ours)).sum(axis=1)


def _loss(student, teacher, labels, temperature, alpha, power=2, labels_at=None, teacher_at=None, student_at=None,
          divergence=_kl, mean=np.mean):
    hard = -_log_softmax(student / (labels_at or 1))[np.arange(len(labels)), labels]
    theirs, ours = _log_softmax(teacher / (teacher_at or temperature)), _log_softmax(student / (student_at or
                                                                                                temperature))
    return mean(alpha * hard + (1 - alpha) * temperature**power * divergence(theirs, ours))


S = np.array([[0.0, 0.0], [np.log(3.0), 0.0]])
T = np.array([[2 * np.log(3.0), 0.0], [0.0, 2 * np.log(3.0)]])
Y = np.array([0, 1])
RNG = np.random.default_rng(31)
DRAWN = 3 * RNG.normal(size=(2, 6, 4))
LABELS = np.array([3, 0, 2, 2, 1, 0])
#: by hand: at T = 2 the teacher says 3/4 and 1/4, the first student 1/2 and 1/2
FIRST = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)

LOSS = Exercise(
    "08/distillation_loss", distillation_loss,
    cases=(
        Case("literal", (S[:1], T[:1], Y[:1], 2.0, 0.25), 0.25 * np.log(2) + 0.75 * 4 * FIRST),
        Case("literal", (S[:1], T[:1], Y[:1], 2.0, 0.0), 4 * FIRST),
        Case("literal", (S, T, Y, 1.0, 1.0), (np.log(2) + np.log(4)) / 2),
        Case("property", (*DRAWN, LABELS, 3.0, 0.4), distillation_loss(*DRAWN, LABELS, 3.0, 0.4)),
        Case("property", (DRAWN[0], DRAWN[0] + 5, LABELS, 4.0, 0.0), 0.0, 1e-12),
        Case("property", (*DRAWN, LABELS, 1.0, 0.7), distillation_loss(*DRAWN, LABELS, 1.0, 0.7)),
        Case("edge", (np.array([[0.0, -900.0]]), np.array([[0.0, -900.0]]), Y[:1], 1.0, 0.5), 0.0, 1e-12),
    ),
    mutants={
        "no_t_squared": Mutant("the factor T^2 is missing: the hotter the softmax, the less the teacher counts",
                               lambda *args: _loss(*args, power=0)),
        "t_once": Mutant("the soft part is multiplied by T; its gradient has lost a factor T^2",
                         lambda *args: _loss(*args, power=1)),
        "both_softened": Mutant("the cross-entropy with the labels is softened too; labels ask for answers at T = 1",
                                lambda *args: _loss(*args, labels_at=args[3])),
        "kl_turned": Mutant("KL is taken the wrong way round, student || teacher; the teacher's answer is the truth",
                            lambda *args: _loss(*args, divergence=lambda theirs, ours: _kl(ours, theirs))),
        "alpha_turned": Mutant("alpha weighs the teacher; here it is the weight of the labels",
                               lambda *args: _loss(*args[:4], 1 - args[4])),
        "teacher_not_softened": Mutant("only the student is softened; both need the same temperature",
                                       lambda *args: _loss(*args, teacher_at=1)),
        "student_not_softened": Mutant("only the teacher is softened: the student would learn to be unsure",
                                       lambda *args: _loss(*args, student_at=1)),
        "cross_entropy": Mutant("the soft part is a cross-entropy; its slope is the same, yet it is not 0 for equals",
                                lambda *args: _loss(*args, divergence=lambda theirs, ours:
                                                    -(np.exp(theirs) * ours).sum(axis=1))),
        "summed": Mutant("the examples are added up; a loss is their mean, or it grows with the batch",
                         lambda *args: _loss(*args, mean=np.sum)),
        "over_classes": Mutant("KL is averaged over the classes as well; it is a sum over classes",
                               lambda *args: _loss(*args, divergence=lambda theirs, ours:
                                                   _kl(theirs, ours) / theirs.shape[1])),
    },
    hints=(
        "Write a helper: log softmax of z is z - max - log(sum(exp(z - max))), row by row.",
        "hard = -log_softmax(student)[np.arange(len(labels)), labels]; for the soft part divide both by T first.",
        "kl = (np.exp(t) * (t - s)).sum(axis=1); return np.mean(alpha * hard + (1 - alpha) * T**2 * kl)",
    ),
)
