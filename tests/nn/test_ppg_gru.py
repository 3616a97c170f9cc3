"""The shipped recurrent pulse model: as good as it is said to be, and as good in integers."""

import numpy as np
import pytest
import torch

from edgekit import tasks
from edgekit.graph.run import predict, run
from edgekit.nn import zoo
from edgekit.nn.models import PulseGru
from edgekit.nn.trace import trace


@pytest.fixture(scope="module")
def judged():
    """Predicted classes of the validation windows, by the float and the int8 model, and the true ones."""
    x, y = tasks.get("ppg").inputs("val")
    return [predict(zoo.load(name), x).argmax(axis=1) for name in ("ppg-gru", "ppg-gru-int8")], y


def test_macro_f1_on_val(judged):
    """.924 when it was trained; six classes, so that chance is .17."""
    (floating, _), y = judged
    assert tasks.get("ppg").metric(y, floating) > 0.91


def test_int8_loses_less_than_one_point(judged):
    (floating, integer), y = judged
    metric = tasks.get("ppg").metric
    assert abs(metric(y, floating) - metric(y, integer)) < 0.01
    assert (floating == integer).mean() > 0.98


def test_the_torch_weights_and_the_graph_are_the_same_model():
    model = zoo.load_state(PulseGru(), "ppg-gru.safetensors")
    traced, shipped = trace(model, torch.zeros(2, 1, 1000)), zoo.load("ppg-gru")
    assert [t.name for t in traced.constants] == [t.name for t in shipped.constants]
    assert all(np.array_equal(a.data, b.data) for a, b in zip(traced.constants, shipped.constants, strict=True))


def test_presets_differ_in_few_codes_only():
    """Rounding profiles of LiteRT's reference and of single rounding move logits by a few codes, not by classes."""
    graph = zoo.load("ppg-gru-int8")
    codes = np.random.default_rng(0).integers(-128, 128, (8, 1, 1000, 1)).astype(np.int8)
    one, other = (run(graph, codes, preset).astype(int) for preset in ("cmsis", "single"))
    assert np.abs(one - other).max() <= 12
