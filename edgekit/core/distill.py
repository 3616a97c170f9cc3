"""Distillation: a small network learns from what a large one thinks of every class, not from the label alone.

    softened(z, temperature)                   softmax(z / T)
    cross_entropy(labels, z, temperature)      mean of -log P[label]
    kl(teacher_logits, student_logits, T)      mean of KL(P_T || P_S), both at T
    loss, gradient                             alpha CE + (1 - alpha) T^2 KL, and its slope with respect to the student
    hint(...), distance_relation(...)          what lies before the logits: features, distances between examples

Logits z are (N, C), labels (N,) integers; T is `temperature`.
Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531, section 2.
"""

import numpy as np

from edgekit.core.ops import softmax

TEMPERATURE, ALPHA = 4.0, 0.5


def softened(logits, temperature=1.0):
    """Return P = softmax(z / T): a higher `temperature` leaves the order and brings the classes nearer to each other.

    >>> softened(np.array([[0.0, np.log(9.0)]]), 2.0).round(6).tolist()
    [[0.25, 0.75]]
    """
    return softmax(_scaled("softened", logits, temperature))


def log_softened(logits, temperature=1.0):
    """Return log softmax(z / T) = (z - m) / T - log sum exp((z - m) / T), m = max z: finite for any finite z.

    >>> log_softened(np.array([[0.0, -4000.0]])).tolist()
    [[0.0, -4000.0]]
    """
    z = _scaled("log_softened", logits, temperature)
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def cross_entropy(labels, logits, temperature=1.0):
    """Return the mean over examples of -log P[label], with P = softmax(z / T).

    >>> round(cross_entropy(np.array([1]), np.array([[0.0, np.log(3.0)]])), 6)  # -log 0.75
    0.287682
    """
    logs = log_softened(logits, temperature)
    return float(-logs[np.arange(len(logs)), _labels("cross_entropy", labels, logs)].mean())


def kl(teacher_logits, student_logits, temperature=1.0):
    """Return the mean over examples of KL(P_T || P_S) = sum_c P_T (log P_T - log P_S), both softened by T.

    What the student pays, in nats, for answering as it does where the teacher's answer is the truth. Never negative, 0
    when both agree, and another number when the two change places.

    >>> kl(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), temperature=5.0)  # only differences of logits count
    0.0
    """
    theirs, ours = (log_softened(logits, temperature) for logits in _pair("kl", teacher_logits, student_logits))
    return float((np.exp(theirs) * (theirs - ours)).sum(axis=1).mean())


def loss(student_logits, teacher_logits, labels, temperature=TEMPERATURE, alpha=ALPHA, squared=True, soft_labels=False):
    """Return L = alpha CE(labels, P_S at T = 1) + (1 - alpha) T^2 KL(P_T || P_S), P_T and P_S softened by T.

    T^2 keeps the second part's gradient in size when T grows; `squared` False leaves it out. `soft_labels` True softens
    the student in the cross-entropy too, as some texts write it. alpha 1 learns from labels alone, 0 from the teacher.
    Raises ValueError for alpha outside 0..1, T not above 0, and shapes that do not fit.

    >>> z = np.array([[2.0, 0.0, -1.0]])
    >>> loss(z, z, np.array([0]), alpha=0.0), loss(z, -z, np.array([0]), alpha=1.0) == cross_entropy(np.array([0]), z)
    (0.0, True)
    """
    hard, soft = weights("loss", temperature, alpha, squared)
    labels_at = temperature if soft_labels else 1.0
    return (hard * cross_entropy(labels, student_logits, labels_at)
            + soft * kl(teacher_logits, student_logits, temperature))


