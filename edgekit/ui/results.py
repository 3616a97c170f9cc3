"""What a run has to show for each kind of task: tables, and figures with a caption."""

import numpy as np

from edgekit.tasks.camera import KINDS, detections
from edgekit.ui.figures import picture
from edgekit.ui.outcomes import roc_curves, scene, score_histogram
from edgekit.ui.scores import confusion
from edgekit.ui.style import subplots

SCENES = 4


def results(task, stages):
    """Return [(part, caption)] for the report: a part is a table, a list of rows, with caption None, or a `Picture`."""
    return {"classes": _classes, "boxes": _boxes, "anomaly": _anomaly}[task.kind](task, stages)


def _classes(task, stages):
    return [(_class_table(stages), None), _confusion(stages[-1])]


def _class_table(stages):
    names = [f"{key}, {stage.name}" for stage in stages for key in ("precision", "recall", "F1")]
    table = [("class", "test examples", *names, "")]
    for name, row in stages[0].evaluation["per_class"].items():
        per_stage = [s.evaluation["per_class"][name] for s in stages]
        figures = [f"{values[key]:.3f}" for values in per_stage for key in ("precision", "recall", "f1")]
        table.append((name, f"{row['n']:,}", *figures, "measured"))
    return table


def _confusion(stage):
    names = stage.evaluation["classes"]
    fig, ax = subplots(height=max(3.6, 0.8 * len(names)), width=max(8.0, 0.9 * len(names)))
    confusion(ax, stage.evaluation["confusion"], names, title=f"Where the {stage.name} model errs")
    return picture(fig, f"Confusion matrix of the {stage.name} model on the test split."), (
        f"What the {stage.name} model answers on the sealed test split: rows are the truth, columns the answer."
    )


def _boxes(task, stages):
    table = [("kind", "true boxes", *(f"average precision, {stage.name}" for stage in stages), "")]
    for name, row in stages[0].evaluation["per_kind"].items():
        figures = [f"{stage.evaluation['per_kind'][name]['average_precision']:.3f}" for stage in stages]
        table.append((name, f"{row['n']:,}", *figures, "measured at IoU 0.5"))
    return [
        (table, None),
        _scenes(stages[-1]),
        (_class_table(stages), None),
        _confusion(stages[-1]),
    ]


def _scenes(stage):
    """The first test scenes that hold a box: none was chosen for how well it went."""
    chosen = np.flatnonzero((stage.y[..., 0] >= 0).any(axis=1))[:SCENES]
    fig, axes = subplots(1, len(chosen), height=2.9, width=10.0, squeeze=False)
    for ax, i in zip(axes[0], chosen, strict=True):
        found = detections(stage.answers[i : i + 1], threshold=0.3)[0]
        scene(ax, (stage.x[i] + 1) / 2, stage.y[i], found, KINDS)
    return picture(fig, "Test scenes with true boxes, dashed, and boxes that the int8 model found, solid."), (
        f"The first {len(chosen)} scenes of the test split that hold anything. Dashed: true boxes; solid: what the "
        f"{stage.name} model found with a score of at least 0.3, and the score."
    )


def _anomaly(task, stages):
    names = [f"{key}, {stage.name}" for stage in stages for key in ("AUC", "pAUC")]
    table = [("unit", "test recordings", *names, "")]
    for unit, row in stages[0].evaluation["per_group"].items():
        per_stage = [stage.evaluation["per_group"][unit] for stage in stages]
        figures = [f"{values[key]:.3f}" for values in per_stage for key in ("auc", "pauc")]
        table.append((unit, f"{row['n']:,}", *figures, "measured"))
    means = [f"{stage.evaluation[key]:.3f}" for stage in stages for key in ("mean_auc", "mean_pauc")]
    table.append(("mean", f"{stages[0].evaluation['n']:,}", *means, "measured; pAUC up to 10 % false alarms"))
    return [_histogram(stages[-1]), _roc(stages[-1]), (table, None)]


def _histogram(stage):
    fig, ax = subplots(height=3.2)
    score_histogram(ax, stage.evaluation["anomaly"], stage.evaluation["score"], title="Strange sounds score higher")
    return picture(fig, "Histogram of the anomaly scores of normal and of anomalous test recordings."), (
        f"Anomaly scores of the {stage.name} model on the sealed test split. Levels differ between units, which is why "
        "areas are computed unit by unit."
    )


def _roc(stage):
    result = stage.evaluation
    fig, ax = subplots(height=4.6, width=5.6)
    roc_curves(ax, result["anomaly"], result["unit"], result["score"], title=f"One curve for each unit, {stage.name}")
    return picture(fig, "ROC curves of all test units and their mean."), (
        "Share of anomalies found against share of false alarms. Grey: units; blue: their mean; shaded: the part that "
        "pAUC judges."
    )
