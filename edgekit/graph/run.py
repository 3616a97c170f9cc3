"""The interpreter: one loop over the nodes, which calls `core` for each, in float or in integers."""

import numpy as np

from edgekit.core import ops
from edgekit.core.affine import dequantize, quantize
from edgekit.graph import kernels


def run(graph, x, preset="cmsis", all_tensors=False):
    """Return the output of `graph` for a batch x (N, ...), or with `all_tensors` {name: activation}.

    A float graph takes and gives float32, an integer graph takes and gives the integers of its qparams; `preset`
    names the rounding of an integer graph (reference, builtin, xnnpack, ort, cmsis, single).
    Raises ValueError when x has the wrong shape or type, is empty, or is not finite.
    """
    source = graph.tensors[graph.inputs[0]]
    values = {source.name: _checked(x, source)}
    table = kernels.INTEGER if graph.is_integer else kernels.FLOAT
    for node in graph.nodes:
        kernel = table.get(node.op)
        if kernel is None:
            raise ValueError(
                f"run: operator {node.op!r} of node {node.source or node.output!r} has no "
                f"{'integer' if graph.is_integer else 'float'} kernel; there are {', '.join(sorted(table))}"
            )
        arrays = [graph.tensors[n].data if graph.tensors[n].is_constant else values[n] for n in node.inputs]
        values[node.output] = kernel(graph, node, arrays, preset)
    return values if all_tensors else values[graph.outputs[0]]


def predict(graph, x, preset="cmsis", batch_size=256):
    """Return real outputs (N, ...) for real inputs x (N, ...), through the grids of an integer graph if it is one."""
    outputs = []
    for start in range(0, len(x), batch_size):
        part = x[start : start + batch_size]
        if graph.is_integer:
            codes = run(graph, quantize(part, graph.tensors[graph.inputs[0]].qparams), preset)
            outputs.append(dequantize(codes, graph.tensors[graph.outputs[0]].qparams))
        else:
            outputs.append(run(graph, np.asarray(part, np.float32)))
    return np.concatenate(outputs)


def probabilities(graph, x, preset="cmsis"):
    """Return softmax class probabilities (N, classes) of a classifier `graph` for real inputs x (N, ...)."""
    return ops.softmax(predict(graph, x, preset))


def _checked(x, tensor):
    x = np.asarray(x)
    if x.shape[1:] != tensor.shape or len(x) == 0:
        raise ValueError(
            f"run: input {tensor.name!r} takes shape (N, {', '.join(map(str, tensor.shape))}) with N >= 1, "
            f"got {x.shape}"
        )
    if x.dtype != np.dtype(tensor.dtype):
        raise ValueError(f"run: input {tensor.name!r} takes {tensor.dtype}, got {x.dtype}; use predict for real values")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise ValueError(f"run: input {tensor.name!r} holds NaN or infinite values; clean or mask the data first")
    return x
