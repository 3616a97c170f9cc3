"""Every network of the kit, and networks built as the field builds them, gives the same numbers as its graph."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from edgekit.graph.fold import fold
from edgekit.graph.run import predict, run
from edgekit.graph.shapes import check_shapes
from edgekit.nn import acoustic, camera, models
from edgekit.nn.trace import to_graph_layout, trace
from edgekit.nn.train import seeded

#: relative to the greatest output; float32 sums over a few hundred layers' terms stay far below it
TOLERANCE = 1e-4


def randomised(build, seed=3):
    """A network in eval mode whose batch norms are not the identity."""
    model, generator = seeded(build, seed), torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return model.eval()


def assert_same(model, x):
    """The graph, and the folded graph, give what torch gives; returns the graph."""
    with torch.no_grad():
        expected = model(x)
    expected = expected if isinstance(expected, tuple) else (expected,)
    graph = trace(model, x)
    check_shapes(graph)
    for version in (graph, fold(graph)):
        outputs = run(version, to_graph_layout(x), all_outputs=True)
        assert len(outputs) == len(expected)
        for y, wanted in zip(outputs, map(to_graph_layout, expected), strict=True):
            np.testing.assert_allclose(y, wanted, rtol=0, atol=TOLERANCE * np.abs(wanted).max())
    return graph


def draw(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


KIT = {
    "presence v1": (lambda: camera.build("camera-presence", "v1"), (3, 96, 96)),
    "presence v3": (lambda: camera.build("camera-presence", "v3"), (3, 96, 96)),
    "detect v1": (lambda: camera.build("camera-detect", "v1"), (3, 96, 96)),
    "detect v3": (lambda: camera.build("camera-detect", "v3"), (3, 96, 96)),
    "backbone v3, two outputs": (camera.MobileNetV3, (3, 96, 96)),
    "teacher": (acoustic.teacher, acoustic.INPUT_SHAPE),
    "student": (acoustic.student, acoustic.INPUT_SHAPE),
    "autoencoder": (acoustic.Autoencoder, acoustic.INPUT_SHAPE),
    "pulse": (models.PulseNet, (1, 1000)),
    "beats": (models.BeatNet, (1, 1000)),
}


@pytest.mark.parametrize("name", KIT)
def test_networks_of_the_kit(name):
    build, shape = KIT[name]
    assert_same(randomised(build), draw(2, *shape))


def test_v3_uses_the_compact_operators():
    graph = trace(camera.build("camera-presence", "v3"), torch.zeros(2, 3, 96, 96))
    counts = {op: sum(node.op == op for node in graph.nodes) for op in ("hard_swish", "hard_sigmoid", "mul")}
    excited = sum(b.excite for b in camera.V3_FINE + camera.V3_COARSE)
    swished = 1 + sum(b.swish * (1 + (b.wide != b.channels)) for b in camera.V3_COARSE)
    assert counts == {"hard_swish": swished, "hard_sigmoid": excited, "mul": excited}


class BasicBlock(nn.Module):
    """A residual block as torchvision writes it: in-place ReLU, the sum in place, a projection beside."""

    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += self.downsample(x)
        return self.relu(y)


class Excite(nn.Module):
    """Squeeze-and-excite with linear layers and a sigmoid, `view` down and up, as many repositories write it."""

    def __init__(self, channels):
        super().__init__()
        self.narrow, self.wide = nn.Linear(channels, 4), nn.Linear(4, channels)

    def forward(self, x):
        gate = x.mean((2, 3))
        gate = torch.sigmoid(self.wide(functional.relu(self.narrow(gate))))
        return x * gate.view(x.shape[0], -1, 1, 1)


class Pyramid(nn.Module):
    """Two scales joined, a strip of padding, two heads: one a map, one classes with softmax."""

    def __init__(self):
        super().__init__()
        self.fine = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 6, 3, 2), nn.SiLU())
        self.coarse = nn.Sequential(nn.Conv2d(6, 8, 3, 2, 1), nn.Hardswish(inplace=True), nn.AvgPool2d(3, 1, 1))
        self.map = nn.Conv2d(14, 5, 1)
        self.classes = nn.Linear(14 * 2 * 3, 4)

    def forward(self, x):
        fine = self.fine(x)
        coarse = functional.interpolate(self.coarse(fine), scale_factor=2, mode="nearest")
        both = torch.cat([fine, coarse], dim=1)
        pooled = torch.tanh(functional.adaptive_avg_pool2d(both, (2, 3)))
        return self.map(both), self.classes(functional.relu(pooled.flatten(1))).softmax(-1)


class Signal(nn.Module):
    """Along time: a raw window gets its channel axis, maps are joined, transposed, weighed by a linear layer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(1, 4, 5, padding="same")
        self.each = nn.Linear(8, 6)
        self.last = nn.Sequential(nn.Conv1d(6, 6, 3, groups=6), nn.BatchNorm1d(6), nn.Hardsigmoid())

    def forward(self, x):
        x = self.first(x.unsqueeze(1))
        x = torch.cat([x, functional.pad(functional.max_pool1d(x, 2), (2, 6))], 1)
        x = self.each(x.transpose(1, 2)).permute(0, 2, 1)
        return self.last(functional.interpolate(x, scale_factor=3)).mean(-1)


