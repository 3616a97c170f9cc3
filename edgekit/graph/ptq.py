"""Post-training quantization: calibrate a float graph, then turn it into an integer graph.

weights      int8 in [-127, 127], one scale per output channel, zero point 0
activations  int8 in [-128, 127], one scale and one zero point per tensor; or int16, symmetric (`graph.widths`)
bias         int32 at scale_x * scale_w, zero point 0; int64 beside int16 activations

Source: Jacob et al., CVPR 2018, section 2; Krishnamoorthi, arXiv:1806.08342, section 3.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from edgekit.core.affine import choose_qparams, quantize
from edgekit.core.observers import make_observer
from edgekit.graph import recurrent, weight_grid
from edgekit.graph.check import check_finite
from edgekit.graph.correct import correct_bias
from edgekit.graph.equalize import equalize as equalize_layers
from edgekit.graph.fold import fold
from edgekit.graph.grids import as_stored, choose_grids
from edgekit.graph.ir import Graph, Tensor
from edgekit.graph.operators import OPERATORS, RECURRENT, WITH_WEIGHTS
from edgekit.graph.rounding import round_adaptively
from edgekit.graph.run import as_inputs, run
from edgekit.graph.widths import grid_of, node_widths, with_conversions, with_ranges

ROUNDINGS = ("nearest", "adaptive")
BIAS_MAX = 2**30  # half of int32: the products of the layer need room too


def post_training_quantize(graph, batches, observer="minmax", per_channel=True, num_bits=8, *,
                           activation_bits=8, weight_observer="minmax", equalize=False, rounding="nearest",
                           correct=False):
    """Return the integer graph of a float `graph`: fold, equalize, calibrate on `batches`, quantize, refit.

    batches: an iterable of (N, ...) arrays of real or whole numbers in the layout of the graph's input, of tuples of
    such arrays for a graph of several inputs. See `calibrate` for `observer`,
    `quantize_graph` for `per_channel`, `num_bits`, `weight_observer` and `activation_bits`. `equalize` balances the
    channels of neighbouring layers first (`graph.equalize`); `rounding="adaptive"` chooses codes by what each layer
    gives (`graph.rounding`), and corrects biases too; `correct` does only the latter (`graph.correct`).
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"post_training_quantize: rounding must be one of {ROUNDINGS}, got {rounding!r}")
    if hasattr(activation_bits, "keys") and (correct or rounding == "adaptive"):
        raise ValueError("post_training_quantize: correct and adaptive rounding go layer by layer, which needs one "
                         "width of activations; give activation_bits=8 or 16, or quantize without them")
    batches = [real_batch(batch) for batch in batches]
    _check_constants(graph)
    folded = equalize_layers(fold(graph)) if equalize else fold(graph)
    ranges = calibrate(folded, batches, observer)
    integer = quantize_graph(folded, ranges, per_channel, num_bits, weight_observer, activation_bits)
    if rounding == "adaptive":
        return round_adaptively(folded, integer, batches)
    return correct_bias(folded, integer, batches) if correct else integer


def calibrate(graph, batches, observer="minmax"):
    """Return {activation name: (low, high)}, gathered by one `observer` per activation over all `batches`.

    A batch is an array, or a tuple of arrays for a graph of several inputs.
    Raises ValueError when a weight or an activation is not finite, when there is no batch, a batch does not fit the
    graph's input or holds NaN or infinite values, or all values of all batches are equal: such data say nothing about
    what the network will see.
    """
    _check_constants(graph)
    observers, seen = {}, set()
    for batch in map(real_batch, batches):
        for x in as_inputs(graph, batch):
            seen.update((np.min(x, initial=np.inf), np.max(x, initial=-np.inf)))
        for name, values in recurrent.with_all_states(graph, run(graph, batch, all_tensors=True)).items():
            _check_activation(name, values)
            observers[name] = observers.get(name, make_observer(observer)).update(values)
    if not observers:
        raise ValueError("calibrate: no batch was given; pass at least one array of shape (N, ...) with N >= 1")
    if len(seen) == 1:
        raise ValueError(f"calibrate: every value of the calibration data is {seen.pop()}; pass real examples, "
                         "such as task.calibration_batches()")
    return {name: seen.range() for name, seen in observers.items()}


def real_batch(batch):
    """Return the arrays of a batch as the float32 that a float graph takes, pictures in uint8 included.

    Raises ValueError for anything but real or whole numbers.
    """
    if isinstance(batch, tuple):
        return tuple(map(real_batch, batch))
    x = np.asarray(batch)
    if x.dtype.kind not in "fiu":
        raise ValueError(f"calibrate: a batch must hold real or whole numbers, got {x.dtype}; give arrays (N, ...) of "
                         "examples, such as task.calibration_batches()")
    return x.astype(np.float32, copy=False)


def _check_constants(graph):
    """Raise ValueError for weights that are not finite, before their results are taken for those of the data."""
    for tensor in graph.constants:
        try:
            check_finite(tensor)
        except ValueError as error:
            raise ValueError(f"calibrate: the model's own {error}") from None


