from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.affine import dequantize
from edgekit.core.metrics import sqnr_db
from edgekit.core.windows import correlate, pad
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.layerwise import refit
from edgekit.graph.rounding import descend, moments, reconstruct, round_adaptively
from edgekit.graph.run import predict, run
from tests.graph.test_equalize import X, chain, twice


def problem(seed, groups=2, outputs=3, inputs=5, rows=40):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(groups, rows, inputs)) @ rng.normal(size=(groups, inputs, inputs))
    w = rng.normal(0, 2, (groups, outputs, inputs))
    gram = np.swapaxes(x, 1, 2) @ x / rows
    return w, gram, w @ gram


def loss(codes, w, gram):
    return np.einsum("gok,gkl,gol->go", codes - w, gram, codes - w)


@given(st.integers(0, 10_000))
def test_the_loss_never_rises_and_no_single_change_lowers_it(seed):
    w, gram, cross = problem(seed)
    low, scale = np.floor(w), np.ones(w.shape[:2])
    codes = descend(np.rint(w), scale, gram, cross, low, low + 1, sweeps=100)
    found = loss(codes, w, gram)
    assert (found <= loss(np.rint(w), w, gram) + 1e-9).all()
    assert ((codes == low) | (codes == low + 1)).all()
    for k in range(w.shape[-1]):
        other = codes.copy()
        other[..., k] = 2 * low[..., k] + 1 - codes[..., k]
        assert (loss(other, w, gram) >= found - 1e-6 * (1 + found)).all()


def test_it_comes_close_to_the_best_of_all_roundings():
    """120 rows of 5 weights, all 32 roundings tried: most rows find the best one, few of the nearest codes are it."""
    found, nearest = [], []
    for seed in range(20):
        w, gram, cross = problem(seed)
        low = np.floor(w)
        every = np.stack([loss(low + np.array(up, float), w, gram) for up in product((0, 1), repeat=5)])
        codes = descend(np.rint(w), np.ones(w.shape[:2]), gram, cross, low, low + 1)
        found.append(loss(codes, w, gram) / every.min(axis=0))
        nearest.append(loss(np.rint(w), w, gram) / every.min(axis=0))
    best, lucky = (np.mean(np.array(ratio) < 1 + 1e-9) for ratio in (found, nearest))
    assert np.min(found) >= 1 - 1e-9
    assert best > 0.6
    assert lucky < 0.4


def test_uncorrelated_inputs_leave_the_nearest_code():
    w = np.random.default_rng(0).normal(0, 2, (1, 4, 6))
    gram = np.diag(np.arange(1.0, 7.0))[None]
    codes = descend(np.floor(w), np.ones((1, 4)), gram, w @ gram, np.floor(w), np.floor(w) + 1)
    np.testing.assert_array_equal(codes, np.rint(w))


@pytest.fixture(scope="module")
def layers():
    """What the walk shows of each layer of a chain with standard, depthwise, grouped and dense layers."""
    graph = chain(3, spread=0.3)
    integer = ptq.quantize_graph(graph, ptq.calibrate(graph, [X]), num_bits=3)
    seen = []
    refit(graph, integer, [X], lambda layer: seen.append(layer) or (layer.weight, layer.bias))
    return seen


@pytest.mark.parametrize("index", range(4))
def test_moments_give_the_loss_of_the_layer(layers, index):
    """tr(W G W^T) - 2 tr(W C^T) + E|y|^2 is the mean squared error of the layer, run for real, once centred."""
    layer = layers[index]
    groups = layer.node.attrs.get("groups", 1)
    gram, cross = moments(layer, groups)
    w = dequantize(layer.weight.data, layer.weight.qparams).astype(np.float64).reshape(groups, -1, gram.shape[-1])
    outputs, target = (batch[0].astype(np.float64).reshape(-1, len(layer.floating)) for batch in
                       (layer.forward(), layer.y))
    error = np.var(outputs - target, axis=0)
    found = np.einsum("gok,gkl,gol->go", w, gram, w) - 2 * np.einsum("gok,gok->go", w, cross)
    np.testing.assert_allclose(found.ravel() + np.var(target, axis=0), error, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("index", range(4))
def test_reconstruction_is_never_worse_than_the_nearest_code(layers, index):
    layer = layers[index]
    codes = reconstruct(layer)
    q = layer.weight.qparams
    assert codes.dtype == np.int8
    assert codes.min() >= q.qmin
    assert codes.max() <= q.qmax
    real = layer.floating / (q.scale.reshape(-1, *[1] * (codes.ndim - 1)))
    assert (np.abs(codes - np.clip(real, q.qmin, q.qmax)) <= 1 + 1e-6).all()

    def centred_error(data):
        w = dequantize(data, q)
        y = correlate(pad(layer.x[0], layer.node.attrs["padding"]), w, groups=layer.node.attrs["groups"]) \
            if w.ndim == 4 else layer.x[0] @ w.T
        return np.var((y - layer.y[0]).reshape(-1, len(w)), axis=0)

    ridge = 0.05 * centred_error(layer.weight.data).max()  # the pull towards the real weights may cost a little
    assert (centred_error(codes) <= centred_error(layer.weight.data) + ridge).all()


def test_whole_networks_get_better():
    """Ten random networks with 3-bit weights: all gain, and half of them at least 3 dB."""
    gains = []
    for seed in range(10):
        graph = chain(seed, spread=0.3)
        x = np.random.default_rng(seed).normal(size=(40, 6, 6, 2)).astype(np.float32)
        integer = ptq.quantize_graph(graph, ptq.calibrate(graph, [x]), num_bits=3)
        better = round_adaptively(graph, integer, [x])
        gains.append(sqnr_db(run(graph, x), predict(better, x)) - sqnr_db(run(graph, x), predict(integer, x)))
    assert min(gains) > 0
    assert np.median(gains) > 3


def test_weights_that_serve_two_layers_keep_their_codes():
    x = np.random.default_rng(1).normal(size=(30, 3)).astype(np.float32)
    integer = ptq.post_training_quantize(twice(), [x], num_bits=3)
    refitted = round_adaptively(twice(), integer, [x])
    assert all(np.array_equal(t.data, integer.tensors[t.name].data) for t in refitted.constants)


def test_the_option_of_post_training_quantize(small_graph, batch):
    folded = fold(small_graph)
    direct = round_adaptively(folded, ptq.post_training_quantize(small_graph, [batch], num_bits=4), [batch])
    chosen = ptq.post_training_quantize(small_graph, iter([batch]), num_bits=4, rounding="adaptive")
    for name, tensor in direct.tensors.items():
        if tensor.is_constant:
            np.testing.assert_array_equal(tensor.data, chosen.tensors[name].data)
    with pytest.raises(ValueError, match="rounding must be one of"):
        ptq.post_training_quantize(small_graph, [batch], rounding="up")
