"""The order in which ONNX and the graph keep the gates of GRU and LSTM, and the attributes that say what they compute.

    graph   gru: r z n    lstm: i f g o         ONNX   GRU: z r n    LSTM: i o f g     (n is ONNX's h, g its c)

Source: the ONNX operator specification, GRU and LSTM of operator set 14.
"""

import numpy as np

OPS = {"GRU": "gru", "LSTM": "lstm"}
#: place of each of ONNX's gates among those of the graph
ORDER = {"gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
#: r is applied behind the product with the state, as torch does
EXTRA = {"gru": {"linear_before_reset": 1}, "lstm": {}}


def to_onnx_gates(op, rows):
    """Return weights or biases (gates H, ...) with the gates in ONNX's order.

    >>> to_onnx_gates("lstm", np.array([1, 1, 2, 2, 3, 3, 4, 4])).tolist()
    [1, 1, 4, 4, 2, 2, 3, 3]
    """
    return _ordered(rows, ORDER[op])


def from_onnx_gates(op, rows):
    """Return weights or biases (gates H, ...) of ONNX with the gates in the graph's order.

    >>> from_onnx_gates("lstm", to_onnx_gates("lstm", np.arange(8))).tolist()
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    return _ordered(rows, np.argsort(ORDER[op]))


def _ordered(rows, order):
    parts = np.split(rows, len(order))
    return np.concatenate([parts[place] for place in order])
