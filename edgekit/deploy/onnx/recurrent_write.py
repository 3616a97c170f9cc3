"""Write a float graph's `gru` and `lstm` nodes as ONNX's GRU and LSTM.

    (N, C, 1, T)  Squeeze, Transpose  (T, N, C)  the operator  Y (T, 1, N, H)  Transpose  (N, H, 1, T)
                                                               Y_h (1, N, H)   Squeeze    (N, H)

Source: the ONNX operator specification, GRU and LSTM of operator set 14.
"""

import numpy as np

from edgekit.deploy.onnx.gates import EXTRA, OPS, to_onnx_gates

NAMES = {op: name for name, op in OPS.items()}


def recurrent(writer, node):
    """GRU or LSTM, one direction, from a state of 0."""
    from onnx import helper

    signal = writer.node("Squeeze", [node.inputs[0], _axis(writer, node, 2)], f"{node.output}/signal")
    steps = writer.node("Transpose", [signal], f"{node.output}/steps", perm=[2, 0, 1])
    states = f"{node.output}/states"
    results = [states] if node.attrs["return_sequence"] else ["", states]
    size = writer.graph.tensors[node.inputs[2]].shape[1]
    writer.nodes.append(helper.make_node(NAMES[node.op], [steps, *_constants(writer, node)], results, states,
                                         hidden_size=size, **EXTRA[node.op]))
    if node.attrs["return_sequence"]:
        return writer.node("Transpose", [states], node.output, perm=[2, 3, 1, 0])
    return writer.node("Squeeze", [states, _axis(writer, node, 0)], node.output)


def check_real(graph, node):
    """Raise ValueError for an integer `node`: ONNX has no operator with its integers."""
    if graph.tensors[node.output].qparams is not None:
        remedy = "write .tflite or .edge" if node.op == "lstm" else "write .edge"
        raise ValueError(f"to_onnx: operator {node.op!r} of node {node.source or node.output!r} is an integer one; GRU "
                         f"and LSTM of ONNX are float, and none has the integers of edgekit; {remedy}, or convert the "
                         "float model")


def _axis(writer, node, axis):
    return writer.constant(f"{node.output}/axis{axis}", np.array([axis], np.int64))


def _constants(writer, node):
    """Names of W (1, gates H, C), R (1, gates H, H) and B (1, 2 gates H)."""
    w_input, w_hidden, *biases = writer.graph.inputs_of(node)[1:]
    both = np.concatenate([to_onnx_gates(node.op, bias.data) for bias in biases])
    matrices = [writer.constant(f"{w.name}/gates", to_onnx_gates(node.op, w.data)[None]) for w in (w_input, w_hidden)]
    return *matrices, writer.constant(f"{node.output}/biases", both[None])
