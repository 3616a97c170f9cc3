"""Activation functions on real numbers, element by element; in integers each becomes a table (`integer.lut`).

    sigmoid(x)  tanh(x)  hard_sigmoid(x)  hard_swish(x)        any shape, result of the type of x
"""

import numpy as np


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), through exp(-|x|), which cannot overflow.

    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    x = np.asarray(x)
    power = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + power), power / (1 + power)).astype(power.dtype)


def tanh(x):
    """Return (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    >>> tanh(np.array([0.0, 100.0])).tolist()
    [0.0, 1.0]
    """
    return np.tanh(x)


def hard_sigmoid(x):
    """Return relu6(x + 3) / 6, three straight lines near the sigmoid.

    Source: Howard et al., "Searching for MobileNetV3", 2019, section 5.2.

    >>> hard_sigmoid(np.array([-4.0, 0.0, 1.5, 4.0])).tolist()
    [0.0, 0.5, 0.75, 1.0]
    """
    return np.clip(np.asarray(x) + 3, 0, 6) / 6


def hard_swish(x):
    """Return x * relu6(x + 3) / 6. Source: Howard et al., 2019, section 5.2.

    >>> hard_swish(np.array([1.5, 4.0])).tolist()
    [1.125, 4.0]
    """
    x = np.asarray(x)
    return x * hard_sigmoid(x)
