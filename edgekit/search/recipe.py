"""The steps that make a model smaller, and what each stage costs and keeps."""

from dataclasses import dataclass, replace

import numpy as np

from edgekit.core.affine import quantize
from edgekit.deploy.host import latency_ms
from edgekit.graph import cost, ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph
from edgekit.graph.run import predict
from edgekit.nn import origins, zoo


@dataclass(frozen=True)
class Stage:
    """One model on the way: its graph, its evaluation on the sealed test split, and its costs as in the contract.

    x, y, answers: the model inputs of that split, their labels, and what the model answers to them. calibrated_on: how
    many training examples the ranges of its activations come from, 0 for a float model.
    """

    name: str
    graph: Graph
    evaluation: dict
    row: dict
    x: np.ndarray
    y: np.ndarray
    answers: np.ndarray
    calibrated_on: int = 0


def quantization_stages(task, calibration_windows=512, observer="mse", seed=0, progress=lambda text: None):
    """Return [float stage, int8 stage] of the task's shipped float model.

    The float model is folded first, so that both stages hold the same layers, and quantized as the shipped int8 model
    is: the camera's channels are equalized and its biases corrected. Ranges come from
    `calibration_windows` examples of the training split, drawn by `seed`, or all where there are fewer, which is said;
    the test split is only reported on.
    """
    progress(f"loading {task.model} and the {task.dataset} data")
    floating = fold(zoo.load(task.model))
    x, y = task.inputs("test", purpose="report")
    batches = task.calibration_batches(calibration_windows, seed)
    used = sum(map(len, batches))
    if used < calibration_windows:
        progress(f"asked for {calibration_windows} calibration examples, the training split holds {used}: all serve")
    progress(f"calibrating on {used} training examples ({observer})")
    integer = ptq.post_training_quantize(floating, batches, observer, **origins.of(task.model).quantization)
    stages = []
    for name, graph, calibrated_on in (("float", floating, 0), ("int8", integer, used)):
        progress(f"evaluating the {name} model on {len(x)} sealed test examples")
        stages.append(replace(measure(name, graph, task, x, y), calibrated_on=calibrated_on))
    return stages


def measure(name, graph, task, x, y):
    """Return the `Stage` of `graph`: evaluated on model inputs x with labels y, and costed."""
    answers = predict(graph, x)
    evaluation = task.report(y, x, answers)
    examples = x[:16]
    if graph.is_integer:
        examples = quantize(examples, graph.tensors[graph.inputs[0]].qparams)
    row = {
        "name": name,
        "value": evaluation[task.metric_name],
        **{key: quantity.value for key, quantity in cost.summary(graph).items()},
        "latency_ms": latency_ms(graph, examples),
    }
    return Stage(name, graph, evaluation, row, x, y, answers)
