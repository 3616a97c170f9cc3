"""What the SparsityExplorer shows: masks of a real layer, bytes that were really serialized, curves of a study."""

import time
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from edgekit.core import masks as core
from edgekit.course.sparsity import kept, pruned
from edgekit.graph import cost, ptq, sparse_size
from edgekit.graph.fold import fold
from edgekit.nn import zoo
from edgekit.ui.sparsity_explorer import FORMS, SparsityExplorer, curves_of

MEANS = {"float": 0.93, "untrained_all_50": 0.8, "untrained_all_80": 0.1, "once_all_50": 0.92, "once_all_80": 0.86,
         "gradual_all_50": 0.91, "gradual_all_80": 0.88, "untrained_layer_80": 0.05, "once_layer_80": 0.84,
         "gradual_layer_80": 0.85, "untrained_2:4_50": 0.3, "once_2:4_50": 0.9, "untrained_1:4_75": 0.1,
         "once_1:4_75": 0.8, "untrained_channels_80": 0.05, "once_channels_80": 0.7}


def study(means=MEANS):
    values = {name: [mean - 0.01, mean, mean + 0.01] for name, mean in means.items()}
    return SimpleNamespace(values=values, mean=lambda key: means[key], interval=lambda key: (means[key] - 0.02,
                                                                                             means[key] + 0.02))


@cache
def pulse():
    graph = zoo.load("ppg-cnn")
    x = np.random.default_rng(0).standard_normal((4, 1, 1000, 1)).astype(np.float32)
    return graph, ptq.calibrate(fold(graph), [x])


def make():
    return SparsityExplorer(*pulse(), study())


def test_bytes_are_lengths_of_what_is_serialized_and_the_mask_is_that_of_the_layer():
    explorer, (graph, ranges) = make(), pulse()
    explorer.set(sparsity=0.8, structure="all", layer="features.3.0.weight")
    state = explorer.compute(**explorer.values)
    masks = kept(graph, "all", 0.8)
    np.testing.assert_array_equal(state.mask, masks["features.3.0.weight"])
    assert state.zeros == pytest.approx(0.8)
    integer = explorer.integer
    for name, mask in masks.items():
        codes = integer.tensors[explorer._in_integer(name)].data
        assert codes.shape == mask.shape
    assert state.bytes["dense"] == sparse_size.sizes(ptq.quantize_graph(fold(graph), ranges))["dense"]
    assert min(state.bytes.values()) < cost.weight_bytes(integer) / 2
    drawn = explorer.figure.mask.get_array()
    assert drawn.shape == (32, 160)
    assert drawn.sum() == state.mask.sum()


def test_without_channels_the_graph_itself_is_smaller():
    explorer, (graph, ranges) = make(), pulse()
    explorer.set(structure="channels", sparsity=0.8)
    state = explorer.compute(**explorer.values)
    smaller = ptq.quantize_graph(fold(pruned(graph, "channels", 0.8)), ranges)
    assert state.bytes == {form: sparse_size.sizes(smaller)[form] for form in FORMS}
    assert min(state.bytes, key=state.bytes.get) in ("dense", "huffman")
    assert state.zeros == pytest.approx(core.sparsity(kept(graph, "channels", 0.8)))
    rows = state.mask.reshape(len(state.mask), -1).any(axis=1)
    assert 0 < rows.sum() < len(rows)


def test_patterns_have_a_sparsity_of_their_own_and_go_at_once():
    explorer = make()
    explorer.set(structure="2:4", sparsity=0.8, schedule="gradual")
    sparsity, schedule = explorer.controls["sparsity"], explorer.controls["schedule"]
    assert (sparsity.disabled, sparsity.readout) == (True, False)  # it does not say 80 % beside a headline of 50 %
    assert schedule.value == "once"  # gradually was not studied
    state = explorer.compute(**explorer.values)
    assert (state.sparsity, state.schedule, state.value) == (0.5, "once", 0.9)
    explorer.set(schedule="untrained")
    assert explorer.compute(**explorer.values).value == 0.3
    explorer.set(structure="all", schedule="gradual")
    assert (sparsity.disabled, sparsity.readout) == (False, True)
    assert explorer.compute(**explorer.values).value == 0.88


def test_the_figure_marks_the_point_of_the_study_and_its_interval():
    explorer = make()
    explorer.set(structure="all", schedule="gradual", sparsity=0.8)
    figure = explorer.figure
    assert (list(figure.ring.get_xdata()), list(figure.ring.get_ydata())) == ([0.8], [0.88])
    assert list(figure.interval.get_ydata()) == pytest.approx([0.86, 0.9])
    assert list(figure.curves["untrained"].get_ydata()) == [0.8, 0.1]
    assert "macro F1 0.88; " in explorer.headline.value
    assert "80 % gone, gradually" in explorer.headline.value
    written = [text.get_text().strip() for text in figure.written]
    assert written == [f"{size:,}" for size in explorer.compute(**explorer.values).bytes.values()]


def test_every_move_takes_less_than_a_tenth_of_a_second():
    explorer = make()
    for name, way in {"sparsity": [0.5, 0.8], "structure": ["layer", "2:4", "channels", "all"],
                      "schedule": ["untrained", "gradual"], "layer": ["classify.weight"]}.items():
        for value in way:
            start = time.process_time()  # of this process alone, however busy the machine
            explorer.set(**{name: value})
            assert time.process_time() - start < 0.1, (name, value)


@pytest.mark.parametrize("means", [{"float": 0.9}, {"once_all_50": 0.9}, {"float": 0.9, "odd": 0.1}])
def test_studies_that_do_not_fit(means):
    with pytest.raises(ValueError, match="SparsityExplorer: the study needs 'float'"):
        curves_of(study(means))