def _check_activation(name, values):
    if not np.isfinite(values).all():
        raise ValueError(f"calibrate: activation {name!r} is not finite, though the data and all weights are; look for "
                         "very large weights, and train or export the model again")


def quantize_graph(graph, ranges, per_channel=True, num_bits=8, weight_observer="minmax", activation_bits=8):
    """Return the integer graph of a folded float `graph` whose activations lie in `ranges`.

    per_channel: one weight scale per output channel, else one per tensor. num_bits: of the weights, 2..8, or
    {output name of a layer: 2..8}, others 8. weight_observer: "minmax", or "mse" for the least squared error.
    activation_bits: 8 or 16 of what layers read and give, or {output name of a layer: 8 or 16}, others 8.
    Raises ValueError for a batch norm that was not folded, an activation without a range, weights that are not
    finite, and bits out of range or for a layer that is not there.
    """
    bits = weight_grid.bits_per_layer(graph, num_bits)
    graph, widths = with_conversions(graph, node_widths(graph, activation_bits))
    tensors = _quantized_activations(graph, with_ranges(graph, ranges), widths)
    nodes = []
    for node in graph.nodes:
        if node.op == "batch_norm":
            raise ValueError(
                f"quantize_graph: batch norm {node.source or node.output!r} is not folded; call fold(graph) first"
            )
        tensors.update({tensor.name: tensor for tensor in _quantized_operands(graph, node, widths[node.output])})
        if node.op in WITH_WEIGHTS:
            constants = _quantized_constants(graph, node, tensors, per_channel, bits[node.output], weight_observer)
        elif node.op in RECURRENT:
            how = {"per_channel": per_channel, "num_bits": bits[node.output], "observer": weight_observer}
            constants = recurrent.constants(graph, node, tensors, partial(quantize_weight, **how))
        else:
            constants = ()
        if constants:
            tensors.update({tensor.name: tensor for tensor in constants})
            node = replace(node, inputs=(node.inputs[0], *(tensor.name for tensor in constants)))
        nodes.append(node)
    return Graph(graph.name, tensors, nodes, graph.inputs, graph.outputs, graph.metadata)


def _quantized_activations(graph, ranges, widths):
    missing = [t.name for t in graph.tensors.values() if not t.is_constant and t.name not in ranges]
    if missing:
        raise ValueError(
            f"quantize_graph: no range for activation {missing[0]!r}; calibrate(graph, batches) gives them all"
        )
    return {
        name: Tensor(name, graph.tensors[name].shape, str(qparams.dtype), None, qparams)
        for name, qparams in choose_grids(graph, ranges, widths).items()
    }


def _quantized_operands(graph, node, num_bits):
    """Constants that take the place of an activation, as the second factor of a product, on grids of their own."""
    for tensor in graph.inputs_of(node)[: OPERATORS[node.op].data]:
        if tensor.is_constant:
            qparams = as_stored(grid_of(tensor.data.min(), tensor.data.max(), num_bits))
            yield replace(tensor, dtype=str(qparams.dtype), data=quantize(tensor.data, qparams), qparams=qparams)


def _quantized_constants(graph, node, tensors, per_channel, num_bits, observer):
    """The int8 weight and int32 bias of `node`."""
    weight = quantize_weight(graph.tensors[node.inputs[1]], per_channel, num_bits, observer)
    if len(node.inputs) == 3:
        name, bias = node.inputs[2], graph.tensors[node.inputs[2]].data
    else:
        name, bias = f"{node.inputs[1]}.zero_bias", np.zeros(weight.shape[0])
    wide = "int64" if tensors[node.inputs[0]].dtype == "int16" else "int32"
    if wide == "int32":
        weight = _coarse_enough(graph.tensors[node.inputs[1]], weight, bias, tensors[node.inputs[0]].qparams.scale)
    codes = np.rint(bias / (tensors[node.inputs[0]].qparams.scale * weight.qparams.scale)).astype(wide)
    if name in tensors and not np.array_equal(tensors[name].data, codes):  # one layer, used on two input grids
        name += f".for.{node.output}"
    return weight, Tensor(name, codes.shape, str(codes.dtype), codes)


def _coarse_enough(tensor, weight, bias, scale_x):
    """The integer `weight`, with larger steps in channels so weak that their bias would not fit in int32."""
    least = np.abs(bias) / (scale_x * BIAS_MAX)
    least = least if weight.qparams.axis is not None else least.max()
    if (least <= weight.qparams.scale).all():
        return weight
    qparams = as_stored(replace(weight.qparams, scale=np.maximum(weight.qparams.scale, least)))
    return replace(weight, data=quantize(tensor.data, qparams), qparams=qparams)


def quantize_weight(tensor, per_channel=True, num_bits=8, observer="minmax"):
    """Return the weight `tensor` (output channels on axis 0) on the symmetric grid, with its qparams."""
    low, high = weight_grid.weight_range(tensor, per_channel, num_bits, observer)
    qparams = as_stored(choose_qparams(low, high, num_bits, "symmetric", axis=0 if per_channel else None))
    return Tensor(tensor.name, tensor.shape, "int8", quantize(tensor.data, qparams), qparams)