FIELD = {
    "residual": (lambda: nn.Sequential(BasicBlock(3, 8, 1), BasicBlock(8, 12, 2), nn.AdaptiveAvgPool2d(1),
                                       nn.Flatten(), nn.Linear(12, 5)), (3, 12, 10)),
    "squeeze and excite": (lambda: nn.Sequential(nn.Conv2d(3, 8, 3), Excite(8), nn.Conv2d(8, 4, 1)), (3, 9, 7)),
    "pyramid": (Pyramid, (3, 16, 24)),
    "signal": (Signal, (16,)),
    "activation between flatten and linear": (
        lambda: nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.BatchNorm1d(60), nn.ReLU(), nn.Dropout(0.2),
                              nn.Linear(60, 4)), (2, 6, 7)),
    "flatten and back": (
        lambda: nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Sigmoid(), nn.Unflatten(1, (3, 4, 5)),
                              nn.Conv2d(3, 2, 1)), (2, 6, 7)),
}


@pytest.mark.parametrize("name", FIELD)
def test_networks_of_the_field(name):
    build, shape = FIELD[name]
    model = randomised(build)
    assert_same(model, draw(3, *shape))


def test_a_layer_used_twice_after_different_layouts():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(12, 2)

        def forward(self, x):
            return self.head(x.flatten(1)) + self.head(x.transpose(1, 2).flatten(1))

    assert_same(randomised(Twice), draw(2, 3, 4))


def test_predict_gives_every_output():
    model, x = randomised(Pyramid), draw(5, 3, 16, 24)
    graph, x = trace(model, x), to_graph_layout(x)
    every = predict(graph, x, batch_size=2, all_outputs=True)
    assert [y.shape for y in every] == [(5, 8, 12, 5), (5, 4)]
    np.testing.assert_array_equal(predict(graph, x, batch_size=2), every[0])


class Call(nn.Module):
    """A network of one function."""

    def __init__(self, function):
        super().__init__()
        self.function, self.conv = function, nn.Conv2d(2, 4, 1)

    def forward(self, x):
        return self.function(self.conv(x))


REFUSED = {
    "number": (lambda x: x + 3.0, "add.Tensor .*takes a number or parameter"),
    "leaky": (functional.leaky_relu, "leaky_relu.*is not supported; supported are .*; use ReLU"),
    "slice": (lambda x: x[:, :2], "slice.*is not supported.*take the part in the data"),
    "chunk": (lambda x: x.chunk(2, 1)[0], "chunk.*is not supported.*give each part its own layer"),
    "stretched sum": (lambda x: x + x.mean((2, 3), keepdim=True), "both inputs must have one shape"),
    "ceil": (lambda x: functional.max_pool2d(x, 2, ceil_mode=True), "ceil_mode"),
    "uneven": (lambda x: functional.adaptive_avg_pool2d(x, 3), "only divisors are supported"),
    "reflect": (lambda x: functional.pad(x, (1, 1, 1, 1), mode="reflect"), "only zeros around the map"),
    "channel pad": (lambda x: functional.pad(x, (0, 0, 0, 0, 0, 1)), "only zeros around the map"),
    "space softmax": (lambda x: x.softmax(2), "only channels are supported"),
    "channel mean": (lambda x: x.mean(1), "average over all of space"),
    "batch mean": (lambda x: x.mean(0, keepdim=True), "over the batch"),
    "transposed image": (lambda x: x.transpose(2, 3), "only moving the channels"),
    "mixed reshape": (lambda x: x.reshape(2, 7, 4, 5), "only flattening"),
    "flat output": (lambda x: x.flatten(1), "orders \\(H, W, C\\)"),
    "fractional": (lambda x: functional.interpolate(x, scale_factor=1.3), "picks other pixels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_give_other_numbers_is_refused(name):
    function, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        trace(Call(function), torch.zeros(2, 2, 5, 7))
