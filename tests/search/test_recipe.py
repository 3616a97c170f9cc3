"""The stages of compression: what is quantized is what ships."""

import numpy as np

from edgekit import tasks
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.nn import zoo
from edgekit.search import recipe

FEW = 8


def weights(graph):
    return [tensor.data for tensor in graph.tensors.values() if tensor.is_constant and tensor.qparams is not None]


def test_the_camera_is_quantized_as_its_shipped_model_is(monkeypatch):
    monkeypatch.setattr(recipe, "measure", lambda name, graph, *data: recipe.Stage(name, graph, {}, {}, *data))
    task = tasks.get("camera-presence")
    monkeypatch.setattr(type(task), "inputs", lambda self, split, purpose="select": (np.zeros((1, 96, 96, 3)), [0]))
    batches = task.calibration_batches(FEW, 0)
    found = recipe.quantization_stages(task, FEW)[1].graph
    floating = fold(zoo.load(task.model))
    equalized = ptq.post_training_quantize(floating, batches, "mse", equalize=True, correct=True)
    plain = ptq.post_training_quantize(floating, batches, "mse")
    assert all(np.array_equal(a, b) for a, b in zip(weights(found), weights(equalized), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(weights(found), weights(plain), strict=True))
