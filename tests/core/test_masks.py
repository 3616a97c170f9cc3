"""Masks keep exactly the budget, and what torch's own pruning keeps."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from torch.nn.utils import prune

from edgekit.core import masks, saliency

SCORES = arrays(np.float64, array_shapes(max_dims=3, max_side=6), elements=st.integers(0, 4).map(float))


@pytest.mark.parametrize(("scores", "count", "kept"), [
    ([3, 1, 2], 2, [1, 0, 1]),
    ([1, 1, 1], 1, [1, 0, 0]),
    ([1, 2, 2, 2], 2, [0, 1, 1, 0]),
    ([5], 0, [0]),
])
def test_the_highest_stay_and_of_equal_ones_the_first(scores, count, kept):
    assert masks.top(np.array(scores, float), count).tolist() == [bool(k) for k in kept]


@given(SCORES, st.data())
def test_the_budget_is_met_exactly_and_nothing_kept_scores_below_anything_removed(scores, data):
    count = data.draw(st.integers(1, scores.size))
    mask = masks.top(scores, count)
    assert mask.sum() == count
    if count < scores.size:
        assert scores[mask].min() >= scores[~mask].max()


@given(st.lists(SCORES, min_size=1, max_size=4), st.floats(0, 0.95))
def test_over_all_layers_the_total_is_the_budget_and_no_layer_vanishes(parts, sparsity):
    scores = {str(i): part for i, part in enumerate(parts)}
    total = sum(part.size for part in parts)
    if total - round(sparsity * total) < len(parts):
        with pytest.raises(ValueError, match="prune less"):
            masks.over_layers(scores, sparsity)
        return
    found = masks.over_layers(scores, sparsity)
    assert sum(int(m.sum()) for m in found.values()) == masks.kept_count(total, sparsity)
    assert all(m.any() and m.shape == scores[name].shape for name, m in found.items())
    assert masks.sparsity(found) == pytest.approx(round(sparsity * total) / total)


def layers(seed=0):
    draw = torch.Generator().manual_seed(seed)
    return [torch.nn.utils.skip_init(torch.nn.Linear, 7, 5), torch.nn.utils.skip_init(torch.nn.Linear, 5, 11)], draw


@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.5, 0.81])
def test_magnitude_masks_are_those_of_torch(sparsity):
    modules, draw = layers()
    for module in modules:
        module.weight.data = torch.randn(module.weight.shape, generator=draw)
    weights = {str(i): module.weight.detach().numpy().copy() for i, module in enumerate(modules)}
    scores = {name: saliency.magnitude(w) for name, w in weights.items()}
    for ours, module in zip(masks.per_layer(scores, sparsity).values(), modules, strict=True):
        theirs = prune.L1Unstructured(sparsity).compute_mask(module.weight, torch.ones_like(module.weight))
        np.testing.assert_array_equal(ours, theirs.bool().numpy())
    prune.global_unstructured([(m, "weight") for m in modules], prune.L1Unstructured, amount=sparsity)
    for ours, module in zip(masks.over_layers(scores, sparsity).values(), modules, strict=True):
        np.testing.assert_array_equal(ours, module.weight_mask.bool().numpy())


@pytest.mark.parametrize(("n", "m"), [(2, 4), (1, 4), (3, 5), (4, 4)])
def test_n_of_m_by_a_plain_loop(n, m):
    scores = np.random.default_rng(n).integers(0, 5, (3, 2, 7)).astype(float)
    mask = masks.n_of_m(scores, n, m)
    for row, kept in zip(scores.reshape(3, -1), mask.reshape(3, -1), strict=True):
        for start in range(0, 14, m):
            run = row[start : start + m]
            order = sorted(range(len(run)), key=lambda i, run=run: (-run[i], i))[:n]
            assert np.flatnonzero(kept[start : start + m]).tolist() == sorted(order)


def test_two_of_four_halves_a_matrix():
    w = np.random.default_rng(0).normal(size=(8, 32))
    assert masks.sparsity(masks.n_of_m(np.abs(w), 2, 4)) == 0.5
    assert masks.sparsity(masks.n_of_m(np.abs(w), 1, 4)) == 0.75


@pytest.mark.parametrize(("call", "message"), [
    (lambda: masks.kept_count(10, 1.0), r"sparsity must be a number in \[0, 1\), got 1.0"),
    (lambda: masks.kept_count(10, -0.1), r"sparsity must be a number in \[0, 1\), got -0.1"),
    (lambda: masks.kept_count(10, float("nan")), "got nan"),
    (lambda: masks.kept_count(10, 0.99), "leaves none of 10 weights; prune less"),
    (lambda: masks.per_layer({"a": np.ones(2)}, 0.9), "per_layer: layer 'a'.*leaves none of 2"),
    (lambda: masks.per_layer({"a": np.ones(2)}, {"b": 0.5}), r"sparsity names \['b'\], the layers are \['a'\]"),
    (lambda: masks.over_layers({"a": np.ones(2), "b": np.ones(2)}, 0.7), "leaves 1 weights, but 2 layers keep"),
    (lambda: masks.over_layers({"a": np.array([np.nan])}, 0.5), "layer 'a': scores must be finite"),
    (lambda: masks.n_of_m(np.ones((2, 4)), 5, 4), "got 5 of 4"),
    (lambda: masks.top(np.ones(3), 4), r"count must be 0..3, got 4"),
    (lambda: masks.check_masks("prune", {"w": np.ones(3)}, {"w": (2,)}), r"mask of 'w' has shape \(3,\), its weight"),
    (lambda: masks.check_masks("prune", {"v": np.ones(3)}, {"w": (3,)}), "no layer has the weight 'v'; there are w"),
    (lambda: masks.check_masks("prune", {"w": [0.5, 1]}, {"w": (2,)}), r"must hold 0 and 1 \(1 = keep\)"),
    (lambda: masks.cubic(0.5, 1.0), r"final must be a number in \[0, 1\)"),
])
def test_what_cannot_be_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(st.floats(0, 0.99), st.floats(0, 1), st.floats(0, 1))
def test_schedules_rise_to_the_final_sparsity(final, one, other):
    early, late = sorted((one, other))
    for schedule in masks.SCHEDULES.values():
        assert 0 <= schedule(early, final) <= schedule(late, final) <= final + 1e-12
        assert schedule(1.0, final) == pytest.approx(final)


def test_each_iterative_round_removes_the_same_share():
    kept = 1 - masks.iterative(np.arange(6) / 5, 0.8)
    np.testing.assert_allclose(kept[1:] / kept[:-1], 0.2 ** (1 / 5))
