"""The steps that make a model smaller, and what each stage costs and keeps."""

from dataclasses import dataclass

from edgekit.core.affine import quantize
from edgekit.deploy.host import latency_ms
from edgekit.graph import cost, ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph
from edgekit.graph.run import probabilities
from edgekit.nn import zoo
from edgekit.tasks.evaluate import report


@dataclass(frozen=True)
class Stage:
    """One model on the way: its graph, its evaluation on the sealed test split, and its costs as in the contract."""

    name: str
    graph: Graph
    evaluation: dict
    row: dict


def quantization_stages(task, calibration_windows=512, observer="mse", seed=0, progress=lambda text: None):
    """Return [float stage, int8 stage] of the task's shipped float model.

    The float model is folded first, so that both stages hold the same layers. Ranges come from
    `calibration_windows` examples of the training split, drawn by `seed`; the test split is only reported on.
    """
    progress(f"loading {task.model} and the {task.dataset} data")
    floating = fold(zoo.load(task.model))
    x, y = task.inputs("test", purpose="report")
    progress(f"calibrating on {calibration_windows} training examples ({observer})")
    integer = ptq.quantize_graph(
        floating, ptq.calibrate(floating, task.calibration_batches(calibration_windows, seed), observer)
    )
    stages = []
    for name, graph in (("float", floating), ("int8", integer)):
        progress(f"evaluating the {name} model on {len(x)} sealed test examples")
        stages.append(measure(name, graph, task, x, y))
    return stages


def measure(name, graph, task, x, y):
    """Return the `Stage` of `graph`: evaluated on model inputs x with labels y, and costed."""
    evaluation = report(probabilities(graph, x), y, task.class_names)
    examples = x[:16]
    if graph.is_integer:
        examples = quantize(examples, graph.tensors[graph.inputs[0]].qparams)
    row = {
        "name": name,
        "value": evaluation[task.metric_name],
        **{key: quantity.value for key, quantity in cost.summary(graph).items()},
        "latency_ms": latency_ms(graph, examples),
    }
    return Stage(name, graph, evaluation, row)