def gradient(student_logits, teacher_logits, labels, temperature=TEMPERATURE, alpha=ALPHA, squared=True,
             soft_labels=False):
    """Return dL/dz_S (N, C) of `loss`, in closed form:

        alpha / (U N) (P_S at U - y) + (1 - alpha) T / N (P_S at T - P_T at T)      y: 1 at the label, U = 1

    U = T with `soft_labels`; without `squared` the second part's T becomes 1 / T. The teacher has no gradient.

    >>> gradient([[0.0, 0.0]], [[0.0, 0.0]], [0], alpha=1.0).tolist()
    [[-0.5, 0.5]]
    """
    hard, soft = weights("gradient", temperature, alpha, squared)
    teacher_logits, student_logits = _pair("gradient", teacher_logits, student_logits)
    labels_at = temperature if soft_labels else 1.0
    y = np.eye(student_logits.shape[1])[_labels("gradient", labels, student_logits)]
    from_labels = (softened(student_logits, labels_at) - y) / labels_at
    from_teacher = (softened(student_logits, temperature) - softened(teacher_logits, temperature)) / temperature
    return (hard * from_labels + soft * from_teacher) / len(y)


def weights(call, temperature, alpha, squared):
    """Return (alpha, (1 - alpha) T^2): what the two parts of the loss are multiplied with. Raises ValueError."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"{call}: alpha must be 0..1, the weight of the labels, got {alpha}")
    return alpha, (1 - alpha) * (check_temperature(call, temperature) ** 2 if squared else 1)


def hint(student_features, teacher_features):
    """Return the mean of (f_S - f_T)^2 over features (N, ...) of one shape: the student's after its adapter.

    Source: Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015, arXiv:1412.6550, section 2.2.

    >>> hint([[1.0, 2.0]], [[1.0, 4.0]])
    2.0
    """
    ours, theirs = _pair("hint", student_features, teacher_features)
    return float(np.mean((ours - theirs) ** 2))


def distance_relation(student_features, teacher_features):
    """Return the mean of huber(d_S - d_T) over pairs of different examples; features are (N, C_S) and (N, C_T).

        d_ij = |f_i - f_j| / mean of |f_i - f_j| over pairs,   huber(e) = e^2 / 2 where |e| <= 1, else |e| - 1/2

    Only who is near whom counts, so the widths may differ and a common scale does not matter.
    Source: Park et al., "Relational Knowledge Distillation", CVPR 2019, arXiv:1904.05068, section 3.2.1.

    >>> f = np.array([[0.0], [1.0], [3.0]])
    >>> distance_relation(f, -7 * f)
    0.0
    """
    gap = np.abs(_distances(student_features) - _distances(teacher_features))
    return float(np.where(gap <= 1, gap**2 / 2, gap - 0.5).mean())


def _distances(features):
    """Distances (N (N - 1) / 2,) between examples, in units of their mean."""
    f = np.asarray(features, np.float64)
    if f.ndim != 2 or len(f) < 2:
        raise ValueError(f"distance_relation: features must be (N, C) with N of 2 or more, got {f.shape}; flatten them")
    first, second = np.triu_indices(len(f), 1)
    lengths = np.linalg.norm(f[first] - f[second], axis=1)
    return lengths / max(lengths.mean(), np.finfo(float).tiny)


def check_temperature(call, temperature):
    """Return `temperature` when it is a finite number above 0. Raises ValueError."""
    if not 0 < temperature < np.inf:
        raise ValueError(f"{call}: temperature must be above 0 and finite, got {temperature}; 1 leaves the answers as "
                         "they are")
    return temperature


def _scaled(call, logits, temperature):
    z = np.asarray(logits, np.float64)
    if z.ndim != 2 or 0 in z.shape or not np.isfinite(z).all():
        raise ValueError(f"{call}: logits must be finite numbers (N, C), got shape {z.shape}; give what the network "
                         "says before softmax")
    return z / check_temperature(call, temperature)


def _labels(call, labels, logits):
    """Class indices (N,) that fit logits (N, C). Raises ValueError."""
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu" or labels.shape != logits.shape[:1]:
        raise ValueError(f"{call}: labels must be integers {logits.shape[:1]}, got {labels.dtype} {labels.shape}")
    if not ((labels >= 0) & (labels < logits.shape[1])).all():
        raise ValueError(f"{call}: labels must be 0..{logits.shape[1] - 1}, got {labels.min()}..{labels.max()}")
    return labels


def _pair(call, first, second):
    """Two arrays of one shape, in float64. Raises ValueError."""
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape or first.size == 0:
        raise ValueError(f"{call}: teacher and student need one shape, not empty, got {first.shape} and "
                         f"{second.shape}; a linear adapter makes features as wide as the teacher's")
    return first, second
