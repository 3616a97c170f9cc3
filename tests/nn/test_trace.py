import numpy as np
import pytest
import torch
from torch import nn

from edgekit.graph.fold import fold
from edgekit.graph.run import run
from edgekit.nn.models import PulseNet
from edgekit.nn.trace import to_graph_layout, trace
from edgekit.nn.train import seeded

EPS = np.finfo(np.float32).eps


class Residual(nn.Module):
    """An image network with everything that trace supports."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU6())
        self.depthwise = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8)
        self.pool = nn.MaxPool2d(2)
        self.mean = nn.AvgPool2d(2, stride=2)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(8 * 3 * 2, 5))

    def forward(self, x):
        x = self.first(x)
        x = torch.relu(x + self.depthwise(x))
        return self.head(torch.flatten(self.mean(self.pool(x)), 1))


def randomise_statistics(model, seed=0):
    """Batch norms that are not the identity."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return model.eval()


CASES = {
    "pulse": (PulseNet, (4, 1, 1000)),
    "residual": (Residual, (4, 3, 24, 16)),
    "convolution and flatten": (
        lambda: nn.Sequential(nn.Conv1d(2, 3, 5, padding=2), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 20, 4)),
        (4, 2, 20),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_graph_equals_torch(case):
    build, shape = CASES[case]
    model = randomise_statistics(seeded(build, 3))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    expected = model(x).detach().numpy()
    graph = trace(model, x)
    terms = max(np.prod(t.shape[1:]) for t in graph.constants if len(t.shape) > 1) * len(graph.nodes)
    for version in (graph, fold(graph)):
        y = run(version, to_graph_layout(x))
        np.testing.assert_allclose(y, expected, rtol=0, atol=terms * EPS * np.abs(expected).max())


def test_sources_name_the_torch_modules():
    graph = trace(PulseNet(), torch.zeros(2, 1, 1000))
    assert graph.nodes[0].source == "features.0.0"
    assert graph.nodes[-1].source == "classify"


def test_trace_leaves_the_mode_of_the_model_alone():
    model = PulseNet().train()
    trace(model, torch.zeros(2, 1, 1000))
    assert model.training


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            nn.Sequential(nn.Conv1d(1, 2, 3), nn.GELU()),
            r"aten.gelu.default in module '1' is not supported; supported are",
        ),
        (
            nn.Sequential(nn.Conv1d(1, 2, 3), nn.Hardtanh()),
            r"hardtanh.default in module '1' is hardtanh\(-1.0, 1.0\).*use ReLU6",
        ),
    ],
)
def test_what_is_not_supported_is_named(module, message):
    with pytest.raises(ValueError, match=message):
        trace(module, torch.zeros(2, 1, 16))
