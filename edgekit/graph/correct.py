"""Bias correction: quantized weights shift the mean of every output channel; take the shift out of the bias.

The error of the weights, e = w_q - w, is not zero on average over the weights of one channel, and the inputs, after
a ReLU, are not zero on average either. Their product moves the mean of the channel by e E[x]. A bias costs nothing,
so it may carry the difference away:

    empirical   b' = b + E[y] - E[y_q]         means over calibration data, layer after layer
    analytic    b' = b - sum e E[x]            E[x] from the batch norm before the ReLU, no data

Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019, section 4.2.
"""

import math
from dataclasses import replace

import numpy as np

from edgekit.core.affine import dequantize
from edgekit.graph.layerwise import WITH_WEIGHTS, refit

INT32 = np.iinfo(np.int32)


def correct_bias(floating, integer, batches, progress=lambda text: None):
    """Return `integer` with biases such that every layer has the channel means that it has in the float graph.

    floating: the folded float graph that `integer` was made from; batches: arrays (N, ...) of real inputs. The means
    are taken before the activation. What remains is at most half a step of the bias.
    """
    return refit(floating, integer, batches, lambda layer: (layer.weight, mean_corrected(layer)), progress)


def mean_corrected(layer, weight=None):
    """Return the bias tensor with which `layer`, with integer tensor `weight` if given, has the means of its target."""
    axes = tuple(range(layer.y[0].ndim - 1))
    pairs = zip(layer.y, layer.forward(weight), strict=True)
    shift = sum((y - y_q).sum(axes, dtype=np.float64) for y, y_q in pairs)
    return shifted(layer.bias, shift / sum(y.size // y.shape[-1] for y in layer.y), layer.bias_scale)


def shifted(bias, shift, scale):
    """Return the int32 or int64 tensor `bias` with the real values `shift` (O,) added, on its grid of step `scale`."""
    codes = bias.data.astype(np.int64) + np.rint(shift / scale).astype(np.int64)
    return replace(bias, data=codes if bias.dtype == "int64" else np.clip(codes, INT32.min, INT32.max).astype(np.int32))


def correct_bias_analytically(unfolded, folded, integer):
    """Return `integer` with the shift that the weights' errors cause taken away, without any data.

    unfolded: the float graph with its batch norms; folded: `fold(unfolded)`, from which `integer` was made. A layer
    whose input does not come from a batch norm and a ReLU keeps its bias. Zero padding at the borders is ignored.
    """
    means, tensors = expected_inputs(unfolded), dict(integer.tensors)
    for real, whole in zip(folded.nodes, integer.nodes, strict=True):
        mean = means.get(real.inputs[0])
        if real.op in WITH_WEIGHTS and mean is not None:
            x, weight, bias = (tensors[name] for name in whole.inputs)
            error = dequantize(weight.data, weight.qparams).astype(np.float64) - folded.tensors[real.inputs[1]].data
            shift = _contract(error, mean, real)
            tensors[bias.name] = shifted(bias, -shift, x.qparams.scale * weight.qparams.scale)
    return integer.with_tensors(**tensors)


def _contract(error, mean, node):
    """sum of error * E[x] over the inputs and the taps of each output channel, (O,)."""
    if node.op == "dense":
        return error @ np.tile(mean, error.shape[-1] // mean.size)
    groups = node.attrs["groups"]
    inputs = np.repeat(mean.reshape(groups, -1), len(error) // groups, axis=0)
    return (error.sum(axis=(1, 2)) * inputs).sum(axis=1)


def expected_inputs(graph):
    """Return {activation: E[x] (C,)} of a graph with batch norms: of their outputs, and of what follows them.

    A batch norm gives each channel the mean beta and the deviation |gamma|; taken as normal, ReLU and ReLU6 follow.
    Average pooling and reshaping keep a channel's mean.
    """
    means, before = {}, {}
    for node in graph.nodes:
        source = node.inputs[0]
        if node.op == "batch_norm":
            gamma, beta = (graph.tensors[name].data.astype(np.float64) for name in node.inputs[1:3])
            means[node.output], before[node.output] = beta, (beta, np.abs(gamma))
        elif node.op in ("relu", "relu6") and source in before:
            means[node.output] = clipped_mean(*before[source], 6.0 if node.op == "relu6" else math.inf)
        elif node.op in ("avg_pool2d", "reshape") and source in means and _keeps_channels(graph, node):
            means[node.output] = means[source]
    return means


def _keeps_channels(graph, node):
    return graph.tensors[node.output].shape[-1] % graph.tensors[node.inputs[0]].shape[-1] == 0


def clipped_mean(mean, deviation, high=math.inf):
    """Return E[min(max(x, 0), high)] of normal x, element by element.

        d (f(a) - f(c)) + m (F(c) - F(a)) + high (1 - F(c)),   a = -m / d,  c = (high - m) / d

    with density f and distribution F of the standard normal. Source: Nagel et al., 2019, appendix C.

    >>> round(float(clipped_mean(np.zeros(1), np.ones(1))[0]), 4)
    0.3989
    """
    deviation = np.maximum(deviation, 1e-12)
    a, c = -mean / deviation, (high - mean) / deviation
    top = high * (1 - _normal(c)) if math.isfinite(high) else 0.0
    return deviation * (_density(a) - _density(c)) + mean * (_normal(c) - _normal(a)) + top


def _density(z):
    return np.exp(-0.5 * np.square(z)) / math.sqrt(2 * math.pi)


def _normal(z):
    return 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(z / math.sqrt(2)))
