"""Evaluate a model on examples: scores, accuracy, macro-F1, confusion, and the same per group."""

import numpy as np

from edgekit.core import metrics
from edgekit.graph.run import probabilities


def scores(graph, task, x, fs, preset="cmsis"):
    """Return class probabilities (N, classes) of `graph` for raw examples x of `task` recorded at `fs` Hz.

    An example longer than the model's window is cut into windows, whose probabilities are averaged; windows in which
    nothing moves (the sensor was off) are left out. Raises ValueError naming an example that holds nothing else.
    """
    return windowed_scores(graph, task, x, fs, preset)[0]


def windowed_scores(graph, task, x, fs, preset="cmsis"):
    """Return (what `scores` does, how many windows were judged)."""
    pieces, owner = task.cut(x, fs)
    if task.sampled:
        pieces, owner = moving(pieces, owner, len(x))
    values = probabilities(graph, task.front_end(pieces, fs), preset)
    sums = np.zeros((len(x), values.shape[1]))
    np.add.at(sums, owner, values)
    return (sums / np.bincount(owner, minlength=len(x))[:, None]).astype(np.float32), len(pieces)


def moving(pieces, owner, count):
    """Return the windows in which something moves, and their owners; each of `count` examples must keep one."""
    alive = np.ptp(pieces.reshape(len(pieces), -1), axis=1) > 0
    lost = np.flatnonzero(np.bincount(owner[alive], minlength=count) == 0)
    if lost.size:
        raise ValueError(f"x[{lost[0]}] is constant ({lost.size} of {count} examples are): leave such examples out")
    return pieces[alive], owner[alive]


def pooling(windows, count, what):
    """Return {"windows", "pooling"}: how many windows `count` examples were cut into, and how they became one answer.

    >>> pooling(6, 2, "class probabilities")["pooling"]
    'mean of the class probabilities of the windows of an example'
    """
    return {
        "windows": int(windows),
        "pooling": f"mean of the {what} of the windows of an example" if windows > count else None,
    }


def report(values, y, class_names, named=None, group=None):
    """Return {"n", "classes", "accuracy", "macro_f1", "confusion", "per_class", "per_group"} of probabilities `values`.

    y: (N,) indices into `class_names`. named: indices of the classes that can be right, all by default; the prediction
    is the best among them, and macro-F1 is their mean. confusion[i][j] counts class i predicted as j. Within a group,
    which seldom holds every class, macro-F1 is the mean over the classes that occur in it, as truth or as answer.
    per_class holds, for each class named, its examples, precision, recall and F1.
    """
    named = np.arange(len(class_names)) if named is None else np.asarray(named)
    predicted = named[values[:, named].argmax(axis=1)]
    confusion = metrics.confusion(y, predicted, len(class_names))
    result = {
        "n": len(y),
        "classes": list(class_names),
        **_figures(y, predicted, named),
        "confusion": confusion.tolist(),
        "per_class": {class_names[i]: _of_class(confusion, i) for i in named},
        "per_group": {},
    }
    for name in np.unique(group) if group is not None else ():
        member = group == name
        result["per_group"][str(name)] = {
            "n": int(member.sum()),
            **_figures(y[member], predicted[member]),
        }
    return result


def _of_class(confusion, i):
    """Examples, precision, recall and F1 of class i; 0 where nothing was asked or answered."""
    hits, asked, answered = confusion[i, i], confusion[i].sum(), confusion[:, i].sum()
    return {
        "n": int(asked),
        "precision": float(hits / max(answered, 1)),
        "recall": float(hits / max(asked, 1)),
        "f1": float(2 * hits / max(asked + answered, 1)),
    }


def _figures(y, predicted, named=None):
    """Accuracy, and macro-F1 over the classes `named`, by default over those that occur."""
    labels = np.union1d(y, predicted) if named is None else np.sort(named)
    y, predicted = np.searchsorted(labels, y), np.searchsorted(labels, predicted)
    f1 = metrics.macro_f1(y, predicted, len(labels))
    return {"accuracy": float(metrics.accuracy(y, predicted)), "macro_f1": float(f1)}
