"""Smart camera: say whether a person or a vehicle is there, and where."""

import numpy as np

from edgekit.core.detection import decode, mean_average_precision
from edgekit.core.metrics import accuracy
from edgekit.data.pictures import to_codes, to_square
from edgekit.tasks.task import Task

CLASS_NAMES = ("empty", "person", "vehicle", "both")
KINDS = ("person", "vehicle")
SIDE = 96


def front_end(x, fs=None):
    """Pictures (N, H, W, 3) or grey (N, H, W) -> model input (N, 96, 96, 3) float32 in -1..1: x / 127.5 - 1.

    Other sizes are cut to the middle square and averaged or repeated; `fs` says nothing about a picture.
    """
    return to_square(to_codes(x), SIDE) / np.float32(127.5) - np.float32(1)


def cut(x, fs=None):
    """Pictures are never cut: (x, index of each)."""
    return x, np.arange(len(x))


def truth(dataset):
    """Boxes of a camera `Dataset` as (N, K, 5) integers: kind (0 person, 1 vehicle, -1 none), left, top,
    right, bottom."""
    kinds, boxes = dataset.extras["kinds"], dataset.extras["boxes"]
    return np.concatenate([kinds[..., None].astype(np.int16), boxes.astype(np.int16)], axis=-1)


def detections(answers, threshold=0.05):
    """Model output (N, 12, 12, 6) -> per picture (boxes (M, 4), kinds (M,), scores (M,)), the best first.

    The first two channels are logits of a centre of a person and of a vehicle, the others distances to the
    four sides in cells of 8 pixels.
    """
    answers = np.asarray(answers, float)
    if answers.ndim != 4 or answers.shape[-1] != len(KINDS) + 4:
        raise ValueError(f"detections: answers must be (N, 12, 12, {len(KINDS) + 4}), got {answers.shape}")
    heat = 1 / (1 + np.exp(-answers[..., : len(KINDS)]))
    return [decode(h, s, threshold) for h, s in zip(heat, answers[..., len(KINDS) :], strict=True)]


def map_50(y, answers):
    """mAP at IoU .5 of model output `answers` (N, 12, 12, 6) against `y` from `truth` (N, K, 5)."""
    y = np.asarray(y)
    return mean_average_precision(detections(answers), y[..., 1:], y[..., 0], len(KINDS))


class DetectTask(Task):
    """A task whose labels are boxes and whose metric reads the model's output itself, not its best class."""

    def inputs(self, split, purpose="select"):
        """Return (model input, boxes as `truth` gives them) of a split of the task's data set."""
        from edgekit import data

        dataset = data.load(self.dataset, split, purpose=purpose)
        return self.front_end(dataset.x, dataset.fs), truth(dataset)


PRESENCE = Task(
    "camera-presence",
    "Person or vehicle before a small camera",
    "camera",
    "camera-mobilenetv1",
    CLASS_NAMES,
    "accuracy",
    accuracy,
    0.01,
    front_end,
    cut,
)
DETECT = DetectTask(
    "camera-detect",
    "Where people and vehicles are",
    "camera",
    "camera-detect-mobilenetv1",
    KINDS,
    "map_50",
    map_50,
    0.01,
    front_end,
    cut,
)
