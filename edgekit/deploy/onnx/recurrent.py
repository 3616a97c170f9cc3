"""Any graph as an ONNX model and back, also with GRU and LSTM, which ONNX has for real numbers alone.

    to_onnx(graph, form="qdq") -> bytes        read_onnx(data, name) -> Graph

Models without a recurrent layer are left to `write` and `complete`. One with such a layer is float throughout.
"""

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

from edgekit.deploy.onnx import complete, elements, layers, write
from edgekit.deploy.onnx.finish import whole
from edgekit.deploy.onnx.gates import OPS
from edgekit.deploy.onnx.operators import OPERATORS, names_of
from edgekit.deploy.onnx.read import MAX_BYTES, Constant, View, parse_model, read_input, read_metadata, to_array
from edgekit.deploy.onnx.real import REAL
from edgekit.deploy.onnx.recurrent_read import StepReader, recurrent
from edgekit.deploy.onnx.recurrent_write import check_real
from edgekit.deploy.onnx.recurrent_write import recurrent as write_recurrent
from edgekit.deploy.onnx.step_moves import MOVES
from edgekit.deploy.onnx.steps import STANDARD, along, axes_of, sizes_of
from edgekit.graph.fold import fuse_activations
from edgekit.graph.ir import Graph, Tensor
from edgekit.graph.operators import RECURRENT

