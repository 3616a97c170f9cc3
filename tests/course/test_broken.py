import numpy as np
import pytest

from edgekit import tasks
from edgekit.course.broken import with_outlier_channels
from edgekit.graph import equalize, ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.nn import zoo


@pytest.fixture(scope="module")
def healthy():
    return fold(zoo.load("ppg-cnn"))


@pytest.fixture(scope="module")
def broken(healthy):
    return with_outlier_channels(healthy, "relu_3")


def test_not_one_bit_of_the_output_changes(healthy, broken):
    x = tasks.get("ppg").inputs("val")[0][:40]
    np.testing.assert_array_equal(predict(healthy, x), predict(broken, x))


def test_one_scale_ruins_it_one_per_channel_does_not_save_it_and_equalization_does(broken):
    task = tasks.get("ppg")
    (x, y), batches = task.inputs("val"), task.calibration_batches(128)

    def score(**options):
        return task.metric(y, predict(ptq.post_training_quantize(broken, batches, **options), x).argmax(axis=1))

    assert score(per_channel=False) < 0.2
    assert score() < 0.7
    assert score(per_channel=False, equalize=True) > 0.9


def test_equalization_brings_both_to_the_same_weights(healthy, broken):
    """The fixed point of equalization does not depend on where it starts; 1e-3 is what its stopping rule leaves."""
    one, other = (equalize.equalize(graph) for graph in (healthy, broken))
    for tensor in one.constants:
        top = np.abs(tensor.data).max()
        np.testing.assert_allclose(other.tensors[tensor.name].data, tensor.data, rtol=1e-2, atol=1e-3 * top)


@pytest.mark.parametrize(("activation", "channels", "message"), [
    ("pool", (0,), "'pool' cannot be rescaled; there are relu, relu_1"),
    ("relu_3", (0, 32), r"channels must be 0\.\.31, got \(0, 32\)"),
])
def test_what_is_not_there_is_named(healthy, activation, channels, message):
    with pytest.raises(ValueError, match=message):
        with_outlier_channels(healthy, activation, channels)
