"""A skeleton costs what the traced torch network costs, to the byte; the hand-made networks are in the spaces."""

import numpy as np
import pytest

from edgekit.deploy.devices import DEVICES, device
from edgekit.graph import cost
from edgekit.graph.fold import fold
from edgekit.nn import zoo
from edgekit.nn.export import to_graph
from edgekit.search.families import FAMILIES, family
from edgekit.search.limits import Limits
from edgekit.search.skeleton import Skeleton, costs

CODES = [(task, seed) for task in FAMILIES for seed in range(4)]


@pytest.mark.parametrize(("task", "seed"), CODES)
def test_costs_are_those_of_the_traced_network(task, seed):
    chosen = family(task)
    code = chosen.space.sample(np.random.default_rng(seed))
    found = chosen.space.settings(code)
    graph = fold(to_graph(chosen.build(code), chosen.input_shape(found), "traced", {}))
    assert chosen.costs(code) == costs(graph, found["bits"])
    assert chosen.costs(code)["macs"] == cost.macs(graph)
    assert [node.op for node in chosen.skeleton(found).nodes] == [node.op for node in graph.nodes]


@pytest.mark.parametrize(("task", "model"), [
    ("ppg", "ppg-cnn-int8"), ("acoustic-fault", "acoustic-student-int8"),
    ("acoustic-anomaly", "acoustic-autoencoder-int8")])
def test_the_hand_made_network_is_in_the_space_and_costs_what_ships(task, model):
    chosen, shipped = family(task), zoo.load(model)
    found = chosen.costs(chosen.space.code(**chosen.baseline))
    summary = cost.summary(shipped)
    assert found == {name: summary[name].value for name in found}


@pytest.mark.parametrize(("task", "macs"), [
    ("ppg", 3_044_192), ("acoustic-fault", 168_640), ("acoustic-anomaly", 164_352), ("camera-presence", 2_795_584)])
def test_the_plan_without_a_code_is_the_hand_made_network(task, macs):
    plan = family(task).plan()
    assert (plan.costs["macs"], plan.bits) == (macs, 8)
    graph = fold(to_graph(plan.build(), plan.shape, "traced", {}))
    assert cost.macs(graph) == macs


def test_a_plan_is_what_its_code_means():
    chosen = family("camera-presence")
    code = chosen.space.code(resolution=64, bits=4)
    plan = chosen.plan(code)
    assert (plan.shape, plan.bits, plan.costs) == ((3, 64, 64), 4, chosen.costs(code))


def test_limits_name_what_is_exceeded():
    card = device("cortex-m0+ small")
    fits = {"macs": 1000, "weight_bytes": 1000, "peak_ram_bytes": 1000}
    assert Limits(card).allow(fits)
    assert set(Limits(card, latency_ms=0.001, weight_bytes=999).exceeded(fits)) == {"latency_ms", "weight_bytes"}
    assert Limits(card, weight_bytes=10**9).most["weight_bytes"] == card.flash_bytes
    edge = {**fits, "peak_ram_bytes": card.ram_bytes, "weight_bytes": card.flash_bytes}
    assert Limits(card).allow(edge)
    assert not Limits(card).allow({**edge, "peak_ram_bytes": card.ram_bytes + 1})
    with pytest.raises(ValueError, match="latency_ms must be above 0, got 0"):
        Limits(card, latency_ms=0)


@pytest.mark.parametrize("card", DEVICES.values(), ids=DEVICES)
def test_latency_is_that_of_the_card(card):
    macs = 1_000_000
    limit = card.latency(macs).value
    found = {"macs": macs, "weight_bytes": 1, "peak_ram_bytes": 1}
    assert Limits(card, latency_ms=limit).allow(found)
    assert not Limits(card, latency_ms=0.999 * limit).allow(found)


def test_a_skeleton_by_hand():
    net = Skeleton((4, 4, 3)).conv(8, (3, 3), (2, 2))
    first = net.last
    graph = net.depthwise((3, 3)).conv(8, activation=None).add(first).pool().dense(2).graph()
    assert cost.macs(graph) == 4 * 9 * 3 * 8 + 4 * 9 * 8 + 4 * 8 * 8 + 16
    assert graph.tensors[graph.outputs[0]].shape == (2,)


def test_unknown_tasks_list_the_known():
    with pytest.raises(ValueError, match="no search space for task 'pgp'; there are: ppg, acoustic-fault"):
        family("pgp")
