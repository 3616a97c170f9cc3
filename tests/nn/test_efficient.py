"""The named networks count what their papers print, at every width and resolution, and go through the whole kit."""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.deploy import litert, litert_run
from edgekit.graph import cost
from edgekit.graph.fold import fold
from edgekit.graph.ptq import post_training_quantize
from edgekit.graph.run import run
from edgekit.nn import efficient
from edgekit.nn.trace import to_graph_layout, trace
from edgekit.nn.train import seeded


def traced(name, width=1.0, side=None, **changes):
    shape = efficient.input_shape(name)
    shape = shape if side is None else (shape[0], side, side)
    return trace(efficient.build(name, width=width, **changes), torch.zeros(1, *shape))


# million MACs: tensorflow/models, research/slim/nets/mobilenet_v1.md and mobilenet/README.md; for V3-Small Howard et
# al. 2019, table 3; for the last two MLPerf Tiny's reference networks, counted layer by layer by hand
@pytest.mark.parametrize(("name", "width", "side", "millions"), [
    ("mobilenet-v1", 1.0, 224, "569"), ("mobilenet-v1", 0.25, 128, "14"), ("mobilenet-v2", 1.0, 224, "300"),
    ("mobilenet-v2", 0.35, 96, "11"), ("mobilenet-v3-small", 1.0, 224, "56"), ("ds-cnn", 1.0, None, "2.66"),
    ("resnet-8", 1.0, None, "12.5")])
def test_macs_as_published(name, width, side, millions):
    unit = 10.0 ** -len(millions.partition(".")[2])  # of the last digit printed: some round, some cut off
    assert abs(cost.macs(traced(name, width, side)) / 1e6 - float(millions)) < unit


# torchvision's counts of the same networks; MLPerf Tiny's Keras counts less three numbers for every channel before a
# batch norm: the bias of the convolution, which it makes useless, and its running statistics
@pytest.mark.parametrize(("name", "parameters"), [
    ("mobilenet-v1", 4_231_976), ("mobilenet-v2", 3_504_872), ("mobilenet-v3-small", 2_542_856),
    ("ds-cnn", 24_908 - 3 * 9 * 64), ("resnet-8", 78_666 - 3 * (3 * 16 + 2 * 32 + 2 * 64))])
def test_parameters_as_published(name, parameters):
    assert sum(p.numel() for p in efficient.build(name).parameters()) == parameters


def with_statistics(model, x):
    """`model` in eval mode with the batch norms of `x`; without them a deep network of random weights fades to 0."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(x)
    return model.eval()


@pytest.mark.parametrize("name", efficient.NETWORKS)
def test_half_the_width_goes_through_the_kit(name):
    """Traced it gives torch's numbers, and LiteRT the codes of its integers."""
    shape = efficient.input_shape(name, 1 if name in ("ds-cnn", "resnet-8", "pulse-gru") else 64 / 224)
    x = torch.randn(4, *shape, generator=torch.Generator().manual_seed(0))
    model = with_statistics(seeded(lambda: efficient.build(name, classes=5, width=0.5), 0), x)
    graph, inputs = fold(trace(model, x)), to_graph_layout(x)
    with torch.no_grad():
        expected = model(x).numpy()
    np.testing.assert_allclose(run(graph, inputs), expected, rtol=0, atol=1e-4 * np.abs(expected).max())
    integer = post_training_quantize(graph, [inputs])
    assert integer.is_integer
    if name != "pulse-gru":  # LiteRT has no int8 operator that computes as this one does
        codes = np.random.default_rng(0).integers(-128, 128, inputs.shape, np.int8)
        np.testing.assert_array_equal(litert_run.run(litert.write(integer), codes, "reference"),
                                      run(integer, codes, "reference"))


def test_width_scales_macs_by_its_square_where_the_pointwise_part_rules():
    whole, half = (cost.macs(traced("resnet-8", width)) for width in (1.0, 0.5))
    assert 0.25 < half / whole < 0.27  # the stem reads three channels at every width


def test_classes_and_channels_are_free():
    graph = traced("ds-cnn", 0.5, classes=3)
    assert graph.tensors[graph.outputs[0]].shape == (3,)
    assert efficient.build("mobilenet-v1", 4, 0.25, in_channels=1)(torch.zeros(2, 1, 32, 40)).shape == (2, 4)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match=r"unknown network 'v4'; there are mobilenet-v1, .*pulse-gru"):
        efficient.build("v4")