#: operator -> handler, of a float graph
WRITERS = {**REAL, **dict.fromkeys(RECURRENT, write_recurrent)}
#: (operator, domain) -> handler, in a model with recurrent layers
READERS = {
    **OPERATORS,
    **{(name, ""): along(OPERATORS[name, ""]) for name in (
        "Relu", "Clip", "Mul", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Identity", "Dropout")},
    ("Add", ""): along(elements.pairwise("add"), channels_last=True),
    ("MatMul", ""): along(layers.matmul, channels_last=True),
    **{(name, ""): handler for name, handler in MOVES.items()},
    **{(name, ""): recurrent for name in OPS},
}


def to_onnx(graph, form="qdq"):
    """Return the bytes of an ONNX model of `graph`; `form` says how an integer graph is written, see `write.to_onnx`.

    Raises ValueError for an unknown form, an operator that the form does not know, and an integer recurrent one.
    """
    if not any(node.op in RECURRENT for node in graph.nodes):
        return write.to_onnx(graph, form)
    if form not in write.FORMS:
        raise ValueError(f"to_onnx: form must be one of {', '.join(write.FORMS)}, got {form!r}")
    for node in graph.nodes:
        if node.op in RECURRENT:
            check_real(graph, node)
    writer = write.Writer(graph)
    for node in graph.nodes:
        if node.op not in WRITERS:
            raise ValueError(f"to_onnx: operator {node.op!r} of node {node.source or node.output!r} has no ONNX form "
                             f"beside GRU and LSTM; there are {', '.join(sorted(WRITERS))}")
        WRITERS[node.op](writer, node)
    return writer.model(graph.name).SerializeToString(deterministic=True)


def read_onnx(data, name="model"):
    """Return the graph held in the bytes of an ONNX model; `name` appears in errors.

    As `complete.from_onnx`; and a GRU or LSTM, in float, becomes a `gru` or `lstm` node. A file that takes or gives
    (N, T, C), channels last, keeps to that: the graph then begins or ends with a reshape from or to (T, C).
    Raises ValueError naming the file, the operator and its node, and what is supported.
    """
    if not _has_memory(data):
        return complete.from_onnx(data, name)
    model = parse_model(data, name)
    with _errors_of(name):
        return _read(model, name)


def _has_memory(data):
    """Whether a model holds a GRU or LSTM."""
    from onnx import ModelProto

    model = ModelProto()
    try:
        model.ParseFromString(bytes(data) if len(data) <= MAX_BYTES else b"")
    except Exception:  # DecodeError, of the library beneath onnx: the reader says what is wrong
        return False
    return any(node.op_type in OPS and node.domain in ("", "ai.onnx") for node in model.graph.node)


@contextmanager
def _errors_of(name):
    """Let every error be a ValueError that names the file."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error) if name in str(error) else f"from_onnx {name}: {error}") from error
    except Exception as error:  # whatever an altered model trips over
        kind = type(error).__name__
        raise ValueError(f"from_onnx {name}: unsound, with a recurrent layer ({kind}: {error}); export it again"
                         ) from error


def _read(model, name):
    reader, body = StepReader(name), model.graph
    reader.opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    reader.uses = Counter([info.name for info in body.output] + [source for node in body.node for source in node.input])
    reader.values = {tensor.name: Constant(tensor.name, to_array(tensor, name)) for tensor in body.initializer}
    inputs = [_enter(reader, model, info) for info in body.input if info.name not in reader.values]
    for node in body.node:
        handler = READERS.get((node.op_type, node.domain.removeprefix("ai.onnx")))
        if handler is None:
            reader.fail(node, f"is not supported; supported are {names_of(READERS)}")
        handler(reader, node)
    outputs = [_leave(reader, info.name) for info in body.output]
    reader.values.update({name: View(name, "flat") for name in inputs if reader.values[name].layout not in STANDARD})
    graph = Graph(body.name or "onnx", reader.tensors, reader.nodes, inputs, outputs, read_metadata(reader, model))
    return whole(fuse_activations(_asked_for(graph)), name)


def _enter(reader, model, info):
    """An input, which is (N, T, C) where all that read it are sure of that; else as any model's."""
    dims = [dim.dim_value for dim in info.type.tensor_type.shape.dim]
    reads = [node for node in model.graph.node if info.name in node.input and node.op_type != "Shape"]
    steps_first = len(dims) == 3 and min(dims[1:]) > 0 and reads and all(map(_takes_steps_first, reads))
    if not steps_first or info.type.tensor_type.elem_type != 1:
        return read_input(reader, model, info)
    reader.signal = reader.signal or None  # not known yet
    reader.real_inputs.add(info.name)
    reader.tensors[info.name] = Tensor(info.name, dims[1:])
    row = SimpleNamespace(op_type="input", name=info.name, output=[f"{info.name}/row"])
    steps = reader.emit(row, "reshape", [info.name], View("", "last"), shape=(1, *dims[1:]))
    reader.values[info.name] = View(steps, "NTC")
    return info.name


def _takes_steps_first(node):
    """Whether an operator that reads a tensor of three axes must find (N, T, C) there."""
    perm = next((list(a.ints) for a in node.attribute if a.name == "perm"), None)
    return node.op_type in ("MatMul", "Reshape") or (node.op_type == "Transpose" and perm == [1, 0, 2])


def _leave(reader, name):
    """The tensor of an output, reshaped to the file's axes where these are no layout of the reader's own."""
    view = reader.values.get(name)
    if isinstance(view, View) and view.layout in STANDARD and view.order is None and not view.real:
        return view.tensor
    axes = axes_of(reader, view)
    if axes is None or axes[0] != "N" or axes.replace("1", "") == "NCT":
        raise ValueError(f"output {name!r} must be a computed activation of real numbers, the batch first and channels "
                         f"not flattened before their steps; got the axes {axes} (N batch, T steps, C channels)")
    end = SimpleNamespace(op_type="output", name=name, output=[f"{name}/axes"])
    sizes = sizes_of(reader, view.tensor, axes)
    reader.values[name] = View(reader.emit(end, "reshape", [view.tensor], View("", "flat"), shape=sizes), "flat")
    return reader.values[name].tensor


def _asked_for(graph):
    """The graph without what no output needs: all states where only the last of them was picked."""
    needed, nodes = set(graph.outputs), []
    for node in reversed(graph.nodes):
        if node.output in needed:
            needed.update(node.inputs)
            nodes.insert(0, node)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in needed or name in graph.inputs}
    return replace(graph, nodes=nodes, tensors=tensors)
