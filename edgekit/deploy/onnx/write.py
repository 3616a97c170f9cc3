"""Write a `Graph` as an ONNX model: float, QDQ (float operators between quantize and dequantize) or QLinear.

    to_onnx(graph, form="qdq") -> bytes

Activations are (N, C, H, W), as ONNX wants them; a signal has H = 1. An integer graph takes and gives int8.
Source: the ONNX operator set 18, and the operators of domain com.microsoft in ONNX Runtime.
"""

import json

import numpy as np

from edgekit.deploy.onnx import names
from edgekit.deploy.onnx.qlinear import QLINEAR
from edgekit.deploy.onnx.real import REAL

OPSET, IR_VERSION = 18, 9
FORMS = ("qdq", "qlinear")


class Writer:
    """Gathers ONNX nodes and constants; handlers call `node`, `constant`, `qparams`."""

    def __init__(self, graph):
        self.graph, self.nodes, self.constants = graph, [], {}

    def node(self, op, inputs, output, domain="", **attributes):
        """Add one ONNX node and return the name of its output."""
        from onnx import helper

        self.nodes.append(helper.make_node(op, list(inputs), [output], output, domain=domain, **attributes))
        return output

    def constant(self, name, array):
        """Keep an array under `name` and return the name."""
        self.constants[name] = np.array(array, order="C")  # a scalar stays one
        return name

    def operand(self, tensor, rank):
        """The name of an activation, or of a constant in ONNX's order that stretches along an activation of `rank`."""
        if tensor.is_constant and tensor.name not in self.constants:
            data = tensor.data.reshape((1,) * (rank - tensor.data.ndim) + tensor.data.shape)
            self.constant(tensor.name, np.moveaxis(data, -1, 0)[None] if rank == 3 else data[None])
        return tensor.name

    def qparams(self, tensor):
        """Names of the scale and zero point of a graph tensor."""
        q = tensor.qparams
        zero_point = np.asarray(q.zero_point, tensor.dtype)
        return (
            self.constant(f"{tensor.name}.scale", np.asarray(q.scale, np.float32)),
            self.constant(f"{tensor.name}.zero_point", zero_point),
        )

    def model(self, name):
        """The finished model as a protobuf object."""
        from onnx import helper, numpy_helper

        graph = self.graph
        ends = [[names.value_info(graph.tensors[tensor]) for tensor in part] for part in (graph.inputs, graph.outputs)]
        known = [numpy_helper.from_array(array, key) for key, array in self.constants.items()]
        body = helper.make_graph(self.nodes, name, *ends, known)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(names.MICROSOFT, 1)]
        model = helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="edgekit")
        helper.set_model_props(model, {"class_names": json.dumps(list(graph.metadata.get("class_names", ())))})
        return model


def to_onnx(graph, form="qdq"):
    """Return the bytes of an ONNX model of `graph`; `form` says how an integer graph is written.

    "qdq": float operators between DequantizeLinear and QuantizeLinear, which runtimes fuse into integer ones.
    "qlinear": ONNX Runtime's integer operators themselves. A float graph has one form only.
    Raises ValueError for an unknown form and for an operator that the form does not know.
    """
    if form not in FORMS:
        raise ValueError(f"to_onnx: form must be one of {', '.join(FORMS)}, got {form!r}")
    wide = [tensor.name for tensor in graph.tensors.values() if tensor.dtype == "int16"]
    if wide:
        raise ValueError(f"to_onnx: activation {wide[0]!r} is int16, for which ONNX Runtime has no integer operators; "
                         "quantize with activations of 8 bits, or write a .tflite")
    writer = Writer(graph)
    table = QLINEAR if graph.is_integer and form == "qlinear" else REAL
    for node in graph.nodes:
        if node.op not in table:
            raise ValueError(
                f"to_onnx: operator {node.op!r} of node {node.source or node.output!r} has no {form} form; "
                f"there are {', '.join(sorted(table))}"
            )
        table[node.op](writer, node)
    return writer.model(graph.name).SerializeToString(deterministic=True)
