"""Independent right answers to the exercises of lesson 02, which every check must accept."""

import numpy as np


def fold_by_loop(w, b, gamma, beta, mean, variance, eps):
    """The batch norm of each row, one channel at a time."""
    w, b = np.array(w, float), np.array(b, float)
    for k in range(len(w)):
        deviation = (variance[k] + eps) ** 0.5
        w[k] = w[k] / deviation * gamma[k]
        b[k] = (b[k] - mean[k]) / deviation * gamma[k] + beta[k]
    return w, b


def balance_by_logarithms(w1, w2):
    """Half the difference of the logarithms of both ranges."""
    factors = []
    for k in range(len(w1)):
        r1, r2 = max(abs(v) for v in w1[k]), max(abs(row[k]) for row in w2)
        factors.append(float(np.exp((np.log(r1) - np.log(r2)) / 2)) if r1 > 0 and r2 > 0 else 1.0)
    return factors


def shift_one_by_one(w, w_q, x, bias):
    """The mean over examples of what is missing."""
    missing = [[sum((a - b) * v for a, b, v in zip(real, coarse, row, strict=True)) for real, coarse in
                zip(w, w_q, strict=True)] for row in x]
    return bias + np.mean(missing, axis=0)


VARIANTS = {"02/fold_batch_norm": fold_by_loop, "02/balance": balance_by_logarithms, "02/corrected_bias":
            shift_one_by_one, "02/predict_function": 0.0, "02/predict_codes_left": 1.0, "02/predict_sum": 1.0}
