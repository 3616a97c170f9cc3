"""A task: how raw data becomes model input, and how scores become one number."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgekit import data


@dataclass(frozen=True)
class Task:
    """One application of the kit.

    `front_end(x, fs)` turns raw examples (N, ...) into model input in the graph's layout; `metric(y, predicted)`
    is the number that must not fall by more than `delta`. `cut(x, fs)` returns (pieces, owner): examples longer than
    the model's window become several pieces, and `owner[i]` says from which example piece i comes. `helpers` are
    further models that the task uses beside `model`.
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

    @property
    def shipped(self):
        """Zoo name of the int8 model that the task ships with."""
        return f"{self.model}-int8"

    def inputs(self, split, purpose="select"):
        """Return (model input, labels) of a split of the task's data set."""
        dataset = data.load(self.dataset, split, purpose=purpose)
        return self.front_end(dataset.x, dataset.fs), dataset.y

    def calibration_batches(self, count=512, seed=0, batch_size=64):
        """Return batches of `count` training inputs, drawn by `seed` without replacement."""
        dataset = data.load(self.dataset, "train")
        chosen = np.random.default_rng(seed).permutation(len(dataset))[:count]
        x = self.front_end(dataset.x[chosen], dataset.fs)
        return [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
