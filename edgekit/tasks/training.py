"""From nothing to the shipped files: train, trace, quantize, store."""

from edgekit.graph import file, ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict

CALIBRATION_WINDOWS, OBSERVER = 512, "mse"


def train_and_export(task, name, seed, progress=None, folder=None):
    """Train the float model `name` of `task` with `seed`; store its weights, its graph and its int8 graph.

    Returns what was stored and, for the model that classifies, its score on the validation split.
    """
    from edgekit.nn import zoo
    from edgekit.nn.export import state_bytes

    model, floating = trained(task, name, seed, progress=progress)
    integer = quantized(fold(floating), task)
    files = {
        f"{name}.safetensors": state_bytes(model),
        f"{name}.edge": file.to_bytes(floating),
        f"{name}-int8.edge": file.to_bytes(integer),
    }
    zoo.store(files, folder or zoo.WEIGHTS)
    scores = validation(task, float=floating, int8=integer) if name == task.model else {}
    return {"model": name, "seed": seed, "files": sorted(files), **scores}


def trained(task, name, seed, **recipe):
    """Return (torch model, its float graph) of the zoo's `name`, trained from scratch as `recipe` says."""
    from edgekit.nn import ppg
    from edgekit.nn.export import to_graph

    train = {"ppg-cnn": ppg.train_pulse_net, "ppg-rate": ppg.train_rate_net, "ppg-beats": ppg.train_beat_net}[name]
    model = train(seed, **recipe)
    metadata = {"task": task.name, "class_names": list(task.class_names), "seed": seed, "data": "synthetic"}
    return model, to_graph(model, ppg.INPUT_SHAPE, name, metadata)


def quantized(floating, task, seed=0):
    """Return the int8 graph of a folded float graph, calibrated on the training split."""
    ranges = ptq.calibrate(floating, task.calibration_batches(CALIBRATION_WINDOWS, seed), OBSERVER)
    return ptq.quantize_graph(floating, ranges)


def validation(task, **graphs):
    """Return {"val_METRIC_NAME": value} of each graph on the validation split."""
    x, y = task.inputs("val")
    return {
        f"val_{task.metric_name}_{name}": float(task.metric(y, predict(graph, x).argmax(axis=1)))
        for name, graph in graphs.items()
    }
