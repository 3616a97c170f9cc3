"""The shipped camera networks in integers: squeeze-and-excite, hard swish, upsampling and a map as output."""

import numpy as np
import pytest

from edgekit import data
from edgekit.core.metrics import sqnr_db
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.nn import camera_zoo
from edgekit.nn.export import to_graph
from edgekit.tasks.camera import front_end, map_50, truth

SCENES, CALIBRATION = 200, 256


@pytest.fixture(scope="module")
def graphs():
    """{task: (float graph, integer graph)} of the shipped pair with the V3 backbone."""
    examples = front_end(data.load("camera", "train").x[:CALIBRATION])
    pair = zip(("presence", "detect"), camera_zoo.load_pair("v3"), strict=True)
    floats = {task: fold(to_graph(model, (3, 96, 96), task, {})) for task, model in pair}
    how = {"observer": "mse", "equalize": True}
    return {task: (graph, ptq.post_training_quantize(graph, [examples], **how)) for task, graph in floats.items()}


@pytest.fixture(scope="module")
def scenes():
    return data.load("camera", "val").subset(np.arange(SCENES))


def test_presence_in_int8_decides_as_in_float(graphs, scenes):
    x = front_end(scenes.x)
    real, integer = (predict(graph, x) for graph in graphs["presence"])
    assert sqnr_db(real, integer) > 18
    before, after = (np.mean(y.argmax(axis=1) == scenes.y) for y in (real, integer))
    print(f"V3 presence: float {before:.4f}, int8 {after:.4f}, SQNR {sqnr_db(real, integer):.1f} dB")
    assert after > before - 0.03


def test_detection_in_int8_finds_as_in_float(graphs, scenes):
    x, boxes = front_end(scenes.x), truth(scenes)
    real, integer = (predict(graph, x) for graph in graphs["detect"])
    assert integer.shape == (SCENES, 12, 12, 6)
    assert sqnr_db(real, integer) > 20
    before, after = (map_50(boxes, y) for y in (real, integer))
    print(f"V3 detect: float mAP {before:.4f}, int8 {after:.4f}, SQNR {sqnr_db(real, integer):.1f} dB")
    assert after > before - 0.03
