"""What quantization needs to know of GRU and LSTM nodes: all states, not the last alone, and four constants.

weights  int8, one scale per row, of an LSTM per gate       b_input   int32 at scale_x * scale_w_input
state    on the grid of the output                          b_hidden  int32 at scale_y * scale_w_hidden

Both biases of an LSTM are added to the same sums: b_input holds their sum, and b_hidden zeros. So LiteRT wants them,
and one scale for each of the four gates.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from edgekit.core.recurrent import LSTM_GATES
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
    quantize = partial(_gate_by_gate, quantize_weight) if node.op == "lstm" else quantize_weight
    w_input, w_hidden = (quantize(graph.tensors[name]) for name in node.inputs[1:3])
    reals = [graph.tensors[name].data for name in node.inputs[3:]]
    if node.op == "lstm":
        reals = [reals[0].astype(np.float64) + reals[1], np.zeros_like(reals[1])]
    biases = [_bias(name, real, scale * weight.qparams.scale, node) for name, real, scale, weight
              in zip(node.inputs[3:], reals, (x, y), (w_input, w_hidden), strict=True)]
    return w_input, w_hidden, *biases


def _gate_by_gate(quantize_weight, tensor):
    """The weight as `quantize_weight` makes it, with one scale for all rows of a gate where it gives one for each."""
    gates = tensor.data.reshape(LSTM_GATES, -1)
    coded = quantize_weight(replace(tensor, shape=gates.shape, data=gates))
    q, rows = coded.qparams, len(tensor.data) // LSTM_GATES
    if q.axis is not None:
        q = replace(q, scale=np.repeat(q.scale, rows), zero_point=np.repeat(q.zero_point, rows))
    return replace(coded, shape=tensor.shape, data=coded.data.reshape(tensor.shape), qparams=q)


def _bias(name, real, scale, node):
    """The bias as int32, under a name of this node's own: another node may keep it on another grid."""
    codes = np.clip(np.rint(real / scale), INT32.min, INT32.max).astype(np.int32)
    return Tensor(f"{name}.for.{node.output}", codes.shape, "int32", codes)
