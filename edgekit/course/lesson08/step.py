"""The exercise on one step of learning from a teacher: which weights move, and how far."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def distill_step(w_student, w_teacher, x, temperature, rate):
    """The reference: both networks are linear, z = x w; only the student moves, against the slope of T^2 KL."""
    return _step(w_student, w_teacher, x, temperature, rate)


def _softmax(z, axis=1):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _step(w_student, w_teacher, x, temperature, rate, slope=lambda s, t, temperature: temperature * (s - t),
          student_at=None, teacher_at=None, teacher_moves=False, over=len, axis=1):
    s = _softmax(x @ w_student / (student_at or temperature), axis)
    t = _softmax(x @ w_teacher / (teacher_at or temperature), axis)
    share = rate / over(x)
    moved = w_student - share * x.T @ slope(s, t, temperature)
    return moved, w_teacher - share * x.T @ _teacher_slope(s, t, temperature) if teacher_moves else w_teacher


def _teacher_slope(s, t, temperature):
    """d (T^2 KL(t || s)) / d z_T = T t (log t / s - KL)."""
    ratio = np.log(t / s)
    return temperature * t * (ratio - (t * ratio).sum(axis=1, keepdims=True))


def _turned(s, t, temperature):
    """d (T^2 KL(s || t)) / d z_S = T s (log s / t - KL)."""
    return _teacher_slope(t, s, temperature)


RNG = np.random.default_rng(37)
W, V, X = 2 * RNG.normal(size=(3, 4)), 2 * RNG.normal(size=(3, 4)), RNG.normal(size=(5, 3))
#: by hand: T = 4, the student undecided, the teacher at 3/4: the slope is 4 (1/2 - 3/4) = -1, and half of it is taken
BY_HAND = (np.zeros((1, 2)), np.array([[4 * np.log(3.0), 0.0]]), np.ones((1, 1)), 4.0, 0.5)


def _averaged(w_student, w_teacher, x, temperature, rate):
    return w_student + rate * (w_teacher - w_student), w_teacher


def _logits(w_student, w_teacher, x, temperature, rate):
    return w_student - rate * x.T @ (x @ w_student - x @ w_teacher) / len(x), w_teacher


def _in_place(w_student, w_teacher, *rest):
    w_student[...] = _step(w_student, w_teacher, *rest)[0]
    return w_student, w_teacher

STEP = Exercise(
    "08/distill_step", distill_step,
    cases=(
        Case("literal", BY_HAND, (np.array([[0.5, -0.5]]), BY_HAND[1])),
        Case("literal", (*BY_HAND[:2], np.ones((2, 1)), 4.0, 0.5), (np.array([[0.5, -0.5]]), BY_HAND[1])),
        Case("property", (W, V, X, 2.5, 0.1), distill_step(W, V, X, 2.5, 0.1)),
        Case("property", (W, V, X, 1.0, 0.1), distill_step(W, V, X, 1.0, 0.1)),
        Case("property", (V, V, X, 2.5, 0.5), (V, V), 1e-6),
        Case("edge", (W, V, X, 2.5, 0.0), (W, V)),
    ),
    mutants={
        "teacher_learns": Mutant("the gradient flows into the teacher too, which then comes to meet its student",
                                 lambda *args: _step(*args, teacher_moves=True)),
        "uphill": Mutant("the step goes up the slope: the student moves away from its teacher",
                         lambda *args: _step(*args, slope=lambda s, t, temperature: temperature * (t - s))),
        "no_t_squared": Mutant("T^2 is left out, so that the slope is (P_S - P_T) / T",
                               lambda *args: _step(*args, slope=lambda s, t, temperature: (s - t) / temperature)),
        "t_squared_whole": Mutant("the slope gets the whole T^2; the chain rule takes one T back",
                                  lambda *args: _step(*args, slope=lambda s, t, temperature: temperature**2 * (s - t))),
        "no_t": Mutant("the slope is P_S - P_T, as for labels; with T^2 in the loss a factor T is left",
                       lambda *args: _step(*args, slope=lambda s, t, temperature: s - t)),
        "kl_turned": Mutant("this is the slope of KL(student || teacher); asked is KL(teacher || student)",
                            lambda *args: _step(*args, slope=_turned)),
        "student_not_softened": Mutant("the student's answer is not softened; both are divided by T",
                                       lambda *args: _step(*args, student_at=1)),
        "teacher_not_softened": Mutant("the teacher's answer is not softened; both are divided by T",
                                       lambda *args: _step(*args, teacher_at=1)),
        "summed": Mutant("the slopes of the examples are added up; the loss is a mean over examples",
                         lambda *args: _step(*args, over=lambda x: 1)),
        "over_features": Mutant("the sum is divided by all elements of x; the loss is a mean over its N examples",
                                lambda *args: _step(*args, over=np.size)),
        "over_classes": Mutant("the mean runs over the classes too; KL is a sum over classes",
                               lambda *args: _step(*args, over=lambda x: len(x) * args[0].shape[1])),
        "over_examples": Mutant("softmax runs along the wrong axis: the classes share one, the examples do not",
                                lambda *args: _step(*args, axis=0)),
        "not_softened": Mutant("nothing is softened; both answers are divided by T",
                               lambda *args: _step(*args, student_at=1, teacher_at=1)),
        "student_only": Mutant("only the student's weights come back; asked are both, the teacher's as they were",
                               lambda *args: _step(*args)[0]),
        "order": Mutant("the teacher's weights come first; asked is (student, teacher)",
                        lambda *args: _step(*args)[::-1]),
        "slope_only": Mutant("the step is returned and not the weights after it",
                             lambda *args: (_step(*args)[0] - args[0], args[1])),
        "weights": Mutant("the student's weights move towards the teacher's; it learns from answers, not from weights",
                          _averaged),
        "logits": Mutant("this is the slope of squared differences of logits; asked is that of KL", _logits),
        "in_place": Mutant("the weights that came in are written into; make new ones", _in_place),
    },
    hints=(
        "The teacher is a book that one reads from: its weights come back as they were.",
        "With respect to the logits, T^2 KL has the slope T (P_S - P_T) for each example, both softened by T.",
        "w_student - rate * x.T @ (T * (softmax(x @ w_student / T) - softmax(x @ w_teacher / T))) / len(x), w_teacher",
    ),
)
