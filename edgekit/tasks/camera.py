"""Smart camera: say whether a person or a vehicle is there, and where."""

import numpy as np

from edgekit import data
from edgekit.core.detection import GRID, average_precisions, decode, labelled, mean_average_precision
from edgekit.core.metrics import accuracy
from edgekit.data.pictures import boxes_in_square, to_codes, to_square
from edgekit.graph.run import predict
from edgekit.tasks import boxes as own_boxes
from edgekit.tasks import own_data
from edgekit.tasks.evaluate import pooling, report
from edgekit.tasks.task import Task

CLASS_NAMES = ("empty", "person", "vehicle", "both")
KINDS = ("person", "vehicle")
SIDE = 96
OUTPUT = (GRID, GRID, len(KINDS) + 4)
SURE = -0.6  # logit of a centre above which its kind is said to be there; best for both backbones on validation scenes


def front_end(x, fs=None):
    """Pictures (N, H, W, 3) or grey (N, H, W) -> model input (N, 96, 96, 3) float32 in -1..1: x / 128 - 1.

    Every code of a pixel is a code of int8, x - 128, so that the integer graph sees the picture without rounding.
    Other sizes are cut to the middle square and averaged or repeated; `fs` says nothing about a picture.
    """
    return to_square(to_codes(x), SIDE) / np.float32(128) - np.float32(1)


def cut(x, fs=None):
    """Pictures are never cut: (x, index of each)."""
    return x, np.arange(len(x))


def truth(dataset):
    """Boxes of a camera `Dataset` as (N, K, 5) integers: kind (0 person, 1 vehicle, -1 none), left, top,
    right, bottom."""
    return labelled(dataset.extras["boxes"], dataset.extras["kinds"])


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


def presence(answers):
    """Model output (N, 12, 12, 6) -> how likely each of CLASS_NAMES is, (N, 4).

    A kind is there as much as its surest centre p; person and vehicle are taken as independent, so "both" is p q.
    """
    surest = np.asarray(answers, float)[..., : len(KINDS)].max(axis=(1, 2))
    person, vehicle = (1 / (1 + np.exp(SURE - surest))).T
    chances = [(1 - person) * (1 - vehicle), person * (1 - vehicle), (1 - person) * vehicle, person * vehicle]
    return np.stack(chances, axis=1).astype(np.float32)


class DetectTask(Task):
    """A task whose labels are boxes and whose metric reads the model's output itself, not its best class."""

    kind = "boxes"

    def inputs(self, split, purpose="select"):
        """Return (model input, boxes as `truth` gives them) of a split of the task's data set."""
        dataset = data.load(self.dataset, split, purpose=purpose)
        return self.front_end(dataset.x, dataset.fs), truth(dataset)

    def read(self, x, answers):
        """What the metric takes: the answers themselves."""
        return answers

    def fits(self, graph):
        """What is wrong with the outputs of `graph`: they must be heat and distances on the grid."""
        shape = graph.tensors[graph.outputs[0]].shape
        return "" if shape == OUTPUT else f"its output has shape {shape}, expected {OUTPUT}: heat and sides on a grid"

    def report(self, y, x, answers):
        """mAP, average precision of each kind (`per_kind`), and what `presence` makes of the same answers."""
        found = detections(answers)
        table = average_precisions(found, y[..., 1:], y[..., 0], len(KINDS))
        per_kind = {KINDS[label]: {"n": count, "average_precision": value} for label, (value, count) in table.items()}
        known = [row["average_precision"] for row in per_kind.values() if row["n"]]
        return {
            **report(presence(answers), own_boxes.presence(y), CLASS_NAMES),
            "map_50": float(np.mean(known)) if known else None,
            "per_kind": per_kind,
        }

    def read_own(self, path):
        """Own pictures: y (N, K, 5) boxes of kinds, or y (N,) what is there, with `boxes` and `kinds` or without."""
        own = own_data.read(path, CLASS_NAMES, sampled=False, read_labels=own_boxes.read_labels(CLASS_NAMES, KINDS))
        return own_boxes.with_truth(path, own, len(KINDS))

    def judge(self, graph, own, preset="cmsis"):
        """Evaluate on own pictures; see `Task.judge`. Without boxes `map_50` is None: only what is there is judged."""
        answers = predict(graph, self.front_end(own.x), preset)
        values, y = presence(answers), own.extras.get("truth")
        figures = {**report(values, own.y, CLASS_NAMES, own.named, own.group), "map_50": None, "per_kind": {}}
        if y is not None:
            y = boxes_in_square(y, *own.x.shape[1:3], SIDE)
            figures |= {key: self.report(y, None, answers)[key] for key in ("map_50", "per_kind")}
        figures |= pooling(len(own.x), len(own.x), "")
        return figures, {"scores": values, "y": own.y, "found": own_boxes.table(detections(answers))}


PRESENCE = Task(
    "camera-presence",
    "Person or vehicle before a small camera",
    "camera",
    "camera-presence-v1",
    CLASS_NAMES,
    "accuracy",
    accuracy,
    0.01,
    front_end,
    cut,
    sampled=False,
)
DETECT = DetectTask(
    "camera-detect",
    "Where people and vehicles are",
    "camera",
    "camera-detect-v1",
    KINDS,
    "map_50",
    map_50,
    0.01,
    front_end,
    cut,
    sampled=False,
)
