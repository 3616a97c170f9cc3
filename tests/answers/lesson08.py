"""Right and wrong answers to the exercises of lesson 08, written apart from their mutants."""

import numpy as np
import torch
from torch.nn import functional

from edgekit.core import distill


def log_softmax(z, axis=1):
    return z - np.logaddexp.reduce(z, axis=axis, keepdims=axis is not None)


def softmax(z):
    return np.exp(z) / np.exp(z).sum(1, keepdims=True)


def stable(z):
    return softmax(z - z.max(1, keepdims=True))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(s, t, y, temperature, alpha, hard=1.0, sign=-1, axis=1, kl=lambda rows: rows.mean(), total=1):
    labels = sign * log_softmax(s, axis)[np.arange(len(y)), y].mean()
    p, q = log_softmax(t / temperature, axis), log_softmax(s / temperature, axis)
    soft = temperature**2 * kl((np.exp(p) * (p - q)).sum(1))
    return total * (alpha * (temperature**2 if hard == 2 else 1) * labels + (1 - alpha) * soft)


def by_torch(s, t, y, temperature, alpha):
    s, t, y = torch.tensor(s), torch.tensor(t), torch.tensor(y)
    soft = functional.kl_div(functional.log_softmax(s / temperature, 1), functional.log_softmax(t / temperature, 1),
                             reduction="batchmean", log_target=True)
    return (alpha * functional.cross_entropy(s, y) + (1 - alpha) * temperature**2 * soft).item()


def of_probabilities(probabilities):
    def answer(s, t, y, temperature, alpha):
        labels = -np.log(probabilities(s))[np.arange(len(y)), y].mean()
        p, q = probabilities(t / temperature), probabilities(s / temperature)
        return alpha * labels + (1 - alpha) * temperature**2 * (p * np.log(p / q)).sum(1).mean()
    return answer


def clipped(z):
    return np.clip(stable(z), 1e-12, 1)


def relative_entropy(s, t, y, temperature, alpha):
    from scipy.special import rel_entr

    soft = rel_entr(stable(t / temperature), stable(s / temperature)).sum(1).mean()
    return alpha * -np.log(stable(s))[np.arange(len(y)), y].mean() + (1 - alpha) * temperature**2 * soft


def squares(s, t, y, temperature, alpha):
    return alpha * loss(s, t, y, 1, 1) + (1 - alpha) * temperature**2 * ((s / temperature - t / temperature)**2).sum(
        1).mean()


def step(w, v, x, temperature, rate, over=len, softened=distill.softened):
    return w - rate * temperature * x.T @ (softened(x @ w, temperature) - softened(x @ v, temperature)) / over(x), v


def in_place(w, v, x, temperature, rate):
    w -= w - step(w, v, x, temperature, rate)[0]
    return w, v


def two(s, t, y, temperature, alpha, no=0.0, wrap=loss, **how):
    s, t = (np.stack([no * z, z], 1) for z in (s, t))
    return wrap(s, t, y, temperature, alpha, **how)


