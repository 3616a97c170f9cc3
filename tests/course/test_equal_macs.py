"""The rivals of the race cost the same, by their formula and in their graphs."""

import numpy as np
import pytest

from edgekit.core import block_costs
from edgekit.course import equal_macs
from edgekit.course.study_defs import macs_against_time
from edgekit.graph import cost

NAMES = ("1", *macs_against_time.BLOCKS)


@pytest.mark.parametrize("name", NAMES)
def test_formula_and_graph_agree_and_are_equal_to_all_others(name):
    found = equal_macs.layers(name, 6)
    graph, x = equal_macs.graph(name, 6)
    assert cost.macs(graph) == block_costs.macs(found)
    assert x.shape == (1, 6, 6, found[0].in_channels)
    on_the_map = [layer for layer in found if layer.out_size == (6, 6)]  # squeeze and excite see one place, at any size
    assert abs(block_costs.macs(on_the_map) / (36 * 9216) - 1) < 0.02


@pytest.mark.parametrize("groups", equal_macs.GROUPS)
def test_the_grouped_family_shares_macs_and_weights_exactly(groups):
    (layer,) = equal_macs.layers(str(groups), 24)
    assert (layer.macs, layer.weights, layer.groups) == (9216 * 24 * 24, 9216, groups)
    assert layer.reads == layer.writes == 24 * 24 * 32 * int(np.sqrt(groups))


def test_bytes_by_hand():
    assert equal_macs.moved_bytes(equal_macs.layers("1", 24)) == 4 * (2 * 24 * 24 * 32 + 9216)
    assert equal_macs.moved_bytes(equal_macs.layers("pointwise", 2), 1) == 2 * 4 * 96 + 96 * 96
    assert equal_macs.intensity(equal_macs.layers("1024", 24)) == 576 * 9216 / (4 * (2 * 576 * 1024 + 9216))


def test_seeds_draw_weights_and_inputs():
    (a, x), (b, y), (again, z) = (equal_macs.graph("1", 6, seed) for seed in (0, 1, 0))
    weight = next(name for name, tensor in a.tensors.items() if tensor.is_constant and tensor.data.ndim == 4)
    assert not np.array_equal(a.tensors[weight].data, b.tensors[weight].data)
    assert not np.array_equal(x, y)
    np.testing.assert_array_equal(a.tensors[weight].data, again.tensors[weight].data)
    np.testing.assert_array_equal(x, z)


def test_times_of_every_rival():
    pytest.importorskip("onnxruntime")
    rivals = [("1", 6), ("1", 2), ("4", 6)]
    found = equal_macs.times(rivals, 0, 1)
    assert list(found) == rivals
    assert all(0 < seconds < 1e-6 for seconds in found.values())


def test_the_study_declares_what_its_cell_gives():
    sides = macs_against_time.SIDES
    names = {f"at24_{name}" for name in macs_against_time.BLOCKS}
    names |= {f"standard_{side}" for side in sides[:-1]} | {f"depthwise_{side}" for side in sides}
    assert set(macs_against_time.STUDY.tolerance) == names
