"""The factors by which integer nodes rescale, from the scales of their tensors."""

import numpy as np

from edgekit.core.integer.elementwise import GUARD_BITS
from edgekit.core.integer.fixed_point import make_multiplier, quantize_multiplier
from edgekit.core.integer.recurrent import GATE_SCALE, OUTPUT_SCALES
from edgekit.graph.operators import RECURRENT, WITH_WEIGHTS


def factors(graph, node):
    """Return the real factors of an integer `node`, (n,); empty for one that rescales nothing, or through a table.

    conv2d, dense: scale_x scale_w / scale_y per output channel;  mul: scale_a scale_b / scale_y;  add: those of
    `integer.elementwise.add`;  mean, quantize: scale_x / scale_y;  concat: one for each input on another grid;  gru,
    lstm: one per row of both weights, and that of the output.
    Raises ValueError unless every scale is finite and positive in float32.
    """
    scales = [tensor.qparams.scale for tensor in graph.inputs_of(node) if tensor.qparams is not None]
    y = graph.tensors[node.output].qparams.scale
    if node.op in WITH_WEIGHTS:
        return np.atleast_1d(make_multiplier(*scales[:2], y).real)
    if node.op in RECURRENT:
        x, w_input, w_hidden = scales[:3]
        triples = (x, w_input, GATE_SCALE), (y, w_hidden, GATE_SCALE), (OUTPUT_SCALES[node.op], 1.0, y)
        return np.concatenate([np.atleast_1d(make_multiplier(*triple).real) for triple in triples])
    if node.op == "add":
        common = 2 * max(scales)
        return np.array([*(scale / common for scale in scales), common / (2.0**GUARD_BITS * y)])
    if node.op == "mul":
        return np.atleast_1d(make_multiplier(*scales, y).real)
    if node.op in ("mean", "concat", "quantize"):
        return np.array([scale / y for scale in scales if node.op != "concat" or scale != y])
    return np.zeros(0)


def serialized(graph, node):
    """Return the multipliers of `node` as firmware stores them: int32 each, then an int8 shift each.

    Raises ValueError for a factor that no shift reaches.
    """
    multiplier, shift = quantize_multiplier(factors(graph, node))
    return multiplier.astype(np.int32).tobytes() + shift.astype(np.int8).tobytes()
