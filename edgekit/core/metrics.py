"""How well: errors between arrays, and scores of classifiers.

    mse(x, y)  mae(x, y)  sqnr_db(x, y)  cosine(x, y)
    accuracy(truth, predicted)  confusion(truth, predicted, num_classes)  macro_f1(truth, predicted, num_classes)
    auc(truth, scores, max_fpr=None)
"""

import numpy as np


def mse(x, y):
    """Return the mean of (x - y)^2, summed in float64.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    x, y = _pair("mse", x, y)
    return float(np.mean((x - y) ** 2))


def mae(x, y):
    """Return the mean of |x - y|, summed in float64.

    >>> mae([60.0, 80.0], [61.0, 77.0])
    2.0
    """
    x, y = _pair("mae", x, y)
    return float(np.mean(np.abs(x - y)))


def sqnr_db(x, y):
    """Return the signal-to-quantization-noise ratio 10 log10(sum x^2 / sum (x - y)^2) in dB; `x` is the signal.

    inf when the two are equal, -inf when the signal is zero and the other is not.

    >>> sqnr_db([3.0, 4.0], [3.0, 4.5])
    20.0
    """
    x, y = _pair("sqnr_db", x, y)
    signal, noise = float(np.sum(x**2)), float(np.sum((x - y) ** 2))
    if noise == 0:
        return float("inf")
    return 10 * float(np.log10(signal / noise)) if signal > 0 else float("-inf")


def cosine(x, y):
    """Return x . y / (|x| |y|); 1 for two zero arrays, 0 when only one is zero.

    >>> cosine([1.0, 0.0], [1.0, 1.0])
    0.7071067811865475
    """
    x, y = (array.ravel() for array in _pair("cosine", x, y))
    norms = np.linalg.norm(x), np.linalg.norm(y)
    if 0 in norms:
        return float(norms[0] == norms[1])
    return float(np.clip((x / norms[0]) @ (y / norms[1]), -1, 1))


def accuracy(truth, predicted):
    """Return the share of equal labels; both are integers of shape (N,).

    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 0])
    0.75
    """
    truth, predicted = _labels("accuracy", truth, predicted)
    return float(np.mean(truth == predicted))


def confusion(truth, predicted, num_classes=None):
    """Return counts (C, C): row = true class, column = predicted class. Labels are 0 .. num_classes - 1.

    >>> confusion([0, 1, 1], [0, 1, 0]).tolist()
    [[1, 0], [1, 1]]
    """
    truth, predicted = _labels("confusion", truth, predicted)
    highest = int(max(truth.max(), predicted.max()))
    num_classes = highest + 1 if num_classes is None else int(num_classes)
    lowest = int(min(truth.min(), predicted.min()))
    if lowest < 0 or highest >= num_classes:
        raise ValueError(f"confusion: labels must be 0..{num_classes - 1}, got {lowest}..{highest}")
    cells = np.bincount(truth * num_classes + predicted, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def macro_f1(truth, predicted, num_classes=None):
    """Return the unweighted mean over classes of F1 = 2 TP / (2 TP + FP + FN).

    A class that is neither true nor predicted anywhere scores 0 and counts in the mean, as in scikit-learn with
    `labels=range(num_classes), zero_division=0`. Leave `num_classes` out to count 0 .. the highest label seen.

    >>> macro_f1([0, 1, 1], [0, 1, 1], num_classes=2), macro_f1([0, 1, 1], [0, 1, 1], num_classes=4)
    (1.0, 0.5)
    """
    cells = confusion(truth, predicted, num_classes)
    hits, seen = np.diag(cells), cells.sum(axis=0) + cells.sum(axis=1)
    return float(np.mean(2 * hits / np.maximum(seen, 1)))


def auc(truth, scores, max_fpr=None):
    """Return the area under the ROC curve: the chance that a positive scores above a negative, a tie counting half.

    With `max_fpr` the area up to that false-positive rate, standardised so that chance is 0.5 and perfect 1
    (McClish, "Analyzing a portion of the ROC curve", 1989), as scikit-learn does. `truth` holds 0 and 1,
    `scores` real numbers. Raises ValueError when one of the classes is missing.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    truth, scores = _binary(truth, scores)
    fpr, tpr = _rates(truth, scores)
    if max_fpr is None or max_fpr == 1:
        return float(np.trapezoid(tpr, fpr))
    if not 0 < max_fpr < 1:
        raise ValueError(f"auc: max_fpr must be above 0 and at most 1, got {max_fpr}")
    stop = np.searchsorted(fpr, max_fpr, side="right")
    last = np.interp(max_fpr, fpr[stop - 1 : stop + 1], tpr[stop - 1 : stop + 1])
    area = np.trapezoid(np.append(tpr[:stop], last), np.append(fpr[:stop], max_fpr))
    lowest = 0.5 * max_fpr**2
    return float(0.5 * (1 + (area - lowest) / (max_fpr - lowest)))


def roc(truth, scores):
    """Return false- and true-positive rates, one point per distinct score, from (0, 0) to (1, 1); as `auc` takes them.

    >>> [rate.tolist() for rate in roc([0, 1, 1], [0.1, 0.1, 0.9])]
    [[0.0, 0.0, 1.0], [0.0, 0.5, 1.0]]
    """
    return _rates(*_binary(truth, scores))


def _rates(truth, scores):
    order = np.argsort(-scores, kind="stable")
    truth, scores = truth[order], scores[order]
    ends = np.append(np.flatnonzero(np.diff(scores)), truth.size - 1)
    positives = np.cumsum(truth)[ends]
    negatives = ends + 1 - positives
    return np.append(0, negatives / negatives[-1]), np.append(0, positives / positives[-1])


def _binary(truth, scores):
    truth, scores = np.asarray(truth), np.asarray(scores, np.float64)
    if truth.ndim != 1 or truth.shape != scores.shape or not np.isin(truth, (0, 1)).all():
        raise ValueError(f"auc: truth must hold 0 and 1, one per score; got {truth.shape} and {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("auc: scores must be finite; look for NaN in the model's output")
    if truth.min(initial=1) == truth.max(initial=0):
        raise ValueError("auc: truth holds one class only; the area needs positives and negatives")
    return truth.astype(np.int64), scores


def _pair(call, x, y):
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.shape != y.shape or x.size == 0:
        raise ValueError(f"{call}: needs two arrays of one shape, not empty; got {x.shape} and {y.shape}")
    return x, y


def _labels(call, truth, predicted):
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.ndim != 1 or truth.shape != predicted.shape or truth.size == 0:
        raise ValueError(f"{call}: needs two lists of labels of one length, not empty; got {truth.shape} and "
                         f"{predicted.shape}; take argmax of scores first")
    if not all(np.issubdtype(labels.dtype, np.integer) for labels in (truth, predicted)):
        raise ValueError(f"{call}: labels must be integers, got {truth.dtype} and {predicted.dtype}")
    return truth.astype(np.int64), predicted.astype(np.int64)
