"""nn.GRU and nn.LSTM become one operator each, whatever of their results is used; what is not supported is named."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.graph import file
from edgekit.graph.fold import fold
from edgekit.graph.run import run
from edgekit.nn.models import PulseGru
from edgekit.nn.trace import to_graph_layout, trace
from edgekit.nn.train import seeded


class Reader(nn.Module):
    """A recurrent layer on a signal (N, 3, 20), and what `pick` takes of its results."""

    def __init__(self, kind, pick, **options):
        super().__init__()
        self.recur, self.pick = kind(3, 4, **{"batch_first": True, **options}), pick

    def forward(self, x):
        states, last = self.recur(x.transpose(1, 2))
        return self.pick(states, last[0] if isinstance(last, tuple) else last)


PICKS = {
    "all states": lambda states, last: states.transpose(1, 2),
    "last step": lambda states, last: states[:, -1],
    "last step by number": lambda states, last: states[:, 19, :],
    "state of the last layer": lambda states, last: last[-1],
    "squeezed": lambda states, last: last.squeeze(0),
    "mean": lambda states, last: states.mean(1),
    "both": lambda states, last: torch.cat([states.mean(1), last[-1], states[:, -1]], 1),
}


def agrees(model, shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = trace(model, x)
    expected = to_graph_layout(model(x))
    for version in (graph, fold(graph), file.from_bytes(file.to_bytes(graph))):
        found = run(version, to_graph_layout(x))
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 2e-6
    return graph


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
@pytest.mark.parametrize("pick", PICKS)
def test_graph_equals_torch(kind, pick):
    graph = agrees(seeded(lambda: Reader(kind, PICKS[pick]), 2).eval(), (4, 3, 20))
    recurrent = [node for node in graph.nodes if node.op in ("gru", "lstm")]
    assert len(recurrent) == (2 if pick == "both" else 1)
    assert all(node.source == "recur" for node in recurrent)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
@pytest.mark.parametrize("options", [{"num_layers": 3}, {"bias": False}, {"num_layers": 2, "dropout": 0.5}])
def test_stacked_and_without_bias(kind, options):
    pick = PICKS["all states" if "dropout" in options else "state of the last layer"]
    graph = agrees(seeded(lambda: Reader(kind, pick, **options), 2).eval(), (4, 3, 20))
    assert sum(node.op in ("gru", "lstm") for node in graph.nodes) == options.get("num_layers", 1)


def test_pulse_gru():
    graph = agrees(seeded(PulseGru, 3).eval(), (2, 1, 1000))
    (node,) = (node for node in graph.nodes if node.op == "gru")
    assert graph.tensors[node.inputs[0]].shape == (1, 63, 32)
    assert graph.tensors[node.output].shape == (1, 63, 48)



class Cells(Reader):
    def forward(self, x):
        return self.recur(x.transpose(1, 2))[1][1][0]


class Given(Reader):
    def __init__(self):
        super().__init__(nn.GRU, None)
        self.first = nn.Parameter(torch.ones(1, 2, 4))

    def forward(self, x):
        return self.recur(x.transpose(1, 2), self.first)[0].transpose(1, 2)


class ChannelsSecond(Reader):
    def forward(self, x):
        return self.recur(x)[0]


@pytest.mark.parametrize(("model", "words"), [
    (lambda: Reader(nn.GRU, PICKS["all states"], bidirectional=True), "aten.gru.input in module 'recur' reads in both"),
    (lambda: Reader(nn.LSTM, PICKS["mean"], batch_first=False), "has the batch on its second axis.*batch_first=True"),
    (lambda: Reader(nn.LSTM, PICKS["mean"], proj_size=2), "has projections"),
    (lambda: Cells(nn.LSTM, None), "gives its cells to another layer"),
    (Given, "starts from a given state"),
    (lambda: Reader(nn.GRU, lambda states, last: states[:, 3]), "takes a part, .* the last step of nn.GRU"),
    (lambda: Reader(nn.GRU, lambda states, last: last[0], num_layers=2), "takes a part"),
    (lambda: ChannelsSecond(lambda c, h, **o: nn.GRU(20, h, **o), None), "needs the channels on the last axis"),
])
def test_what_is_not_supported_is_named(model, words):
    with pytest.raises(ValueError, match=words):
        trace(model().eval(), torch.zeros(2, 3, 20))
