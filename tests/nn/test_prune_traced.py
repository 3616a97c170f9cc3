"""Whatever `trace` accepts can lose channels and computes what zeros in their place compute, or says which node keeps
them and why."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from edgekit.graph.channel_scores import to_macs, weight_scores
from edgekit.graph.channels import choose, couple
from edgekit.graph.cost import macs
from edgekit.nn.models import PulseGru
from edgekit.nn.trace import trace
from tests.graph.test_channels import agree
from tests.nn.test_trace_models import FIELD, KIT, draw, randomised
from tests.nn.test_trace_random import networks
from tests.nn.test_trace_recurrent import PICKS, Reader

#: why channels stay: they are what goes in or comes out, there is but one, or a node of this name needs them all
REASON = re.compile(r"'([^']+)' is an (input|output) of the network|it has one channel only|node '([^']+)' .+")


def explained(coupling):
    """Every group that stays whole names why, and a node that exists."""
    names = {node.output for node in coupling.graph.nodes} | set(coupling.graph.inputs)
    for group in coupling.groups:
        found = REASON.fullmatch(group.reason)
        assert bool(found) == (group not in coupling.prunable), group
        if found:
            assert (found[1] or found[3] or group.name) in names


@pytest.mark.parametrize("name", [*FIELD, *(name for name in KIT if "v3" in name)])
def test_networks_of_the_field_lose_channels(name):
    build, shape = {**FIELD, **KIT}[name]
    coupling = couple(trace(randomised(build), draw(2, *shape)))
    explained(coupling)
    smaller = agree(coupling.graph, choose(coupling, weight_scores(coupling), 0.4), coupling)
    assert macs(smaller) < macs(coupling.graph)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
@pytest.mark.parametrize("pick", PICKS)
def test_recurrent_networks_lose_states(kind, pick):
    """"both" reads one layer's weights by two nodes; they lose the same states."""
    head = nn.Conv1d(4, 2, 1) if pick == "all states" else nn.LazyLinear(2)
    model, x = nn.Sequential(Reader(kind, PICKS[pick]), head).eval(), draw(2, 3, 20)
    model(x)  # tells the lazy layer its width
    coupling = couple(trace(model, x))
    explained(coupling)
    (states,) = coupling.prunable
    smaller = agree(coupling.graph, choose(coupling, weight_scores(coupling), {states.name: 0.5}), coupling)
    assert {smaller.tensors[name].shape[-1] for name in states.layers} == {2}


def test_a_gru_is_thinned_to_a_budget():
    coupling = couple(trace(randomised(PulseGru), draw(2, 1, 200)))
    smaller = agree(coupling.graph, to_macs(coupling, weight_scores(coupling), macs(coupling.graph) / 2.5, 4), coupling)
    assert macs(smaller) <= macs(coupling.graph) / 2.5


@given(case=networks(), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_random_networks_lose_random_channels(case, seed):
    model, x = case
    rng, coupling = np.random.default_rng(seed), couple(trace(model.eval(), x))
    explained(coupling)
    kept = {}
    for group in coupling.prunable:
        kept[group.name] = rng.random(group.width) < 0.5
        kept[group.name][rng.integers(group.width)] = True
    smaller = agree(coupling.graph, kept, coupling)
    assert macs(smaller) <= macs(coupling.graph)
