"""What a graph by a stranger must satisfy before it runs: shapes, integer grids, and a bound on memory and time.

    check_graph(graph)      raises ValueError that names the node or tensor and the remedy
"""

import math

import numpy as np

from edgekit.graph.multipliers import serialized
from edgekit.graph.operators import OPERATORS, RECURRENT, WITH_WEIGHTS
from edgekit.graph.shapes import check_shapes, padded

#: elements of all activations together at batch 1: 512 MiB of float32, a thousand times what a microcontroller holds
MAX_ELEMENTS = 1 << 27
#: elements of the windows that one convolution or pooling lays out at batch 1
MAX_WINDOW_ELEMENTS = 1 << 28
#: multiply-accumulates of one inference, two dozen times those of ResNet-50
MAX_MACS = 100_000_000_000
MAX_NODES = 10_000
#: steps in time of a recurrent layer
MAX_STEPS = 1 << 16
#: axes of an activation, without the batch
MAX_AXES = 5

REMEDY = "export the model again"


def check_graph(graph):
    """Raise ValueError unless `graph` can run: within the bounds of this module, with shapes and grids that agree."""
    _check_use(graph)
    check_size(graph)
    check_shapes(graph)
    _check_work(graph)
    for tensor in graph.tensors.values():
        _check_tensor(tensor)
    for node in graph.nodes:
        try:
            _check_grids(graph, node)
        except ValueError as error:
            raise ValueError(f"node {node.output!r} ({node.op}): {error}") from None


def check_size(graph):
    """Raise ValueError when the activations at batch 1 or the nodes are too many."""
    total = sum(math.prod(tensor.shape) for tensor in graph.tensors.values() if not tensor.is_constant)
    if total > MAX_ELEMENTS or len(graph.nodes) > MAX_NODES:
        raise ValueError(
            f"{len(graph.nodes)} nodes with {total} elements of activations are more than the {MAX_NODES} and "
            f"{MAX_ELEMENTS} that edgekit runs; take a smaller model or input"
        )


def _check_use(graph):
    """Every activation is an input or computed once, constants are never inputs, and weights are constants."""
    computed = {*graph.inputs, *(node.output for node in graph.nodes)}
    for tensor in graph.tensors.values():
        if tensor.is_constant == (tensor.name in computed):
            how = "both given and computed" if tensor.is_constant else "neither given nor computed"
            raise ValueError(f"tensor {tensor.name!r} is {how}; {REMEDY}")
    if len(set(graph.inputs)) < len(graph.inputs):
        raise ValueError(f"inputs {graph.inputs} must differ; {REMEDY}")
    for node in graph.nodes:
        flowing = OPERATORS[node.op].data
        variable = [tensor.name for tensor in graph.inputs_of(node)[flowing:] if not tensor.is_constant]
        if variable or all(tensor.is_constant for tensor in graph.inputs_of(node)[:flowing]):
            raise ValueError(f"node {node.output!r} ({node.op}): needs an activation, and weights that are constants")


def _check_work(graph):
    """Bounds on the work of one inference; shapes must have been checked."""
    macs = 0
    for node in graph.nodes:
        x, *weights = (tensor.shape for tensor in graph.inputs_of(node))
        places, window, steps = graph.tensors[node.output].shape[:-1], 0, 1
        if node.op in ("conv2d", "avg_pool2d", "max_pool2d"):
            kernel = node.attrs.get("kernel") or weights[0][1:3]
            grown = padded(x, node.attrs["padding"])
            window = max(math.prod(grown), math.prod(places) * math.prod(kernel) * x[-1])
        if node.op in RECURRENT:
            places, steps = x[1:2], x[1]
        if node.op in (*WITH_WEIGHTS, *RECURRENT):
            macs += math.prod(places) * sum(math.prod(w) for w in weights if len(w) > 1)
        if window > MAX_WINDOW_ELEMENTS or macs > MAX_MACS or steps > MAX_STEPS:
            raise ValueError(
                f"node {node.output!r} ({node.op}): windows of {window} elements, {macs} multiply-accumulates or "
                f"{steps} steps are more than the {MAX_WINDOW_ELEMENTS}, {MAX_MACS} and {MAX_STEPS} that edgekit "
                "runs; take a smaller model or input"
            )


