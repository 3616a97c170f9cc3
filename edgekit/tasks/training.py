"""From nothing to the shipped files: train, trace, quantize, store."""

from edgekit import tasks
from edgekit.graph import file
from edgekit.graph.fold import fold
from edgekit.tasks.quantized import quantized, validation


def train_and_export(name, seed, progress=None, folder=None):
    """Train the model `name` with `seed`; store its weights, its float graph and its int8 graph.

    Networks that are trained together, as those of a camera on one backbone, are stored together. Returns what was
    stored and, of each model that fits its task, the score on the validation split.
    """
    from edgekit.nn import origins

    origin = origins.of(name)
    networks = origin.train(seed, progress=progress)
    return _store(origin, networks, seed, origin.weights(networks), folder)


def export(name, seed=0, folder=None):
    """Make the graphs of the model `name` again from its shipped weights, which were trained with `seed`."""
    from edgekit.nn import origins

    origin = origins.of(name)
    return _store(origin, {name: origin.shipped()[name]}, seed, {}, folder)


def _store(origin, networks, seed, files, folder):
    from edgekit.nn import zoo

    scores = {}
    for name, network in networks.items():
        graphs, scores[name] = exported(origin, name, network, seed)
        files = {**files, **graphs}
    zoo.store(files, folder or zoo.WEIGHTS)
    return {"models": list(networks), "seed": seed, "files": sorted(files), "scores": scores}


def exported(origin, name, network, seed):
    """Return ({file name: bytes} of the float and the int8 graph of `network`, its validation scores)."""
    from edgekit.nn.export import to_graph

    task = tasks.get(origin.tasks[name])
    metadata = {"task": task.name, "class_names": list(task.class_names), "seed": seed, "data": "synthetic"}
    floating = to_graph(network, origin.input_shape, name, metadata)
    integer = quantized(fold(floating), task, **origin.quantization)
    files = {f"{name}.edge": file.to_bytes(floating), f"{name}-int8.edge": file.to_bytes(integer)}
    return files, validation(task, float=floating, int8=integer) if not task.fits(integer) else {}
