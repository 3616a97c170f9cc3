"""From nothing to the shipped files: train, trace, quantize, store."""

from dataclasses import replace

from edgekit.graph import file, ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.nn import zoo

CALIBRATION_WINDOWS = 512


def train_and_export(task, seed, progress=None, folder=zoo.WEIGHTS):
    """Train the float model of `task` with `seed`, store it and its int8 version; return validation figures."""
    model = train_model(task, seed, progress)
    floating = to_graph(model, task, seed)
    integer = quantized(fold(floating), task)
    zoo.store(
        {
            f"{task.model}.safetensors": state_bytes(model),
            f"{task.model}.edge": file.to_bytes(floating),
            f"{task.shipped}.edge": file.to_bytes(integer),
        },
        folder,
    )
    x, y = task.inputs("val")
    return {
        "model": task.model,
        "seed": seed,
        **{
            f"val_{task.metric_name}_{name}": float(task.metric(y, predict(graph, x).argmax(axis=1)))
            for name, graph in (("float", floating), ("int8", integer))
        },
    }


def train_model(task, seed, progress=None):
    """Return the trained torch model of `task`."""
    from edgekit.nn.ppg import train_pulse_net

    trainers = {"ppg-cnn": train_pulse_net}
    return trainers[task.model](seed, progress=progress)


def to_graph(model, task, seed):
    """Return the float graph of a trained torch `model`, with metadata that names task, classes and seed."""
    import torch

    from edgekit.nn.trace import trace

    example = torch.zeros(2, 1, 1000)
    metadata = {"task": task.name, "class_names": list(task.class_names), "seed": seed, "data": "synthetic"}
    return replace(trace(model, example, task.model), metadata=metadata)


def quantized(floating, task, seed=0):
    """Return the int8 graph of a folded float graph, calibrated on the training split."""
    ranges = ptq.calibrate(floating, task.calibration_batches(CALIBRATION_WINDOWS, seed))
    return ptq.quantize_graph(floating, ranges)


def state_bytes(model):
    """Return the parameters of a torch `model` as the bytes of a safetensors file."""
    from safetensors.torch import save

    return save({name: value.contiguous() for name, value in model.state_dict().items()})
