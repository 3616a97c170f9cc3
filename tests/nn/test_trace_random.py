"""Random small networks of supported layers: the graph gives what torch gives, folded or not."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from edgekit.graph.check import check_graph
from edgekit.graph.file import from_bytes, to_bytes
from edgekit.graph.fold import fold
from edgekit.graph.run import run
from edgekit.nn.trace import to_graph_layout, trace

#: relative to the greatest output: sums of at most 400 terms in at most 8 layers, in float32
TOLERANCE = 1e-4

ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.Hardsigmoid, nn.Sigmoid, nn.Tanh, nn.SiLU)
SMALL = st.integers(1, 3)


class Apply(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Both(nn.Module):
    """Two branches of one map, put together."""

    def __init__(self, a, b, join):
        super().__init__()
        self.a, self.b, self.join = a, b, join

    def forward(self, x):
        return self.join(self.a(x), self.b(x))


def of_kind(shape, image, signal):
    return image if len(shape) == 3 else signal


def convolution(draw, shape):
    channels, stride, dilation = shape[0], draw(st.integers(1, 2)), draw(SMALL)
    groups = draw(st.sampled_from([1, channels]))
    kernel, padding = draw(SMALL), draw(st.sampled_from([0, 1, "same"] if stride == 1 else [0, 1]))
    outputs = groups * draw(SMALL)
    kind = of_kind(shape, nn.Conv2d, nn.Conv1d)
    return kind(channels, outputs, kernel, stride, padding, dilation, groups, bias=draw(st.booleans()))


def norm(draw, shape):
    layer = of_kind(shape, nn.BatchNorm2d, nn.BatchNorm1d)(shape[0])
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    layer.running_mean.normal_(generator=generator)
    layer.running_var.uniform_(0.5, 2, generator=generator)
    return layer


def activation(draw, shape):
    return draw(st.sampled_from(ACTIVATIONS))()


def pool(draw, shape):
    kernel, stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    padding = draw(st.integers(0, kernel // 2))
    if draw(st.booleans()):
        return of_kind(shape, nn.MaxPool2d, nn.MaxPool1d)(kernel, stride, padding)
    return of_kind(shape, nn.AvgPool2d, nn.AvgPool1d)(kernel, stride, padding, count_include_pad=draw(st.booleans()))


def whole(draw, shape):
    if draw(st.booleans()):
        return of_kind(shape, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool1d)(1)
    space = tuple(range(2, len(shape) + 1))
    return Apply(lambda x: x.mean(space, keepdim=True))


def upsample(draw, shape):
    return nn.Upsample(scale_factor=draw(st.integers(2, 3)), mode=draw(st.sampled_from(["nearest", "nearest-exact"])))


def padding(draw, shape):
    sides = draw(st.lists(st.integers(0, 2), min_size=2 * len(shape) - 2, max_size=2 * len(shape) - 2))
    return Apply(lambda x: functional.pad(x, sides))


def residual(draw, shape):
    same = of_kind(shape, nn.Conv2d, nn.Conv1d)(shape[0], shape[0], 3, padding=1)
    return Both(same, activation(draw, shape), draw(st.sampled_from([torch.add, torch.mul])))


def joint(draw, shape):
    wide = of_kind(shape, nn.Conv2d, nn.Conv1d)(shape[0], draw(SMALL), 1)
    return Both(activation(draw, shape), wide, lambda a, b: torch.cat([a, b, a], 1))


def excite(draw, shape):
    mix = of_kind(shape, nn.Conv2d, nn.Conv1d)(shape[0], shape[0], 1)
    gate = nn.Sequential(whole(draw, shape), mix, nn.Hardsigmoid())
    return Both(gate, nn.Identity(), torch.mul)


def across(draw, shape):
    """A linear layer over the channels at every place."""
    layer, last = nn.Linear(shape[0], draw(SMALL)), (0, *range(2, len(shape) + 1), 1)
    back = (0, len(shape), *range(1, len(shape)))
    return nn.Sequential(Apply(lambda x: x.permute(last)), layer, Apply(lambda x: x.permute(back)))


LAYERS = (convolution, norm, activation, pool, whole, upsample, padding, residual, joint, excite, across)


@st.composite
def networks(draw):
    """(network, batch): up to five layers that fit, then the map itself, or a head of linear layers."""
    shape = draw(st.sampled_from([(2, 7, 6), (3, 5, 5), (2, 12), (1, 9)]))
    torch.manual_seed(draw(st.integers(0, 99)))
    x, layers = torch.randn(2, *shape), []
    y = x
    for make in draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=5)):
        layer = make(draw, tuple(y.shape[1:])).eval()
        try:
            after = layer(y).detach()
        except (RuntimeError, ValueError):
            continue  # a kernel that is larger than what is left
        if 0 < after[0].numel() <= 400:
            y, layers = after, [*layers, layer]
    if draw(st.booleans()):
        width = y[0].numel()
        head = [nn.Linear(width, 6), activation(draw, ()), nn.Dropout(), nn.Linear(6, 3), nn.Softmax(1)]
        between = [activation(draw, ())] if draw(st.booleans()) else []
        layers += [nn.Flatten(), *between, *head[: draw(st.sampled_from([1, 4, 5]))]]
    return nn.Sequential(*layers, nn.Identity()), x


@given(case=networks())
@settings(max_examples=30)
def test_random_networks_equal_their_graphs(case):
    model, x = case
    model.eval()
    with torch.no_grad():
        expected = to_graph_layout(model(x))
    graph = trace(model, x)
    check_graph(graph)
    for version in (graph, fold(graph), from_bytes(to_bytes(graph))):
        y = run(version, to_graph_layout(x))
        np.testing.assert_allclose(y, expected, rtol=0, atol=TOLERANCE * max(np.abs(expected).max(), 1e-30))
