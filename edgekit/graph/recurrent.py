"""What quantization needs to know of GRU and LSTM nodes: all states, not the last alone, and four constants.

weights  int8, one scale per row, both matrices apart       b_input   int32 at scale_x * scale_w_input
state    on the grid of the output                          b_hidden  int32 at scale_y * scale_w_hidden

Both biases of an LSTM are added to the same sums: b_input holds their sum, and b_hidden zeros, as LiteRT asks.
"""

from dataclasses import replace

import numpy as np

from edgekit.graph.ir import Tensor
from edgekit.graph.kernels import arrays_of, kernel_of
from edgekit.graph.operators import RECURRENT

INT32 = np.iinfo(np.int32)


def with_all_states(graph, values):
    """Return activations {name: array} in which a node that gives its last state is there with those of every step.

    Each step multiplies the state before it, on the grid of the output: the range must hold them all.
    """
    unseen = [node for node in graph.nodes if node.op in RECURRENT and not node.attrs["return_sequence"]]
    return {**values, **{node.output: _sequence(graph, node, values) for node in unseen}}


def _sequence(graph, node, values):
    whole = replace(node, attrs={**node.attrs, "return_sequence": True})
    return kernel_of(graph, whole)(graph, whole, arrays_of(graph, node, values), None)


def constants(graph, node, tensors, quantize_weight):
    """Return the four integer constants of `node`; `tensors` hold the quantized activations."""
    x, y = (tensors[name].qparams.scale for name in (node.inputs[0], node.output))
    w_input, w_hidden = (quantize_weight(graph.tensors[name]) for name in node.inputs[1:3])
    reals = [graph.tensors[name].data for name in node.inputs[3:]]
    if node.op == "lstm":
        reals = [reals[0].astype(np.float64) + reals[1], np.zeros_like(reals[1])]
    biases = [_bias(name, real, scale * weight.qparams.scale, node) for name, real, scale, weight
              in zip(node.inputs[3:], reals, (x, y), (w_input, w_hidden), strict=True)]
    return w_input, w_hidden, *biases


def _bias(name, real, scale, node):
    """The bias as int32, under a name of this node's own: another node may keep it on another grid."""
    codes = np.clip(np.rint(real / scale), INT32.min, INT32.max).astype(np.int32)
    return Tensor(f"{name}.for.{node.output}", codes.shape, "int32", codes)
