"""Read ONNX's float GRU and LSTM as `gru` and `lstm` nodes: one direction, from a first state of 0.

Y gives the states of all steps, Y_h the last one; each that something reads becomes a node. Anything but what torch
and the graph compute is refused. Source: the ONNX operator specification, GRU and LSTM of operator set 14.
"""

from types import SimpleNamespace

import numpy as np

from edgekit.deploy.onnx.first_state import is_zero
from edgekit.deploy.onnx.gates import EXTRA, OPS, ORDER, from_onnx_gates
from edgekit.deploy.onnx.read import Constant, Reader, View
from edgekit.deploy.onnx.steps import CELLS, axes_of, see

#: attribute -> the values that the graph's operators have; the first is what a file means that leaves it out
SUPPORTED = {
    "gru": {"activations": (["sigmoid", "tanh"],), "linear_before_reset": (0, 1)},
    "lstm": {"activations": (["sigmoid", "tanh", "tanh"],), "input_forget": (0,)},
}
COMMON = {"direction": ("forward",), "layout": (0,), "activation_alpha": ([],), "activation_beta": ([],)}
#: places of the inputs behind X: W, R, B, lengths of sequences, first states, peepholes
WEIGHTS, HIDDEN, BIASES, LENGTHS, FIRST, PEEPHOLES = 1, 2, 3, 4, (5, 6), 7


class StepReader(Reader):
    """A `Reader` that knows which states came out of which GRU or LSTM: {tensor: (operator, inputs, source)}."""

    def __init__(self, name):
        super().__init__(name)
        self.memories = {}

    def any_view(self, node, place):
        """The activation at input `place`, however its axes lie."""
        return self.view(node, place, (getattr(self.value(node, place), "layout", None),))

    def last_of(self, node, tensor):
        """The last of the states `tensor`, as a node of its own; `node` is the ONNX node that asks for it."""
        if tensor not in self.memories:
            self.fail(node, "takes one step of what is no GRU or LSTM, which is not supported; average over the steps")
        op, inputs, source = self.memories[tensor]
        return self.enter(SimpleNamespace(op_type=node.op_type, name=source, output=node.output[:1]), op, inputs, False)

    def enter(self, node, op, inputs, return_sequence):
        """Add a recurrent node, which gives the first output of `node`."""
        output = self.emit(node, op, inputs, View("", "last"), return_sequence=return_sequence)
        if return_sequence:
            self.memories[output] = op, inputs, node.name
        return output


def recurrent(reader, node):
    """GRU or LSTM."""
    op, view = OPS[node.op_type], reader.any_view(node, 0)
    if view.real or reader.tensors[view.tensor].qparams is not None:
        reader.fail(node, "stands beside integers, and is float itself: ONNX has no recurrent operator with the "
                    "integers of edgekit; give a float model, or an integer .tflite (LSTM) or .edge")
    _check(reader, node, op)
    if axes_of(reader, view) != "TNC":
        reader.fail(node, f"takes (T, N, C), steps before batch, got the axes {axes_of(reader, view) or view.layout}; "
                    "export the model with its batch first, which an exporter turns right before the operator")
    inputs = [view.tensor, *_constants(reader, node, op, reader.tensors[view.tensor].shape[-1])]
    for place, axes in ((0, "T1NC"), (1, "1NC")):
        names = [name for name in node.output[place : place + 1] if name and reader.uses[name]]
        for name in names:
            one = SimpleNamespace(op_type=node.op_type, name=node.name, output=names)
            see(reader, name, reader.enter(one, op, inputs, place == 0), axes)
    if len(node.output) > 2 and node.output[2]:
        reader.values[node.output[2]] = View(view.tensor, CELLS)


def _check(reader, node, op):
    """Raise ValueError for a GRU or LSTM of another kind."""
    for key, value in _attributes(node).items():
        allowed = {**COMMON, **SUPPORTED[op], "hidden_size": (value,)}.get(key, ())
        if value not in allowed:
            remedy = f"supported is {allowed[-1]!r}" if allowed else "leave it out"
            reader.fail(node, f"has {key} {value!r}, which is not supported; {remedy}")
    if op == "gru" and _attributes(node).get("linear_before_reset", 0) != EXTRA["gru"]["linear_before_reset"]:
        reader.fail(node, "has linear_before_reset 0, which resets the state before its product; supported is 1, as "
                    "torch and Keras (reset_after=True) have it")
    if reader.value(node, LENGTHS) is not None or reader.value(node, PEEPHOLES) is not None:
        reader.fail(node, "has lengths of sequences or peepholes, which are not supported; leave them out")
    for place in FIRST:
        if reader.value(node, place) is not None and not is_zero(reader.value(node, place)):
            reader.fail(node, "starts from a given state, which is not supported; leave it out, it is 0 then")


def _attributes(node):
    from onnx import helper

    def plain(value):
        return value.decode(errors="replace") if isinstance(value, bytes) else value

    values = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    values = {key: [plain(v) for v in value] if isinstance(value, list) else plain(value)
              for key, value in values.items()}
    names = [str(name).lower() for name in values.get("activations", [])]
    return {**values, **({"activations": names} if names else {})}


def _constants(reader, node, op, channels):
    """Names of w_input, w_hidden, b_input and b_hidden."""
    rows = len(ORDER[op])
    matrices = [reader.value(node, place) for place in (WEIGHTS, HIDDEN)]
    if not all(_is_real(value) and value.array.ndim == 3 for value in matrices):
        reader.fail(node, "needs constant float32 weights W (1, gates H, C) and R (1, gates H, H)")
    size = matrices[1].array.shape[2]
    biases = reader.value(node, BIASES)
    if biases is None:
        biases = Constant(f"{matrices[0].name}.no_bias", np.zeros((1, 2 * rows * size), np.float32))
    wanted = (1, rows * size, channels), (1, rows * size, size), (1, 2 * rows * size)
    found = [value.array.shape if _is_real(value) else None for value in (*matrices, biases)]
    if tuple(found) != wanted or _attributes(node).get("hidden_size", size) != size:
        reader.fail(node, f"needs constant float32 W, R and B of the shapes {wanted} and hidden_size {size}, got "
                    f"{found} and {_attributes(node).get('hidden_size', size)}")
    parts = [matrices[0].array[0], matrices[1].array[0], *np.split(biases.array[0], 2)]
    names = [matrices[0].name, matrices[1].name, f"{biases.name}.input", f"{biases.name}.hidden"]
    return [reader.keep(name, from_onnx_gates(op, part)) for name, part in zip(names, parts, strict=True)]


def _is_real(value):
    return isinstance(value, Constant) and value.qparams is None and value.array.dtype == np.float32
