"""Judges of networks: in small, and in the layout that they promise."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from edgekit.nn import zoo
from edgekit.nn.trace import to_graph_layout
from edgekit.nn.train import Recipe
from edgekit.search import evaluate
from edgekit.search.families import family, spread


@pytest.mark.parametrize("shape", [(4, 1, 50), (4, 3, 6, 8), (2, 1, 32, 40)])
def test_torch_layout_is_the_inverse_of_the_graphs(shape):
    x = torch.randn(shape)
    assert np.array_equal(evaluate.torch_layout(to_graph_layout(x)), x.numpy())


def test_the_shipped_supernet_knows_more_than_chance_and_more_of_deep_parts():
    chosen = family("ppg")
    judge, space = evaluate.SupernetJudge.shipped(chosen), chosen.space
    shallow, deep = space.code(), space.code(**chosen.baseline)
    assert judge(deep) == judge(deep)
    assert 1 / 6 < judge(shallow) < judge(deep) < 1
    assert judge(space.code(**{**chosen.baseline, "bits": 4})) != judge(deep)


def test_a_supernet_is_stored_as_it_was_trained(tmp_path):
    judge = evaluate.ship("ppg", tmp_path, seed=1, subjects=4, recipe=Recipe(epochs=1, batch_size=48))
    again = zoo.load_state(evaluate.supernet(judge.family), "ppg-supernet.safetensors", tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(judge.net.parameters(), again.parameters(), strict=True))


def test_a_short_training_is_repeated_to_the_last_digit():
    chosen = family("acoustic-anomaly")
    judge = evaluate.TrainingJudge(chosen, seed=0, epochs=2, size=2)
    code = chosen.space.code(**chosen.baseline)
    assert judge(code) == judge(code)
    assert judge(code) != judge(chosen.space.code(hidden=16))
    with pytest.raises(ValueError, match="no training is there for toy, only for ppg, acoustic-fault"):
        evaluate.TrainingJudge(SimpleNamespace(task="toy"))


def test_synflow_grows_with_the_network():
    chosen = family("camera-presence")
    judge, space = evaluate.SynflowJudge(chosen), chosen.space
    assert judge(space.code(depth=3)) < judge(space.code(depth=6, last=144, width=1.5))


def test_networks_are_spread_evenly_over_the_logarithm_of_the_macs():
    chosen = family("ppg")
    codes = spread(chosen, 12, np.random.default_rng(4), bits=8)
    macs = np.log([chosen.costs(code)["macs"] for code in codes])
    assert len(set(codes)) == 12
    assert {chosen.space.settings(code)["bits"] for code in codes} == {8}
    steps = np.diff(macs)
    assert np.all(steps > 0.5 * steps.mean())
    assert np.all(steps < 1.5 * steps.mean())
