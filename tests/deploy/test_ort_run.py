"""ONNX Runtime computes what the interpreter does, and a race counts each runner's calls alike."""

import time

import numpy as np
import pytest

from edgekit.deploy.ort_run import race, runner
from edgekit.graph.run import run
from edgekit.nn import zoo

pytest.importorskip("onnxruntime")


@pytest.mark.parametrize("name", ["acoustic-student", "ppg-cnn", "ppg-cnn-int8"])
def test_the_runner_gives_the_interpreters_numbers(name):
    graph = zoo.load(name)
    rng, shape = np.random.default_rng(0), (3, *graph.tensors[graph.inputs[0]].shape)
    x = rng.integers(-128, 128, shape, np.int8) if graph.is_integer else rng.normal(size=shape).astype(np.float32)
    expected = run(graph, x, "ort").astype(float)
    (found,) = runner(graph, x)()
    # an x86 without VNNI saturates sums of pairs; a code or two is what that costs here
    assert np.abs(found - expected).max() <= (3 if graph.is_integer else 1e-4 * np.abs(expected).max())


def test_every_runner_is_called_as_often_and_by_turns():
    calls = []
    found = race({name: lambda name=name: calls.append(name) for name in "ab"}, rounds=2, in_a_row=3)
    assert "".join(calls) == "aaabbb" * 3
    assert set(found) == {"a", "b"}
    assert all(0 < seconds < 1 for seconds in found.values())


def test_the_least_call_counts_and_the_first_round_does_not():
    sleeps = iter([0.0, 0.02, 0.004, 0.03])
    found = race({"one": lambda: time.sleep(next(sleeps))}, rounds=3, in_a_row=1)
    assert 0.004 <= found["one"] < 0.02
