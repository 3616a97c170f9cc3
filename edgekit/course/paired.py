"""Two models judged on the same examples: how sure is the difference?

    a, b = (judge(task, x, y, answers) for answers in (answers_a, answers_b))
    a.whole() - b.whole()      the difference of the task's metric, in points
    standard_error(a, b)       of that difference, by a paired bootstrap over examples
    interval(study, key)       of a mean over seeds, for other seeds and other examples

The errors of two models on one example go together, so the difference is far surer than either figure: examples are
drawn with replacement, and both models are judged on the same draw.
Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 6.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgekit.core.detection import average_precision, match
from edgekit.core.metrics import auc
from edgekit.tasks import acoustic, camera

POINTS = 100


@dataclass(frozen=True)
class Judge:
    """`value(chosen)` is the metric on the examples `chosen`, indices into `count` examples, in points."""

    count: int
    value: Callable

    def whole(self):
        """The metric on all examples, each once."""
        return self.value(np.arange(self.count))


def judge(task, x, y, answers):
    """Return the `Judge` of a model's `answers` to inputs x with labels y, both as `task.inputs` gives them."""
    if task.kind == "anomaly":
        return recordings(*acoustic.pooled(y, task.read(x, answers)))
    if task.kind == "boxes":
        return pictures(camera.detections(answers), y)
    read = task.read(x, answers)
    return Judge(len(y), lambda chosen: POINTS * float(task.metric(y[chosen], read[chosen])))


def recordings(anomaly, unit, score):
    """The `Judge` of recordings: the mean over units of the AUC, in points."""
    names = np.unique(unit)

    def value(chosen):
        truth, owner, found = anomaly[chosen], unit[chosen], score[chosen]
        return POINTS * float(np.mean([auc(truth[owner == name], found[owner == name]) for name in names]))

    return Judge(len(unit), value)


def pictures(found, y):
    """The `Judge` of detections `found` per picture against `y` from `camera.truth`: mAP at IoU .5, in points.

    Boxes are matched within each picture, once; a draw of pictures then only sorts hits by their scores.
    """
    labels = range(len(camera.KINDS))
    matched = [[_hits(one, boxes, label) for label in labels] for one, boxes in zip(found, y, strict=True)]

    def value(chosen):
        precisions = []
        for label in labels:
            scores, hits, positives = zip(*(matched[i][label] for i in chosen), strict=True)
            precisions.append(average_precision(np.concatenate(scores), np.concatenate(hits), sum(positives)))
        return POINTS * float(np.mean(precisions))

    return Judge(len(y), value)


def _hits(found, boxes, label):
    """(scores (M,), hits (M,), number of boxes) of one class in one picture."""
    corners, kinds, scores = found
    own, true = kinds == label, boxes[boxes[:, 0] == label, 1:]
    return scores[own], match(corners[own], scores[own], true), len(true)


def standard_error(a, b, resamples=200, seed=0):
    """Standard error of `a.value - b.value` for two judges of the same examples, in points."""
    if a.count != b.count:
        raise ValueError(f"standard_error: both must judge the same examples, got {a.count} and {b.count}")
    rng = np.random.default_rng(seed)
    draws = (rng.integers(a.count, size=a.count) for _ in range(resamples))
    return float(np.std([a.value(chosen) - b.value(chosen) for chosen in draws], ddof=1))


def interval(study, key):
    """95 % interval of the mean of `study.values[key]`, for other seeds and for other examples as well.

        mean ± 1.96 sqrt(m^2 + s^2 / n)

    s: deviation over the n seeds; m: mean of the standard errors in `KEY_se`. All seeds share their examples, so that
    the error of their mean is at most the mean of their errors (the triangle inequality of deviations): the interval
    is rather too wide than too narrow.
    """
    values, errors = (np.array(study.values[name]) for name in (key, f"{key}_se"))
    half = 1.96 * float(np.hypot(errors.mean(), values.std(ddof=1) / np.sqrt(len(values))))
    return study.mean(key) - half, study.mean(key) + half
