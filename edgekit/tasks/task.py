"""A task: how raw data becomes model input, and how a model's answers become one number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgekit import data
from edgekit.core.ops import softmax
from edgekit.tasks import own_data
from edgekit.tasks.evaluate import pooling, report, windowed_scores


@dataclass(frozen=True)
class Task:
    """One application of the kit, here one that names classes.

    `front_end(x, fs)` turns raw examples (N, ...) into model input in the graph's layout. What a model answers to
    it, `read` turns into what `metric(y, read)` takes; that number must not fall by more than `delta`. `cut(x, fs)`
    returns (pieces, owner): examples longer than the model's window become several pieces, and `owner[i]` says from
    which example piece i comes. `helpers` are further models that the task uses beside `model`.

    A task whose answers are no scores of classes is a subclass with a `read`, `report` and `fits` of its own.
    """

    name: str
    title: str
    dataset: str
    model: str
    class_names: tuple
    metric_name: str
    metric: Callable
    delta: float
    front_end: Callable
    cut: Callable
    helpers: tuple = ()
    sampled: bool = True  # whether examples are signals, whose rate must be known

    kind: ClassVar[str] = "classes"  # what an answer holds: "classes", "boxes" or "anomaly"

    @property
    def shipped(self):
        """Zoo name of the int8 model that the task ships with."""
        return f"{self.model}-int8"

    def inputs(self, split, purpose="select"):
        """Return (model input, labels) of a split of the task's data set."""
        dataset = data.load(self.dataset, split, purpose=purpose)
        return self.front_end(dataset.x, dataset.fs), dataset.y

    def read(self, x, answers):
        """What the metric takes, of a model's answers to inputs x: here the best class (N,) of scores (N, C)."""
        return np.asarray(answers).argmax(axis=1)

    def score(self, y, x, answers):
        """The task's number for a model's real `answers` to inputs x with labels y, both as `inputs` gives them.

        >>> from edgekit import tasks
        >>> tasks.get("camera-presence").score(np.array([0, 3]), None, np.array([[2., 0, 0, 1], [0., 1, 0, 0]]))
        0.5
        """
        return float(self.metric(y, self.read(x, answers)))

    def report(self, y, x, answers):
        """All figures for `answers`, a dict of plain values: `metric_name` among them, and what the report draws."""
        return report(softmax(answers), y, self.class_names)

    def judge(self, graph, own, preset="cmsis"):
        """Evaluate `graph` on `own_data.OwnData`: (figures as plain values, arrays for the scores file)."""
        values, windows = windowed_scores(graph, self, own.x, own.fs, preset)
        figures = report(values, own.y, self.class_names, own.named, own.group)
        return {**figures, **pooling(windows, len(own.y), "class probabilities")}, {"scores": values, "y": own.y}

    def read_own(self, path):
        """Read the `.npz` at `path` as `OwnData` for this task. Raises ValueError naming file, offender and remedy."""
        return own_data.read(path, self.class_names, sampled=self.sampled)

    def fits(self, graph):
        """What is wrong with the outputs of `graph` for this task, in words; "" when nothing is."""
        shape = graph.tensors[graph.outputs[0]].shape
        if shape == (len(self.class_names),):
            return ""
        return f"its output has shape {shape}, expected one score for each of {len(self.class_names)} classes"

    def calibration_batches(self, count=512, seed=0, batch_size=64):
        """Return batches of `count` training inputs, drawn by `seed` without replacement; of all, where there are
        fewer."""
        dataset = data.load(self.dataset, "train")
        chosen = np.random.default_rng(seed).permutation(len(dataset))[:count]
        return batches(self.front_end(dataset.x[chosen], dataset.fs), batch_size)


def batches(x, size):
    """Return x (N, ...) as a list of arrays of at most `size` rows."""
    return [x[start : start + size] for start in range(0, len(x), size)]
