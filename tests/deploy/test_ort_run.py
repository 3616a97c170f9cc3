"""ONNX Runtime in place of the interpreter: the same answers, for floats, for integers and for other people's files."""

import numpy as np
import pytest

from edgekit import tasks
from edgekit.deploy import ort_run
from edgekit.deploy.onnx import from_onnx, quantize_static, to_onnx
from edgekit.deploy.oracle_ort import greatest_weight
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.nn import zoo

pytest.importorskip("onnxruntime")
exact = pytest.mark.skipif(greatest_weight() < 127, reason="ONNX Runtime saturates 8-bit weights on this processor")


@pytest.fixture(scope="module")
def shots():
    return np.concatenate(tasks.get("camera-detect").calibration_batches(6, 3))


@exact
@pytest.mark.parametrize("name", ["camera-detect-v1-int8", "camera-presence-v1-int8"])
def test_an_integer_graph_answers_as_here(name, shots):
    graph = zoo.load(name)
    np.testing.assert_array_equal(ort_run.predict(graph, shots, batch_size=4), predict(graph, shots, "ort"))


def test_a_float_graph_answers_as_here(shots):
    graph = fold(zoo.load("camera-detect-v1"))
    np.testing.assert_allclose(ort_run.predict(graph, shots, batch_size=4), predict(graph, shots), atol=1e-4)


@exact
def test_a_file_that_onnx_runtime_made_answers_as_it_does_here(shots):
    model = quantize_static(fold(zoo.load("camera-detect-v1")), [shots[:3]])
    np.testing.assert_array_equal(ort_run.run(model, shots, batch_size=4), predict(from_onnx(model), shots, "ort"))


def test_the_file_gets_what_it_takes(shots):
    with pytest.raises(Exception, match=r"expected: \(tensor\(float\)\)"):
        ort_run.run(to_onnx(fold(zoo.load("camera-presence-v1"))), shots.astype(np.float64))
