"""Blocks of efficient networks, each a few operators of `ops`: (N, H, W, C) in and out, H = 1 for a signal.

    separable(x, depthwise, pointwise)                   K^2 C + C C' weights in place of K^2 C C'
    squeeze_excite(x, squeeze, excite)                   x * h(W2 relu(W1 mean(x)))
    inverted_residual(x, widen, depthwise, narrow)       wide in the middle, narrow and linear at the end
    shuffle_unit(x, first, depthwise, last, groups)      grouped 1 x 1, shuffle, depthwise, grouped 1 x 1

A layer is (weight (O, KH, KW, C / groups), bias (O,) or None), its batch norm folded in. Padding is 'same', counted as
torch counts it: K // 2 on both sides.
"""

from edgekit.core.activations import hard_sigmoid
from edgekit.core.ops import add, conv2d, mul, relu
from edgekit.core.shape_ops import channel_shuffle, mean


def separable(x, depthwise, pointwise, stride=1, activation=relu):
    """Return y = f(P * f(D * x)): one K x K kernel for each channel, then a 1 x 1 that mixes them.

    Source: Howard et al. 2017, MobileNets, section 3.1.

    >>> import numpy as np
    >>> x, D, P = np.ones((1, 1, 3, 2)), np.ones((2, 1, 3, 1)), np.array([[1.0, 1.0]]).reshape(1, 1, 1, 2)
    >>> separable(x, (D, None), (P, None)).ravel().tolist()
    [4.0, 6.0, 4.0]
    """
    return activation(conv2d(activation(_depthwise(x, depthwise, stride)), *pointwise))


def squeeze_excite(x, squeeze, excite):
    """Return x times one factor for each channel, 0..1, which the means of all channels decide.

    s = h(W2 relu(W1 mean(x) + b1) + b2),  y = s x,  h(v) = relu6(v + 3) / 6

    Source: Hu et al. 2018, section 3; Howard et al. 2019, section 5.3.

    >>> import numpy as np
    >>> zero = np.zeros((2, 1, 1, 2)), np.zeros(2)
    >>> squeeze_excite(np.ones((1, 1, 1, 2)), zero, zero).ravel().tolist()
    [0.5, 0.5]
    """
    means = mean(x, (-3, -2), keepdims=True)
    return mul(x, hard_sigmoid(conv2d(relu(conv2d(means, *squeeze)), *excite)))


def inverted_residual(x, widen, depthwise, narrow, excite=None, stride=1, activation=relu):
    """Return N * g(f(D * f(W * x))), plus x where the shapes agree; nothing follows N: the bottleneck is linear.

    `widen` is None where the block does not widen; g is squeeze-and-excite with the two layers of `excite`, or nothing.

    Source: Sandler et al. 2018, section 3.3.
    """
    y = x if widen is None else activation(conv2d(x, *widen))
    y = activation(_depthwise(y, depthwise, stride))
    y = y if excite is None else squeeze_excite(y, *excite)
    y = conv2d(y, *narrow)
    return add(x, y) if y.shape == x.shape else y


def shuffle_unit(x, first, depthwise, last, groups, activation=relu):
    """Return f(x + G2 * (D * shuffle(f(G1 * x)))), where G1 and G2 are 1 x 1 in `groups`.

    Source: Zhang et al. 2018, ShuffleNet, figure 2b.
    """
    y = activation(conv2d(x, *first, groups=groups))
    y = _depthwise(channel_shuffle(y, groups), depthwise, 1)
    return activation(add(x, conv2d(y, *last, groups=groups)))


def same(kernel):
    """Return the padding K // 2 on all sides, for an odd kernel (K_h, K_w).

    >>> same((1, 5))
    ((0, 0), (2, 2))
    """
    return tuple((k // 2, k // 2) for k in kernel)


def _depthwise(x, layer, stride):
    """Every channel by its own kernel; a signal, H = 1, has no vertical stride."""
    weight, bias = layer
    stride = (1, stride) if x.shape[1] == 1 else stride
    return conv2d(x, weight, bias, stride, same(weight.shape[1:3]), groups=x.shape[-1])
