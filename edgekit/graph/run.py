"""The interpreter: one loop over the nodes, which calls `core` for each, in float or in integers."""

from weakref import WeakKeyDictionary

import numpy as np

from edgekit.core import ops
from edgekit.core.affine import dequantize, quantize
from edgekit.graph import kernels

#: graph -> its steps; they go when the graph goes
STEPS = WeakKeyDictionary()


def run(graph, x, preset="cmsis", all_tensors=False, all_outputs=False):
    """Return the first output of `graph` for a batch x (N, ...).

    With `all_outputs` a tuple of every output, with `all_tensors` {name: activation}. A graph of several inputs takes
    a tuple of arrays. A float graph takes and gives float32, an integer graph the integers of its qparams; `preset`
    names the rounding of an integer graph (reference, builtin, xnnpack, ort, cmsis, single).
    Raises ValueError when x has the wrong shape or type, is empty, or is not finite.
    """
    values = _inputs(graph, x)
    for node, kernel, arrays_of, gone in _steps(graph):
        values[node.output] = kernel(graph, node, arrays_of(graph, node, values), preset)
        for name in gone if not all_tensors else ():
            del values[name]
    if all_tensors:
        return values
    outputs = tuple(values[name] for name in graph.outputs)
    return outputs if all_outputs else outputs[0]


def predict(graph, x, preset="cmsis", batch_size=256, all_outputs=False):
    """Return real outputs (N, ...) for real inputs x (N, ...), through the grids of an integer graph if it is one.

    The first output, or with `all_outputs` a tuple of all. A graph of several inputs takes a tuple of arrays.
    """
    parts, arrays = [], as_inputs(graph, x)
    for start in range(0, len(arrays[0]), batch_size):
        batch = (array[start : start + batch_size] for array in arrays)
        codes = tuple(_as_taken(graph, *pair) for pair in zip(graph.inputs, batch, strict=True))
        values = run(graph, codes, preset, all_outputs=True)
        parts.append([_real(graph, *pair) for pair in zip(graph.outputs, values, strict=True)])
    outputs = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    return outputs if all_outputs else outputs[0]


def probabilities(graph, x, preset="cmsis"):
    """Return softmax class probabilities (N, classes) of a classifier `graph` for real inputs x (N, ...)."""
    return ops.softmax(predict(graph, x, preset))


def as_inputs(graph, x):
    """Return x, an array or a tuple of arrays, as a tuple with one for each input of `graph`, of one batch size."""
    arrays = x if isinstance(x, tuple) else (x,)
    if len(arrays) != len(graph.inputs):
        raise ValueError(
            f"run: the graph takes {len(graph.inputs)} inputs, {', '.join(graph.inputs)}, got {len(arrays)}; "
            "pass a tuple of arrays"
        )
    if len({len(array) for array in arrays}) > 1:
        raise ValueError(f"run: all inputs need one batch size, got {[len(array) for array in arrays]}")
    return arrays


def _inputs(graph, x):
    return {name: _checked(part, graph.tensors[name])
            for name, part in zip(graph.inputs, as_inputs(graph, x), strict=True)}


def _steps(graph):
    """[(node, its kernel, what gathers its arrays, activations that nobody reads after it)], found once a graph."""
    if graph not in STEPS:
        last = _last_reads(graph)
        STEPS[graph] = [(node, kernels.kernel_of(graph, node), kernels.gatherer_of(graph, node), last.get(step, ()))
                        for step, node in enumerate(graph.nodes)]
    return STEPS[graph]


def _last_reads(graph):
    """{step: activations that nobody reads after it}, so that a long graph holds no more than it needs."""
    last = {node.output: step for step, node in enumerate(graph.nodes)}
    last |= {name: step for step, node in enumerate(graph.nodes) for name in node.inputs}
    gone = {}
    for name, step in last.items():
        if name not in graph.outputs and not graph.tensors[name].is_constant:
            gone.setdefault(step, []).append(name)
    return gone


def _as_taken(graph, name, value):
    """Real numbers as the input `name` takes them: its codes, or float32."""
    qparams = graph.tensors[name].qparams
    return np.asarray(value, np.float32) if qparams is None else quantize(value, qparams)


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