def detector(guard):
    def answer(s, t, y, temperature, alpha):
        p, q = guard(sigmoid(t / temperature)), guard(sigmoid(s / temperature))
        labels = -np.mean(y * np.log(guard(sigmoid(s))) + (1 - y) * np.log(guard(1 - sigmoid(s))))
        kl = np.mean(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
        return alpha * labels + (1 - alpha) * temperature**2 * kl
    return answer


RIGHT = [
    ("08/distillation_loss", loss), ("08/distillation_loss", by_torch), ("08/distillation_loss", distill.loss),
    ("08/distillation_loss", lambda s, t, *rest: loss(s.astype(np.float32), t.astype(np.float32), *rest)),
    ("08/distill_step", step),
    ("08/distill_step", lambda w, v, x, temperature, rate: (
        w - rate * x.T @ distill.gradient(x @ w, x @ v, np.zeros(len(x), int), temperature, 0.0), v)),
    ("08/distill_step", lambda w, *rest: list(step(w.astype(np.float32), *rest))),
    ("08/detector_loss", two), ("08/detector_loss", lambda *args: two(*args, wrap=by_torch)),
    ("08/predict_odds", np.e), ("08/predict_odds", 2.7), ("08/predict_floor", -0.0), ("08/predict_shrink", 4**2),
]

WRONG = [
    ("08/distillation_loss", "overflow", of_probabilities(softmax)),
    ("08/distillation_loss", "overflow", of_probabilities(stable)),
    ("08/distillation_loss", "clipped", of_probabilities(clipped)),
    ("08/distillation_loss", "log_of_zero", relative_entropy),
    ("08/distillation_loss", "t_squared_on_both", lambda *args: loss(*args, hard=2)),
    ("08/distillation_loss", "sign", lambda *args: loss(*args, sign=1)),
    ("08/distillation_loss", "over_examples", lambda *args: loss(*args, axis=0)),
    ("08/distillation_loss", "over_batch", lambda *args: loss(*args, axis=None)),
    ("08/distillation_loss", "kl_summed", lambda *args: loss(*args, kl=np.sum)),
    ("08/distillation_loss", "summed", lambda *args: loss(*args, total=len(args[2]))),
    ("08/distillation_loss", "squares", squares),
    ("08/distillation_loss", "alpha_turned", lambda *args: loss(*args[:4], 1 - args[4])),
    ("08/distillation_loss", "no_t_squared", lambda *args: distill.loss(*args, squared=False)),
    ("08/distillation_loss", "both_softened", lambda *args: distill.loss(*args, soft_labels=True)),
    ("08/distill_step", "over_features", lambda *args: step(*args, over=lambda x: x.size)),
    ("08/distill_step", "over_classes", lambda *args: step(*args, over=lambda x: len(x) * args[0].shape[1])),
    ("08/distill_step", "summed", lambda *args: step(*args, over=lambda x: 1)),
    ("08/distill_step", "student_only", lambda *args: step(*args)[0]),
    ("08/distill_step", "order", lambda *args: step(*args)[::-1]),
    ("08/distill_step", "logits", lambda w, v, x, temperature, r: (w - r * x.T @ (x @ w - x @ v) / len(x), v)),
    ("08/distill_step", "weights", lambda w, v, x, temperature, rate: ((1 - rate) * w + rate * v, v)),
    ("08/distill_step", "in_place", in_place),
    ("08/distill_step", "not_softened", lambda *args: step(*args, softened=lambda z, temperature: distill.softened(z))),
    ("08/distill_step", "no_t", lambda w, v, x, temperature, r: step(w, v, x, temperature, r / temperature)),
    ("08/distill_step", "uphill", lambda w, v, x, temperature, rate: step(w, v, x, temperature, -rate)),
    ("08/detector_loss", "overflow", detector(lambda p: p)),
    ("08/detector_loss", "clipped", detector(lambda p: np.clip(p, 1e-12, 1 - 1e-12))),
    ("08/detector_loss", "labels_turned", lambda s, t, y, *rest: two(s, t, 1 - y, *rest)),
    ("08/detector_loss", "two_logits", lambda *args: two(*args, no=-1.0)),
    ("08/detector_loss", "sign", lambda *args: two(*args, sign=1)),
    ("08/detector_loss", "t_squared_on_both", lambda *args: two(*args, hard=2)),
    ("08/detector_loss", "summed", lambda *args: two(*args, total=len(args[2]))),
    ("08/predict_odds", "not_softened", np.exp(4)), ("08/predict_odds", "not_softened", 54.6),
    ("08/predict_odds", "odds_divided", np.exp(4) / 4), ("08/predict_odds", "inverse", 0.37),
    ("08/predict_odds", "share", 0.73), ("08/predict_odds", "one_logit", 4.48), ("08/predict_odds", None, "e"),
    ("08/predict_floor", "entropy", np.log(2)), ("08/predict_floor", "entropy", 0.69),
    ("08/predict_floor", "minus_entropy", -np.log(2)), ("08/predict_shrink", "once_inverse", 0.25),
    ("08/predict_shrink", "inverse", 0.0625), ("08/predict_shrink", None, 15),
]
