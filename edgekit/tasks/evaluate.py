"""Evaluate a model on examples: scores, accuracy, macro-F1, confusion, and the same per group."""

import numpy as np

from edgekit.core import metrics
from edgekit.graph.run import probabilities


def scores(graph, task, x, fs, preset="cmsis"):
    """Return class probabilities (N, classes) of `graph` for raw examples x of `task` recorded at `fs` Hz.

    An example longer than the model's window is cut into windows, whose probabilities are averaged; windows in which
    nothing moves (the sensor was off) are left out. Raises ValueError naming an example that holds nothing else.
    """
    pieces, owner = task.cut(x, fs)
    alive = np.ptp(pieces.reshape(len(pieces), -1), axis=1) > 0
    lost = np.flatnonzero(np.bincount(owner[alive], minlength=len(x)) == 0)
    if lost.size:
        raise ValueError(f"x[{lost[0]}] is constant ({lost.size} of {len(x)} examples are): leave such examples out")
    pieces, owner = pieces[alive], owner[alive]
    values = probabilities(graph, task.front_end(pieces, fs), preset)
    sums = np.zeros((len(x), values.shape[1]))
    np.add.at(sums, owner, values)
    return (sums / np.bincount(owner, minlength=len(x))[:, None]).astype(np.float32)


def report(values, y, class_names, named=None, group=None):
    """Return {"n", "classes", "accuracy", "macro_f1", "confusion", "per_group"} for probabilities `values`.

    y: (N,) indices into `class_names`. named: indices of the classes that can be right, all by default; the prediction
    is the best among them, and macro-F1 is their mean. confusion[i][j] counts class i predicted as j. Within a group,
    which seldom holds every class, macro-F1 is the mean over the classes that occur in it, as truth or as answer.
    """
    named = np.arange(len(class_names)) if named is None else np.asarray(named)
    predicted = named[values[:, named].argmax(axis=1)]
    result = {
        "n": len(y),
        "classes": list(class_names),
        **_figures(y, predicted, named),
        "confusion": metrics.confusion(y, predicted, len(class_names)).tolist(),
        "per_group": {},
    }
    for name in np.unique(group) if group is not None else ():
        member = group == name
        result["per_group"][str(name)] = {
            "n": int(member.sum()),
            **_figures(y[member], predicted[member]),
        }
    return result


def _figures(y, predicted, named=None):
    """Accuracy, and macro-F1 over the classes `named`, by default over those that occur."""
    labels = np.union1d(y, predicted) if named is None else np.sort(named)
    y, predicted = np.searchsorted(labels, y), np.searchsorted(labels, predicted)
    f1 = metrics.macro_f1(y, predicted, len(labels))
    return {"accuracy": float(metrics.accuracy(y, predicted)), "macro_f1": float(f1)}
