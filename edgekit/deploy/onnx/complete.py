"""Read an ONNX model whose grids are stated further on than they are needed, as those that this kit writes.

    from_onnx(data, name) -> Graph      complete(data, name) -> bytes

A reader that walks the nodes from first to last meets the codes of an int8 input before the first operator that states
their scale and zero point. Here such codes get a DequantizeLinear that nobody reads, right where they are made; and a
reshape of an image into an image becomes a flattening and a reshape.
"""

from dataclasses import replace

from edgekit.deploy.onnx.read import MAX_BYTES, read

#: operators whose output has the grid of their first input; a Concat has that of all its inputs
PASSED_ON = ("Clip", "Concat", "Flatten", "Identity", "MaxPool", "Pad", "Reshape", "Resize", "Squeeze", "Transpose")
#: operator -> (codes that enter, codes that leave): the place of a tensor, or -1 for the output, with those of its grid
STATED = {
    "DequantizeLinear": [(0, 1, 2)],
    "QuantizeLinear": [(-1, 1, 2)],
    "QLinearConv": [(0, 1, 2), (-1, 6, 7)],
    "QLinearMatMul": [(0, 1, 2), (-1, 6, 7)],
    "QGemm": [(0, 1, 2), (-1, 7, 8)],
    **dict.fromkeys(("QLinearAdd", "QLinearMul"), ((0, 1, 2), (3, 4, 5), (-1, 6, 7))),
    **dict.fromkeys(
        ("QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearSigmoid", "QLinearSoftmax"),
        ((0, 1, 2), (-1, 3, 4)),
    ),
}
INT8 = 3


def from_onnx(data, name="model"):
    """Return the graph held in the bytes of an ONNX model; `name` appears in errors.

    A model with float ends and integers within keeps its quantize and dequantize at the ends. `metadata["layout"]` is
    "NCHW" or "NHWC", the order of the file's own inputs and outputs; the graph itself is NHWC.
    Raises ValueError naming the file, the operator and its node, and what is supported.
    """
    return _one_reshape(read(complete(data, name), name))


def complete(data, name="model"):
    """Return the bytes of the same model with every grid stated where its codes are made.

    Raises ValueError for bytes that hold no ONNX model at all.
    """
    from onnx import ModelProto

    if len(data) > MAX_BYTES:
        return data
    model = ModelProto()
    try:
        model.ParseFromString(bytes(data))
    except Exception:  # DecodeError, of the library beneath onnx: `read` says what is wrong
        return data
    if not model.opset_import and not model.graph.node:
        raise ValueError(f"from_onnx {name}: no ONNX file, neither operator set nor operators are in it; give a model "
                         "that an exporter to ONNX wrote")
    nodes = _with_grids(model.graph, [part for node in model.graph.node for part in _split(node, model.graph)])
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model.SerializeToString()


def _split(node, graph):
    """A Reshape to four axes as a Flatten before it; what is flat already stays so."""
    from onnx import helper

    sizes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    if node.op_type != "Reshape" or len(node.input) != 2 or sizes.get(node.input[1]) != [4]:
        return [node]
    flat = helper.make_node("Flatten", node.input[:1], [f"{node.output[0]}/flat"], node.name, axis=1)
    node.input[0] = flat.output[0]
    return [flat, node]


def _with_grids(graph, nodes):
    """The nodes, and a DequantizeLinear for all codes that a Pad or a Concat reads and no operator has stated before.

    >>> from types import SimpleNamespace as Some
    >>> _with_grids(Some(initializer=[], input=[]), [])
    []
    """
    from onnx import helper

    grids, first = _grids(graph, nodes), {name for node in nodes if node.op_type in STATED for name in node.output}
    wanted = {name for node in nodes if node.op_type in ("Pad", "Concat") and not node.domain
              for name in node.input[: len(node.input) if node.op_type == "Concat" else 1]}

    def stated(names):
        asked = [name for name in names if name in wanted and name in grids and name not in first]
        return [helper.make_node("DequantizeLinear", [name, *grids[name]], [f"{name}/grid"], name) for name in asked]

    return [*stated(info.name for info in graph.input),
            *(part for node in nodes for part in (node, *stated(node.output)))]


def _grids(graph, nodes):
    """{name: (scale, zero point)}, names of constants, for all codes: joined along what passes a grid on."""
    codes = {tensor.name for tensor in graph.initializer if tensor.data_type == INT8}
    known = {tensor.name for tensor in graph.initializer}
    grids = {}
    for node in nodes:
        for name, scale, zero_point in _statements(node):
            if name not in known and scale in known and zero_point in codes:
                grids.setdefault(name, (scale, zero_point))
    passing = [_ends(node) for node in nodes if node.op_type in PASSED_ON and not node.domain]
    before = -1
    while before != len(grids):
        before = len(grids)
        for ends in (*passing, *passing[::-1]):
            found = next((grids[name] for name in ends if name in grids), None)
            grids.update({name: grids.get(name, found) for name in ends if found is not None})
    return grids


def _ends(node):
    """The activations that an operator gives one grid."""
    return [*(node.input if node.op_type == "Concat" else node.input[:1]), *node.output[:1]]


def _statements(node):
    """(name, scale, zero point) of the codes whose grid an operator states."""
    places = STATED.get(node.op_type, [])
    if node.op_type == "QLinearConcat":
        places = [(-1, 0, 1), *((place, place + 1, place + 2) for place in range(2, len(node.input), 3))]
    for codes, *grid in places:
        if max(codes, *grid) < len(node.input) and node.output:
            yield (node.output[0] if codes == -1 else node.input[codes], *(node.input[place] for place in grid))


def _one_reshape(graph):
    """Reshapes of what a reshape alone made for them, as one."""
    makers = {node.output: node for node in graph.nodes if node.op == "reshape"}
    reads = [name for node in graph.nodes for name in node.inputs] + list(graph.outputs)
    nodes, dropped = [], set()
    for node in graph.nodes:
        maker = makers.get(node.inputs[0])
        if node.op == "reshape" and maker is not None and reads.count(maker.output) == 1:
            dropped.add(maker.output)
            node = replace(node, inputs=maker.inputs)
            makers[node.output] = node
        nodes.append(node)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name not in dropped}
    return replace(graph, nodes=[node for node in nodes if node.output not in dropped], tensors=tensors)
