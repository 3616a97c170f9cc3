import numpy as np
import pytest

from edgekit.graph import ptq
from edgekit.graph.correct import clipped_mean, correct_bias, correct_bias_analytically, expected_inputs
from edgekit.graph.fold import fold
from edgekit.graph.layerwise import refit
from edgekit.graph.run import predict, run


@pytest.fixture
def two_bits(small_graph, batch):
    """The folded float graph and a coarse integer twin, whose means are badly off."""
    folded = fold(small_graph)
    return folded, ptq.quantize_graph(folded, ptq.calibrate(folded, [batch]), num_bits=2)


def test_channel_means_before_the_activation_are_those_of_the_float_graph(two_bits, batch):
    """After correction the mean error of every layer is at most half a step of its bias."""
    folded, integer = two_bits
    corrected = correct_bias(folded, integer, [batch[:7], batch[7:]])
    errors, scales = [], []

    def look(layer):
        pairs = zip(layer.y, layer.forward(), strict=True)
        axes = tuple(range(layer.y[0].ndim - 1))
        total = sum((y - y_q).sum(axes, dtype=float) for y, y_q in pairs)
        errors.append(np.abs(total / sum(y.size // y.shape[-1] for y in layer.y)))
        scales.append(layer.bias_scale)
        return layer.weight, layer.bias

    refit(folded, integer, [batch], look)
    before = errors.copy()
    errors.clear()
    refit(folded, corrected, [batch], look)
    assert len(errors) == 2
    for error, was, scale in zip(errors, before, scales[2:], strict=True):
        assert (error <= scale / 2 + 1e-5).all()
        assert was.max() > 3 * error.max()


def test_only_biases_change_and_the_output_mean_gets_closer(two_bits, batch, small_graph):
    folded, integer = two_bits
    corrected = correct_bias(folded, integer, [batch])
    changed = [name for name, t in corrected.tensors.items() if t is not integer.tensors[name]
               and not np.array_equal(t.data, integer.tensors[name].data)]
    assert changed == ["conv.bias.folded", "head.bias"]
    off = [np.abs((predict(g, batch) - run(small_graph, batch)).mean(axis=0)).max() for g in (integer, corrected)]
    assert off[1] < off[0] / 3


def test_the_forward_of_a_layer_is_that_of_the_integer_graph(two_bits, batch):
    """One layer in real numbers, requantized, gives the codes of the kernel that rounds once."""
    folded, integer = two_bits
    codes = run(integer, ptq.quantize(batch, integer.tensors["x"].qparams), "single", all_tensors=True)
    q = integer.tensors["relu"].qparams
    seen = []
    refit(folded, integer, [batch], lambda layer: seen.append(layer) or (layer.weight, layer.bias))
    again = ptq.quantize(np.maximum(seen[0].forward()[0], 0), q)
    np.testing.assert_array_equal(again, codes["relu"])


@pytest.mark.parametrize(("mean", "deviation", "high"), [(0.3, 1.0, np.inf), (-2.0, 1.5, 6.0), (5.0, 3.0, 6.0)])
def test_clipped_mean_against_a_million_draws(mean, deviation, high):
    """The mean of n draws is off by less than 5 deviations / sqrt(n)."""
    draws = np.clip(np.random.default_rng(0).normal(mean, deviation, 1_000_000), 0, high)
    assert abs(clipped_mean(np.array([mean]), np.array([deviation]), high)[0] - draws.mean()) < 5 * deviation / 1000


def test_expected_inputs_follow_norm_relu_pool_and_reshape(small_graph):
    means = expected_inputs(small_graph)
    gamma, beta = (small_graph.tensors[f"norm.{name}"].data for name in ("weight", "bias"))
    np.testing.assert_array_equal(means["norm"], beta.astype(float))
    np.testing.assert_allclose(means["flat"], clipped_mean(beta.astype(float), np.abs(gamma).astype(float)))
    assert set(means) == {"norm", "relu", "pool", "flat"}


def test_analytic_correction_agrees_with_the_sum_one_by_one(two_bits, small_graph):
    folded, integer = two_bits
    corrected = correct_bias_analytically(small_graph, folded, integer)
    weight, mean = integer.tensors["head.weight"], expected_inputs(small_graph)["flat"]
    scale = integer.tensors["flat"].qparams.scale * weight.qparams.scale
    for o in range(3):
        shift = 0.0
        for i in range(4):
            shift += (weight.data[o, i] * weight.qparams.scale[o] - folded.tensors["head.weight"].data[o, i]) * mean[i]
        change = int(corrected.tensors["head.bias"].data[o]) - int(integer.tensors["head.bias"].data[o])
        assert abs(change + shift / scale[o]) <= 0.5001
    assert corrected.tensors["conv.bias.folded"] is integer.tensors["conv.bias.folded"]  # its input is the data


@pytest.mark.parametrize(("batches", "message"), [
    ([], "no batch was given"),
    ([np.zeros((2, 1, 9, 2), np.float32)], r"finite arrays \(N, 1, 8, 2\)"),
    ([np.full((2, 1, 8, 2), np.nan, np.float32)], "finite arrays"),
])
def test_bad_batches(two_bits, batches, message):
    with pytest.raises(ValueError, match=message):
        correct_bias(*two_bits, batches)


def test_graphs_that_do_not_belong_together(two_bits, small_graph, batch):
    folded, integer = two_bits
    with pytest.raises(ValueError, match="differ in their nodes"):
        correct_bias(small_graph, integer, [batch])
    with pytest.raises(ValueError, match="takes the folded float graph"):
        correct_bias(integer, folded, [batch])
