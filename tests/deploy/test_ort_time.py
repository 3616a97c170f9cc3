"""Times of ONNX Runtime: one for every model and round; a profile that knows what the graph is made of."""

import numpy as np
import pytest

from edgekit.deploy.ort_time import EACH, NodeTime, clock, interleaved_ms, node_times, race, runners
from edgekit.graph.channel_scores import to_macs, weight_scores
from edgekit.graph.channels import couple, remove
from edgekit.graph.cost import macs
from edgekit.graph.run import run
from edgekit.nn import zoo

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def camera():
    return zoo.load("camera-presence-v1")


@pytest.fixture(scope="module")
def picture():
    return RNG.normal(size=(1, 96, 96, 3))


def test_every_model_is_timed_in_every_round():
    """Of standard convolutions 10 times fewer MACs in whole blocks take less time on any processor."""
    whole = zoo.load("acoustic-teacher")
    coupling = couple(whole)
    thin = remove(coupling, to_macs(coupling, weight_scores(coupling), macs(whole) / 10, multiple=16))
    times = interleaved_ms({"whole": whole, "thin": thin}, RNG.normal(size=(1, 32, 40, 1)), 20,
                           np.random.default_rng(0))
    assert {name: ms.shape for name, ms in times.items()} == {"whole": (20,), "thin": (20,)}
    assert np.median(times["thin"]) < np.median(times["whole"])
    assert (times["thin"] > 0).all()


def test_signals_are_timed_too():
    graph = zoo.load("ppg-cnn")
    assert interleaved_ms({"one": graph}, RNG.normal(size=(1, 1, 1000, 1)), rounds=2)["one"].shape == (2,)


@pytest.mark.parametrize("name", ["acoustic-student", "ppg-cnn"])
def test_a_runner_gives_the_interpreters_numbers(name):
    graph = zoo.load(name)
    x = RNG.normal(size=(1, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    expected = run(graph, x)
    (found,) = runners({"it": (graph, x)})["it"]()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_a_race_calls_all_alike_by_turns_and_keeps_the_least():
    calls = []
    found = race({name: lambda name=name: calls.append(name) for name in "ab"}, rounds=2)
    assert "".join(calls) == ("a" * EACH + "b" * EACH) * 3
    assert set(found) == {"a", "b"}
    lengths = iter([0] * EACH + [3 * 10**5, 10**4, 10**6])  # the first round is not counted, of the others the least
    one, = race({"one": lambda: sum(range(next(lengths)))}, rounds=1).values()
    fast, slow = race({"fast": lambda: sum(range(10**3)), "slow": lambda: sum(range(2 * 10**5))}, rounds=3).values()
    assert fast < one < slow


def test_the_profile_finds_every_convolution(camera, picture):
    nodes = node_times(camera, picture, repeats=3)
    deep = [node for node in camera.nodes if node.op == "conv2d" and node.attrs["groups"] > 1]
    assert sum(node.depthwise for node in nodes) == len(deep)
    assert sum(bool(node.weight) for node in nodes) == sum(node.op == "conv2d" for node in camera.nodes)
    assert all(node.microseconds >= 0 for node in nodes)


def test_depthwise_by_hand():
    assert NodeTime("Conv", ((1, 16, 4, 4), (16, 1, 3, 3)), 1.0).depthwise
    assert not NodeTime("Conv", ((1, 1, 4, 4), (16, 1, 3, 3)), 1.0).depthwise  # one input channel: a standard layer
    assert not NodeTime("FusedConv", ((1, 16, 4, 4), (16, 16, 3, 3)), 1.0).depthwise
    assert NodeTime("Gemm", ((1, 16), (4, 16)), 1.0).weight == ()


def test_the_clock_moves_on():
    now, start = clock(), clock()()
    while now() == start:
        pass
    assert now() > start
    assert EACH >= 1
