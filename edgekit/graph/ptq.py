"""Post-training quantization: calibrate a float graph, then turn it into an integer graph.

weights      int8 in [-127, 127], one scale per output channel, zero point 0
activations  int8 in [-128, 127], one scale and one zero point per tensor
bias         int32 at scale_x * scale_w, zero point 0

Source: Jacob et al., CVPR 2018, section 2; Krishnamoorthi, arXiv:1806.08342, section 3.
"""

from dataclasses import replace

import numpy as np

from edgekit.core.affine import QParams, choose_qparams, quantize
from edgekit.core.observers import make_observer
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Tensor
from edgekit.graph.run import run

#: operators whose output must keep the scale of their input
SAME_SCALE = ("avg_pool2d", "max_pool2d", "reshape", "relu", "relu6")
WITH_WEIGHTS = ("conv2d", "dense")
INT32 = np.iinfo(np.int32)


def post_training_quantize(graph, batches, observer="minmax", per_channel=True, num_bits=8):
    """Return the integer graph of a float `graph`: fold, calibrate on `batches`, quantize.

    batches: an iterable of (N, ...) float arrays in the layout of the graph's input. See `calibrate` for
    `observer` and `quantize_graph` for the rest.
    """
    folded = fold(graph)
    return quantize_graph(folded, calibrate(folded, batches, observer), per_channel, num_bits)


def calibrate(graph, batches, observer="minmax"):
    """Return {activation name: (low, high)}, gathered by one `observer` per activation over all `batches`.

    Raises ValueError when there is no batch, or a batch holds NaN or infinite values.
    """
    observers = {}
    for batch in batches:
        for name, values in run(graph, batch, all_tensors=True).items():
            observers[name] = observers.get(name, make_observer(observer)).update(values)
    if not observers:
        raise ValueError("calibrate: no batch was given; pass at least one array of shape (N, ...) with N >= 1")
    return {name: seen.range() for name, seen in observers.items()}


def quantize_graph(graph, ranges, per_channel=True, num_bits=8):
    """Return the integer graph of a folded float `graph` whose activations lie in `ranges`.

    per_channel: one weight scale per output channel, else one per tensor. num_bits: of the weights, 2..8.
    Raises ValueError for a batch norm that was not folded, or an activation without a range.
    """
    tensors = _quantized_activations(graph, ranges)
    nodes = []
    for node in graph.nodes:
        if node.op == "batch_norm":
            raise ValueError(
                f"quantize_graph: batch norm {node.source or node.output!r} is not folded; call fold(graph) first"
            )
        if node.op in WITH_WEIGHTS:
            constants = _quantized_constants(graph, node, tensors, per_channel, num_bits)
            tensors.update({tensor.name: tensor for tensor in constants})
            node = replace(node, inputs=(node.inputs[0], *(tensor.name for tensor in constants)))
        nodes.append(node)
    return Graph(graph.name, tensors, nodes, graph.inputs, graph.outputs, graph.metadata)


def _quantized_activations(graph, ranges):
    missing = [t.name for t in graph.tensors.values() if not t.is_constant and t.name not in ranges]
    if missing:
        raise ValueError(
            f"quantize_graph: no range for activation {missing[0]!r}; calibrate(graph, batches) gives them all"
        )
    qparams = {name: as_stored(choose_qparams(low, high)) for name, (low, high) in ranges.items()}
    for node in graph.nodes:
        if node.op in SAME_SCALE:
            qparams[node.output] = qparams[node.inputs[0]]
    return {
        t.name: Tensor(t.name, t.shape, "int8", None, qparams[t.name])
        for t in graph.tensors.values()
        if not t.is_constant
    }


def _quantized_constants(graph, node, activations, per_channel, num_bits):
    """The int8 weight and int32 bias of `node`."""
    weight = quantize_weight(graph.tensors[node.inputs[1]], per_channel, num_bits)
    if len(node.inputs) == 3:
        name, bias = node.inputs[2], graph.tensors[node.inputs[2]].data
    else:
        name, bias = f"{node.inputs[1]}.zero_bias", np.zeros(weight.shape[0])
    scale = activations[node.inputs[0]].qparams.scale * weight.qparams.scale
    codes = np.clip(np.rint(bias / scale), INT32.min, INT32.max).astype(np.int32)
    return weight, Tensor(name, codes.shape, "int32", codes)


def quantize_weight(tensor, per_channel=True, num_bits=8):
    """Return the weight `tensor` (output channels on axis 0) on the symmetric grid, with its qparams."""
    axes = tuple(range(1, tensor.data.ndim)) if per_channel else None
    qparams = choose_qparams(
        tensor.data.min(axes), tensor.data.max(axes), num_bits, "symmetric", axis=0 if per_channel else None
    )
    qparams = as_stored(qparams)
    return Tensor(tensor.name, tensor.shape, "int8", quantize(tensor.data, qparams), qparams)


def as_stored(qparams):
    """Return `qparams` with the scale rounded to float32, as every file format keeps it."""
    return QParams(
        qparams.scale.astype(np.float32),
        qparams.zero_point,
        qparams.num_bits,
        qparams.axis,
        qparams.signed,
        qparams.narrow,
    )
