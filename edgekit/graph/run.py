"""The interpreter: one loop over the nodes, which calls `core` for each, in float or in integers."""

import numpy as np

from edgekit.core import ops
from edgekit.core.affine import dequantize, quantize
from edgekit.graph import kernels


def run(graph, x, preset="cmsis", all_tensors=False, all_outputs=False):
    """Return the first output of `graph` for a batch x (N, ...).

    With `all_outputs` a tuple of every output, with `all_tensors` {name: activation}. A graph of several inputs takes
    a tuple of arrays. A float graph takes and gives float32, an integer graph the integers of its qparams; `preset`
    names the rounding of an integer graph (reference, builtin, xnnpack, ort, cmsis, single).
    Raises ValueError when x has the wrong shape or type, is empty, or is not finite.
    """
    values = _inputs(graph, x)
    last_read = {} if all_tensors else _last_reads(graph)
    for step, node in enumerate(graph.nodes):
        values[node.output] = kernels.kernel_of(graph, node)(
            graph, node, kernels.arrays_of(graph, node, values), preset
        )
        for name in last_read.get(step, ()):
            del values[name]
    if all_tensors:
        return values
    outputs = tuple(values[name] for name in graph.outputs)
    return outputs if all_outputs else outputs[0]


def predict(graph, x, preset="cmsis", batch_size=256, all_outputs=False):
    """Return real outputs (N, ...) for real inputs x (N, ...), through the grids of an integer graph if it is one.

    The first output, or with `all_outputs` a tuple of all.
    """
    parts = []
    for start in range(0, len(x), batch_size):
        part, qparams = x[start : start + batch_size], graph.tensors[graph.inputs[0]].qparams
        part = np.asarray(part, np.float32) if qparams is None else quantize(part, qparams)
        values = run(graph, part, preset, all_outputs=True)
        parts.append([_real(graph, *pair) for pair in zip(graph.outputs, values, strict=True)])
    outputs = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    return outputs if all_outputs else outputs[0]


def probabilities(graph, x, preset="cmsis"):
    """Return softmax class probabilities (N, classes) of a classifier `graph` for real inputs x (N, ...)."""
    return ops.softmax(predict(graph, x, preset))


def _inputs(graph, x):
    arrays = x if isinstance(x, tuple) else (x,)
    if len(arrays) != len(graph.inputs):
        raise ValueError(
            f"run: the graph takes {len(graph.inputs)} inputs, {', '.join(graph.inputs)}, got {len(arrays)}; "
            "pass a tuple of arrays"
        )
    values = {name: _checked(part, graph.tensors[name]) for name, part in zip(graph.inputs, arrays, strict=True)}
    if len({len(value) for value in values.values()}) > 1:
        raise ValueError(f"run: all inputs need one batch size, got {[len(value) for value in values.values()]}")
    return values


def _last_reads(graph):
    """{step: activations that nobody reads after it}, so that a long graph holds no more than it needs."""
    last = {node.output: step for step, node in enumerate(graph.nodes)}
    last |= {name: step for step, node in enumerate(graph.nodes) for name in node.inputs}
    gone = {}
    for name, step in last.items():
        if name not in graph.outputs and not graph.tensors[name].is_constant:
            gone.setdefault(step, []).append(name)
    return gone


def _real(graph, name, value):
    qparams = graph.tensors[name].qparams
    return value if qparams is None else dequantize(value, qparams)


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
