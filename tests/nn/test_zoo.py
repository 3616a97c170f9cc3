import numpy as np
import pytest
import torch

from edgekit.graph import file
from edgekit.nn import zoo
from edgekit.nn.models import PulseNet
from edgekit.nn.trace import trace


@pytest.fixture
def folder(tmp_path):
    """A zoo of its own, to spoil."""
    files = {name: zoo.read(name) for name in ("ppg-cnn.edge", "ppg-cnn.safetensors")}
    zoo.store(files, tmp_path)
    return tmp_path


def test_every_shipped_model_loads_and_says_its_task():
    assert {"ppg-cnn", "ppg-cnn-int8"} <= set(zoo.names())
    for name in zoo.names():
        graph = zoo.load(name)
        assert graph.metadata["task"]
        assert graph.is_integer == name.endswith("-int8")


def test_the_torch_weights_and_the_graph_are_the_same_model():
    model = zoo.load_state(PulseNet(), "ppg-cnn.safetensors")
    traced, shipped = trace(model, torch.zeros(2, 1, 1000)), zoo.load("ppg-cnn")
    assert [t.name for t in traced.constants] == [t.name for t in shipped.constants]
    assert all(np.array_equal(a.data, b.data) for a, b in zip(traced.constants, shipped.constants, strict=True))


def test_unknown_model_lists_the_known():
    with pytest.raises(ValueError, match=r"unknown model 'resnet'; known: .*ppg-cnn"):
        zoo.load("resnet")


@pytest.mark.parametrize("spoil", [lambda data: data[:-100], lambda data: data[:99] + b"?" + data[100:]])
def test_truncated_or_altered_weights_are_refused(folder, spoil):
    path = folder / "ppg-cnn.edge"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=r"ppg-cnn.edge .* truncated or altered.*restore it"):
        zoo.load("ppg-cnn", folder)


def test_missing_weights_are_named(folder):
    (folder / "ppg-cnn.safetensors").unlink()
    with pytest.raises(ValueError, match=r"ppg-cnn.safetensors is missing; restore it"):
        zoo.load_state(PulseNet(), "ppg-cnn.safetensors", folder)


def test_store_and_load_round_trip(folder):
    assert file.to_bytes(zoo.load("ppg-cnn", folder)) == zoo.read("ppg-cnn.edge", folder)
