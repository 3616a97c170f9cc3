"""MACs are saved where the error is smallest for them, and counted as the graph without the channels counts them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.graph import channel_budget
from edgekit.graph.channel_budget import spread
from edgekit.graph.channels import couple, remove
from edgekit.graph.cost import macs
from edgekit.nn import zoo

NAMES = ("ppg-cnn", "ppg-gru", "camera-detect-v1", "camera-presence-v3")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_macs_are_counted_as_in_the_graph_that_is_left(name, seed):
    rng, coupling = np.random.default_rng(seed), couple(zoo.load(name))
    kept = {group.name: rng.permutation(group.width) < rng.integers(1, group.width) for group in coupling.prunable}
    gone = {key: 1 - mask.mean() for key, mask in kept.items()}
    counted = channel_budget._macs(list(channel_budget._layers(coupling)), gone)
    assert counted == pytest.approx(macs(remove(coupling, kept)), rel=1e-9)


def thinned(coupling, ratios):
    return remove(coupling, {name: np.arange(coupling[name].width) >= round(ratio * coupling[name].width)
                             for name, ratio in ratios.items()})


def test_a_group_that_costs_nothing_goes_first_and_the_budget_is_met():
    coupling = couple(zoo.load("ppg-cnn"))
    free = coupling.prunable[3].name
    errors = {group.name: np.arange(group.width + 1.0) * (group.name != free) for group in coupling.prunable}
    for share, alone in ((0.9, True), (0.4, False)):
        limit = share * macs(coupling.graph)
        ratios = spread(coupling, errors, limit)
        assert 0.9 * limit < macs(thinned(coupling, ratios)) <= limit
        assert ({name for name, ratio in ratios.items() if ratio} == {free}) == alone
    assert ratios[free] == 31 / 32  # all but one


def test_equal_groups_lose_in_turn():
    """Errors that grow: two layers of the same size and cost lose alike."""
    coupling = couple(zoo.load("ppg-cnn"))
    a, b = (group.name for group in coupling.prunable[2:4])
    grown = {group.name: np.arange(group.width + 1.0) ** 2 if group.name in (a, b) else 1e6 * np.arange(group.width + 1)
             for group in coupling.prunable}
    ratios = spread(coupling, grown, 0.8 * macs(coupling.graph))
    assert ratios[a] == pytest.approx(ratios[b], abs=2 / 32)
    assert ratios[a] > 0.1


def test_what_does_not_fit_is_told():
    coupling = couple(zoo.load("ppg-cnn"))
    errors = {group.name: np.arange(group.width + 1.0) for group in coupling.prunable}
    with pytest.raises(ValueError, match=r"'conv1d' needs 17 errors that never fall, got shape \(2,\)"):
        spread(coupling, errors | {"conv1d": [0, 1]}, 1e6)
    with pytest.raises(ValueError, match="'conv1d' needs 17 errors"):
        spread(coupling, errors | {"conv1d": np.arange(17)[::-1]}, 1e6)
    with pytest.raises(ValueError, match="one channel in every group, more than the limit 10; raise it"):
        spread(coupling, errors, 10)