def _check_tensor(tensor):
    """The type of a tensor, its qparams and its codes agree."""
    q, message = tensor.qparams, None
    if not tensor.is_constant and not 1 <= len(tensor.shape) <= MAX_AXES:
        message = f"is an activation of {len(tensor.shape)} axes, expected 1 to {MAX_AXES}"
    elif q is None:
        integers = tensor.is_constant and tensor.dtype in ("int32", "int64")  # biases
        if tensor.dtype != "float32" and not integers:
            message = f"is {tensor.dtype} without qparams"
    elif tensor.dtype != str(q.dtype):
        message = f"is {tensor.dtype}, but its qparams of {q.num_bits} bits, signed={q.signed}, need {q.dtype}"
    elif tensor.dtype == "int16" and q.zero_point.any():
        message = f"is int16 with zero point {q.zero_point}, and needs 0"
    elif q.axis is not None and not tensor.is_constant:
        message = "is an activation with one scale per slice; activations have one"
    elif q.axis is not None and (not 0 <= q.axis < len(tensor.shape) or tensor.shape[q.axis] != q.scale.size):
        message = f"has {q.scale.size} scales along axis {q.axis} of its shape {tensor.shape}"
    elif tensor.is_constant and (tensor.data.min() < q.qmin or tensor.data.max() > q.qmax):
        message = f"holds codes beyond its grid {q.qmin}..{q.qmax}"
    if message:
        raise ValueError(f"tensor {tensor.name!r} {message}; {REMEDY}")


def _check_grids(graph, node):
    """All of a node works in real numbers, or all in integers, on grids that its operator can meet."""
    flowing = OPERATORS[node.op].data
    data, weights = graph.inputs_of(node)[:flowing], graph.inputs_of(node)[flowing:]
    y = graph.tensors[node.output]
    kinds = {"quantize": ({True, False}, True), "dequantize": ({True}, False)}
    allowed, gives = kinds.get(node.op, ({y.qparams is not None}, y.qparams is not None))
    if (y.qparams is not None) != gives or any((x.qparams is not None) not in allowed for x in data):
        raise ValueError(f"mixes tensors with and without qparams; {REMEDY}")
    if y.qparams is None:
        if any(w.dtype != "float32" for w in weights):
            raise ValueError(f"weights {[w.dtype for w in weights]} of a float node must be float32; {REMEDY}")
        return
    _check_weights(node, data[0], weights)
    if node.op != "quantize" and any(x.dtype != y.dtype for x in data):
        raise ValueError(f"inputs {[x.dtype for x in data]} and output {y.dtype} must have one type; {REMEDY}")
    if node.op != "quantize" and y.dtype == "uint8":
        raise ValueError(f"uint8 is for the ends of a model; rescale to int8 first with quantize; {REMEDY}")
    if OPERATORS[node.op].grid == "input" and node.op != "concat" and _grid(data[0]) != _grid(y):
        raise ValueError(f"input and output must lie on one grid, got {_grid(data[0])} and {_grid(y)}; {REMEDY}")
    serialized(graph, node)


def _check_weights(node, x, weights):
    if any(w.dtype == "float32" for w in weights):
        raise ValueError(f"weights of an integer node must be integers, got {[w.dtype for w in weights]}; {REMEDY}")
    if node.op not in (*WITH_WEIGHTS, *RECURRENT):
        return
    matrices = 2 if node.op in RECURRENT else 1
    bias = weights[matrices:]
    for w in weights[:matrices]:
        if w.qparams is None or w.dtype != "int8" or w.qparams.axis not in (None, 0) or w.qparams.zero_point.any():
            raise ValueError(
                f"weights {w.name!r} must be int8 with qparams, zero point 0, per channel of axis 0; {REMEDY}"
            )
    if node.op in RECURRENT and x.dtype != "int8":
        raise ValueError(f"the input of an integer recurrent operator must be int8, got {x.dtype}; {REMEDY}")
    wide = "int64" if x.dtype == "int16" else "int32"
    if any(b.dtype not in ("int32", wide) or b.qparams is not None for b in bias):
        raise ValueError(f"a bias must be {wide} without qparams, got {bias[0].dtype}; {REMEDY}")


def _grid(tensor):
    """(scale, zero point, lowest code, highest code) of an activation."""
    q = tensor.qparams
    return q and (float(q.scale), int(q.zero_point), q.qmin, q.qmax)


def check_finite(tensor):
    """Raise ValueError unless a constant holds finite numbers."""
    if tensor.is_constant and tensor.dtype == "float32" and not np.isfinite(tensor.data).all():
        raise ValueError(f"tensor {tensor.name!r} holds NaN or infinite values; train or export it again")
