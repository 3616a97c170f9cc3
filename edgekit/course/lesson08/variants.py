"""Independent right answers to the exercises of lesson 08, which every check must accept."""

import math

import numpy as np


def loss_one_by_one(student, teacher, labels, temperature, alpha):
    """One example after the other, with Python's own numbers."""
    def logs(z, t):
        top = max(z)
        total = math.log(sum(math.exp((value - top) / t) for value in z))
        return [(value - top) / t - total for value in z]

    losses = []
    for z, other, label in zip(student.tolist(), teacher.tolist(), labels, strict=True):
        theirs, ours = logs(other, temperature), logs(z, temperature)
        divergence = sum(math.exp(a) * (a - b) for a, b in zip(theirs, ours, strict=True))
        losses.append(-alpha * logs(z, 1)[label] + (1 - alpha) * temperature**2 * divergence)
    return sum(losses) / len(losses)


def step_by_logsumexp(w_student, w_teacher, x, temperature, rate):
    """Probabilities through logarithms; the slope of T^2 KL summed one example after the other."""
    slope = np.zeros_like(w_student)
    for row in x:
        scaled = row @ w_student / temperature, row @ w_teacher / temperature
        s, t = (np.exp(z - np.logaddexp.reduce(z)) for z in scaled)
        slope += np.outer(row, temperature * (s - t)) / len(x)
    return w_student - rate * slope, w_teacher.copy()


def detector_by_two_classes(student, teacher, labels, temperature, alpha):
    """The loss of two classes, whose logits are 0 and z."""
    return loss_one_by_one(*(np.stack([np.zeros_like(z), z], axis=1) for z in (student, teacher)), labels,
                           temperature, alpha)


VARIANTS = {"08/distillation_loss": loss_one_by_one, "08/distill_step": step_by_logsumexp,
            "08/detector_loss": detector_by_two_classes, "08/predict_odds": math.e, "08/predict_shrink": 16.0,
            "08/predict_floor": 0.0}
