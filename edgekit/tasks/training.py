"""From nothing to the shipped files: train, trace, quantize, store."""

from edgekit.graph import file, ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict

CALIBRATION_WINDOWS = 512


def train_and_export(task, seed, progress=None, folder=None):
    """Train the float model of `task` with `seed`, store it and its int8 version; return validation figures."""
    from edgekit.nn import zoo
    from edgekit.nn.export import state_bytes

    model, floating = trained(task, seed, progress=progress)
    integer = quantized(fold(floating), task)
    files = {
        f"{task.model}.safetensors": state_bytes(model),
        f"{task.model}.edge": file.to_bytes(floating),
        f"{task.shipped}.edge": file.to_bytes(integer),
    }
    zoo.store(files, folder or zoo.WEIGHTS)
    return {"model": task.model, "seed": seed, **validation(task, float=floating, int8=integer)}


def trained(task, seed, **recipe):
    """Return (torch model, its float graph) of `task`, trained from scratch; `recipe` goes to its training function."""
    from edgekit.nn.export import to_graph
    from edgekit.nn.ppg import INPUT_SHAPE, train_pulse_net

    trainers = {"ppg-cnn": (train_pulse_net, INPUT_SHAPE)}
    train, shape = trainers[task.model]
    model = train(seed, **recipe)
    metadata = {"task": task.name, "class_names": list(task.class_names), "seed": seed, "data": "synthetic"}
    return model, to_graph(model, shape, task.model, metadata)


def quantized(floating, task, seed=0):
    """Return the int8 graph of a folded float graph, calibrated on the training split."""
    ranges = ptq.calibrate(floating, task.calibration_batches(CALIBRATION_WINDOWS, seed))
    return ptq.quantize_graph(floating, ranges)


def validation(task, **graphs):
    """Return {"val_METRIC_NAME": value} of each graph on the validation split."""
    x, y = task.inputs("val")
    return {
        f"val_{task.metric_name}_{name}": float(task.metric(y, predict(graph, x).argmax(axis=1)))
        for name, graph in graphs.items()
    }
