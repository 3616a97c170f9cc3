"""From torch to the graph: `torch.export` -> `Graph`. The only door down.

torch keeps activations as (N, C, L) or (N, C, H, W); the graph keeps (N, H, W, C), with H = 1 for signals.
"""

import warnings

import numpy as np
import torch

from edgekit.graph.ir import Graph, Tensor
from edgekit.nn.trace_build import Builder, Value, graph_shape
from edgekit.nn.trace_layers import HANDLERS as LAYERS
from edgekit.nn.trace_layout import HANDLERS as LAYOUT
from edgekit.nn.trace_recurrent import HANDLERS as RECURRENT
from edgekit.nn.trace_recurrent import squeezed

__all__ = ["HANDLERS", "graph_shape", "to_graph_layout", "trace"]

#: operator of torch.export -> function (builder, node of torch.fx)
HANDLERS = {**LAYERS, **LAYOUT, **RECURRENT}
HANDLERS["aten.squeeze.dim"] = squeezed(LAYOUT["aten.squeeze.dim"])

#: what to do about operators that people try
REMEDIES = {
    "aten.leaky_relu": "use ReLU, ReLU6 or Hardswish",
    "aten.gelu": "use ReLU, ReLU6 or Hardswish",
    "aten.slice": "take the part in the data, or give each part its own layer",
    "aten.chunk": "give each part its own layer",
    "aten.split": "give each part its own layer",
    "aten.layer_norm": "use batch norm",
    "aten.group_norm": "use batch norm",
}


def trace(model, example, name=None):
    """Return the `Graph` of a torch `model` in eval mode, traced with an `example` batch of shape (N, C, ...).

    Supported: convolution, batch norm, linear, sums and products of activations, ReLU, ReLU6, hard swish and hard
    sigmoid, sigmoid, tanh, SiLU, softmax over channels, average, max and global pooling, mean, concatenation, zero
    padding, nearest upsampling, flatten, squeeze, transposes of channels, GRU and LSTM (batch first,
    one direction), dropout (nothing at inference). A model may have several outputs. Raises ValueError naming the
    operator and module of anything else.
    """
    return graph_of(_exported(model, example), name or type(model).__name__)


def graph_of(program, name):
    """Return the `Graph` of an exported `program`: its `graph`, `graph_signature`, `state_dict` and `constants`."""
    builder = Builder()
    _bind_parameters(builder, program)
    outputs = []
    for fx in program.graph.nodes:
        if fx.op == "placeholder":
            _placeholder(builder, fx)
        elif fx.op == "call_function":
            _convert(builder, fx)
        elif fx.op == "output":
            outputs = [_output(builder, value) for value in fx.args[0]]
    inputs = list(program.graph_signature.user_inputs)
    return Graph(name, builder.tensors, builder.nodes, inputs, outputs)


def _exported(model, example):
    was_training = model.training
    with warnings.catch_warnings():
        # nn.GRU and nn.LSTM keep a list of their own parameters, which torch.export sees being set
        warnings.filterwarnings("ignore", r"The tensor attributes? .*_flat_weights", UserWarning)
        try:
            return torch.export.export(model.eval(), (example,), strict=False)
        finally:
            model.train(was_training)


def to_graph_layout(x):
    """Return a torch batch as the NumPy batch that the traced graph takes: channels last, H = 1 for signals."""
    array = np.moveaxis(x.detach().cpu().numpy(), 1, -1)
    return np.ascontiguousarray(array[:, None] if array.ndim == 3 else array)


def _bind_parameters(builder, program):
    signature = program.graph_signature
    sources = {
        **signature.inputs_to_parameters,
        **signature.inputs_to_buffers,
        **signature.inputs_to_lifted_tensor_constants,
    }
    constants = {**program.state_dict, **program.constants}
    for placeholder, target in sources.items():
        builder.parameters[placeholder] = (target, constants[target].detach().cpu().numpy())


def _placeholder(builder, fx):
    if fx.name not in builder.parameters:
        value = Value(fx.name, tuple(fx.meta["val"].shape))
        builder.tensors[fx.name] = Tensor(fx.name, value.graph_shape)
        builder.values[fx.name] = value


def _convert(builder, fx):
    handler = HANDLERS.get(str(fx.target))
    if handler is None:
        remedy = REMEDIES.get(str(fx.target).rsplit(".", 1)[0].rstrip("_"))
        remedy = f"; {remedy}" if remedy else ""
        raise builder.error(fx, f"is not supported; supported are {', '.join(sorted(HANDLERS))}{remedy}")
    handler(builder, fx)


def _output(builder, fx):
    """The name of an output; the features of a map that was flattened last would come in another order than torch's."""
    value = builder.values.get(getattr(fx, "name", None))
    if value is None or value.order is not None:
        what = "no activation" if value is None else "a flattened map, whose features the graph orders (H, W, C)"
        raise ValueError(f"trace: output {fx} of the model is {what}; end with a layer, or with the map itself")
    return value.name
