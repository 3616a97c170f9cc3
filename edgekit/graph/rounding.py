"""Adaptive rounding: choose for all weights of a layer together whether to round up or down.

The nearest code is best for each weight alone, not for their sum: errors of weights that see similar inputs add up.
With G = E[x x^T] over the (centred) inputs that a layer will see, what counts is

    loss(W_q) = E |W_q x - y|^2 = tr(W_q G W_q^T) - 2 tr(W_q C^T) + const,    C = E[y x^T]

y is the output in floats, x the input after quantization. This is the problem that AdaRound poses. It is solved here
by coordinate descent: one weight of every output channel at a time is set to its best code while the others stay, so
the loss never rises. It needs only G and C, whatever the number of samples.

Source: Nagel et al., "Up or Down? Adaptive Rounding for Post-Training Quantization", ICML 2020, sections 3 and 4
(the problem); Behdin et al., "QuantEase", arXiv:2309.01885, section 3 (coordinate descent).
"""

from dataclasses import replace

import numpy as np

from edgekit.core.windows import pad, pair, resolve_padding, windows
from edgekit.graph.correct import mean_corrected
from edgekit.graph.layerwise import refit

MAX_ROWS = 1 << 14  # positions per layer from which G and C are taken
SWEEPS = 20
RIDGE = 0.01  # pulls each weight towards its real value, in units of the mean of G's diagonal


def round_adaptively(floating, integer, batches, progress=lambda text: None):
    """Return `integer` with the codes of all weights chosen to reconstruct each layer's output, and biases corrected.

    floating: the folded float graph that `integer` was made from; batches: arrays (N, ...) of real inputs. Scales stay;
    each code is one of the two next to its real weight.
    """

    def fit(layer):
        weight = replace(layer.weight, data=reconstruct(layer))
        return weight, mean_corrected(layer, weight)

    return refit(floating, integer, batches, fit, progress)


def reconstruct(layer):
    """Return the codes of the weight of `layer`, int8 in its shape."""
    groups = layer.node.attrs.get("groups", 1)
    gram, cross = moments(layer, groups)
    real = layer.floating.astype(np.float64).reshape(groups, -1, gram.shape[-1])
    codes = layer.weight.data.astype(np.float64).reshape(real.shape)
    qparams = layer.weight.qparams
    scale = np.broadcast_to(qparams.scale, (len(layer.floating),)).reshape(groups, -1)
    ridge = RIDGE * np.einsum("gkk->g", gram)[:, None, None] / gram.shape[-1]
    gram, cross = gram + ridge * np.eye(gram.shape[-1]), cross + ridge * real
    low = np.clip(np.floor(real / scale[..., None]), qparams.qmin, qparams.qmax - 1)
    return descend(codes, scale, gram, cross, low, low + 1).reshape(layer.floating.shape).astype(np.int8)


def descend(codes, scale, gram, cross, low, high, sweeps=SWEEPS):
    """Return codes (g, O, K) between `low` and `high` at which no change of a single code lowers the loss.

    scale: (g, O); gram: (g, K, K); cross: (g, O, K). At most `sweeps` passes over all weights.

    >>> one = np.ones((1, 1, 2))
    >>> g = np.ones((1, 2, 2))                  # both inputs are always equal: only the sum of the weights counts
    >>> descend(0 * one, np.ones((1, 1)), g, (0.4 * one) @ g, 0 * one, one).ravel().tolist()
    [1.0, 0.0]
    """
    codes = np.clip(codes, low, high)
    slope = (codes * scale[..., None]) @ gram - cross  # half the gradient of the loss
    curvature = np.einsum("gkk->gk", gram)
    for _ in range(sweeps):
        changed = False
        for k in np.flatnonzero((curvature > 0).all(axis=0)):
            best = codes[..., k] - slope[..., k] / (curvature[:, None, k] * scale)
            best = np.clip(np.rint(best), low[..., k], high[..., k])
            step = scale * (best - codes[..., k])
            if step.any():
                changed, codes[..., k] = True, best
                slope += step[..., None] * gram[:, None, k]
        if not changed:
            break
    return codes


def moments(layer, groups):
    """Return G (g, K, K) and C (g, O, K) of the centred inputs and targets of `layer`, means over positions."""
    positions = sum(y.size // y.shape[-1] for y in layer.y)
    stride = -(-positions // MAX_ROWS)
    x = [_rows(layer.node, x, layer.weight.shape, groups)[::stride] for x in layer.x]
    y = [y.reshape(-1, groups, y.shape[-1] // groups)[::stride] for y in layer.y]
    x, y = (np.moveaxis(np.concatenate(parts).astype(np.float64), 1, 0) for parts in (x, y))
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    transposed = np.swapaxes(x, 1, 2) / x.shape[1]
    return transposed @ x, np.swapaxes(transposed @ y, 1, 2)


def _rows(node, x, shape, groups):
    """The inputs that one output position sees, for all positions: (positions, g, K)."""
    if node.op == "dense":
        return x.reshape(-1, 1, x.shape[-1])
    stride, dilation, kernel = pair(node.attrs["stride"]), pair(node.attrs["dilation"]), shape[1:3]
    padding = resolve_padding(node.attrs["padding"], x.shape[1:3], kernel, stride, dilation)
    view = windows(pad(x, padding), kernel, stride, dilation)
    view = np.moveaxis(view.reshape(*view.shape[:-1], groups, -1), -2, 3)
    return view.reshape(-1, groups, int(np.prod(shape[1:])))
