"""A task's float model as the int8 model that ships, and what either is worth on the validation split."""

from edgekit.graph import ptq
from edgekit.graph.run import predict

CALIBRATION_WINDOWS, OBSERVER = 512, "mse"


def quantized(floating, task, seed=0, **how):
    """Return the int8 graph of a folded float graph, calibrated on the training split.

    `how`: further arguments of `ptq.post_training_quantize`, such as `equalize`.
    """
    return ptq.post_training_quantize(floating, task.calibration_batches(CALIBRATION_WINDOWS, seed), OBSERVER, **how)


def validation(task, **graphs):
    """Return {"val_METRIC_NAME_NAME": value} of each graph on the validation split."""
    x, y = task.inputs("val")
    return {f"val_{task.metric_name}_{name}": task.score(y, x, predict(graph, x)) for name, graph in graphs.items()}
