"""From torch to the graph: `torch.export` -> `Graph`. The only door down.

torch keeps activations as (N, C, L) or (N, C, H, W); the graph keeps (N, H, W, C), with H = 1 for signals.
"""

from dataclasses import dataclass, field

import numpy as np
import torch

from edgekit.graph.ir import Graph, Node, Tensor


@dataclass
class _Builder:
    """Collects tensors and nodes while the exported program is read from top to bottom."""

    values: dict = field(default_factory=dict)  # fx name -> graph tensor name, or a torch constant
    tensors: dict = field(default_factory=dict)
    nodes: list = field(default_factory=list)

    def constant(self, name, array):
        self.tensors[name] = Tensor(name, array.shape, "float32", np.ascontiguousarray(array, np.float32))
        return name

    def emit(self, fx, op, inputs, output_shape, **attrs):
        self.tensors[fx.name] = Tensor(fx.name, output_shape)
        self.nodes.append(Node(op, inputs, fx.name, attrs, _module_of(fx)))
        self.values[fx.name] = fx.name

    def alias(self, fx, source):
        self.values[fx.name] = self.values[source.name]


def trace(model, example, name=None):
    """Return the `Graph` of a torch `model` in eval mode, traced with an `example` batch of shape (N, C, ...).

    Supported: convolution, batch norm, ReLU, ReLU6, linear, addition, average, max and global pooling, flatten,
    dropout (which is nothing at inference). Raises ValueError naming the operator and module of anything else.
    """
    was_training = model.training
    try:
        program = torch.export.export(model.eval(), (example,), strict=False)
    finally:
        model.train(was_training)
    builder = _Builder()
    _bind_parameters(builder, program)
    outputs = []
    for fx in program.graph.nodes:
        if fx.op == "placeholder":
            _placeholder(builder, fx)
        elif fx.op == "call_function":
            _convert(builder, fx)
        elif fx.op == "output":
            outputs = [builder.values[value.name] for value in fx.args[0]]
    inputs = list(program.graph_signature.user_inputs)
    return Graph(name or type(model).__name__, builder.tensors, builder.nodes, inputs, outputs)


def graph_shape(torch_shape):
    """Return the graph's shape, without the batch, of a torch activation shape (N, C, L), (N, C, H, W) or (N, F).

    >>> graph_shape((8, 3, 1000))
    (1, 1000, 3)
    """
    n_channels, *space = torch_shape[1:]
    return ((1, *space) if len(space) == 1 else tuple(space)) + (n_channels,)


def to_graph_layout(x):
    """Return a torch batch as the NumPy batch that the traced graph takes: channels last, H = 1 for signals."""
    array = np.moveaxis(x.detach().cpu().numpy(), 1, -1)
    return np.ascontiguousarray(array[:, None] if array.ndim == 3 else array)


def _bind_parameters(builder, program):
    signature = program.graph_signature
    sources = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    constants = {**program.state_dict, **program.constants}
    for placeholder, target in sources.items():
        builder.values[placeholder] = (target, constants[target].detach().cpu().numpy())


def _placeholder(builder, fx):
    if fx.name not in builder.values:
        builder.tensors[fx.name] = Tensor(fx.name, graph_shape(fx.meta["val"].shape))
        builder.values[fx.name] = fx.name


def _convert(builder, fx):
    handler = _HANDLERS.get(str(fx.target))
    if handler is None:
        raise ValueError(
            f"trace: operator {fx.target} in module {_module_of(fx) or 'the model itself'!r} is not "
            f"supported; supported are {', '.join(sorted(_HANDLERS))}"
        )
    handler(builder, fx)


def _module_of(fx):
    """Name of the torch module that a node came from, as a plain string."""
    stack = fx.meta.get("nn_module_stack") or {}
    return str(list(stack.values())[-1][0]) if stack else ""


def _pair(value):
    """(v) or (v_l) of a signal -> (1, v); (v_h, v_w) of an image stays."""
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return values if len(values) == 2 else (1, values[0])


def _padding(value):
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    rows, columns = values if len(values) == 2 else (0, values[0])
    return ((rows, rows), (columns, columns))


def _arguments(fx, *names_and_defaults):
    """The positional and keyword arguments of a call, with defaults filled in."""
    given = list(fx.args) + [None] * len(names_and_defaults)
    return [
        fx.kwargs.get(name, given[i] if i < len(fx.args) else default)
        for i, (name, default) in enumerate(names_and_defaults)
    ]


def _parameter(builder, fx):
    return builder.values[fx.name]


def _conv(builder, fx):
    x, w, b, stride, padding, dilation, groups = _arguments(
        fx,
        ("input", None),
        ("weight", None),
        ("bias", None),
        ("stride", 1),
        ("padding", 0),
        ("dilation", 1),
        ("groups", 1),
    )
    spatial = len(fx.meta["val"].shape) - 2

    def expand(value):
        """One number for every axis in space."""
        values = [value] if isinstance(value, int) else list(value)
        return values if len(values) == spatial else values * spatial

    target, weight = _parameter(builder, w)
    weight = np.moveaxis(weight, 1, -1)  # (O, I, ...) -> (O, ..., I)
    inputs = [builder.values[x.name], builder.constant(target, weight if spatial == 2 else weight[:, None])]
    if b is not None:
        inputs.append(builder.constant(*_parameter(builder, b)))
    builder.emit(
        fx,
        "conv2d",
        inputs,
        graph_shape(fx.meta["val"].shape),
        stride=_pair(expand(stride)),
        padding=_padding(expand(padding)),
        dilation=_pair(expand(dilation)),
        groups=int(groups),
    )


def _batch_norm(builder, fx):
    x, gamma, beta, mean, variance, eps = fx.args[0], *fx.args[1:5], fx.args[7]
    inputs = [builder.values[x.name]] + [
        builder.constant(*_parameter(builder, p)) for p in (gamma, beta, mean, variance)
    ]
    builder.emit(fx, "batch_norm", inputs, graph_shape(fx.meta["val"].shape), eps=float(eps))


def _linear(builder, fx):
    x, w, b = _arguments(fx, ("input", None), ("weight", None), ("bias", None))
    target, weight = _parameter(builder, w)
    source = builder.tensors[builder.values[x.name]]
    producer = next((node for node in builder.nodes if node.output == source.name), None)
    if producer is not None and producer.op == "reshape":
        weight = _channels_last_columns(weight, builder.tensors[producer.inputs[0]].shape)
    inputs = [source.name, builder.constant(target, weight)]
    if b is not None:
        inputs.append(builder.constant(*_parameter(builder, b)))
    builder.emit(fx, "dense", inputs, tuple(fx.meta["val"].shape[1:]))


def _channels_last_columns(weight, shape):
    """Reorder columns from torch's flatten order (C, H, W) to the graph's (H, W, C)."""
    height, width, channels = shape
    return weight.reshape(-1, channels, height, width).transpose(0, 2, 3, 1).reshape(weight.shape)


def _flatten(builder, fx):
    source = builder.values[fx.args[0].name]
    size = int(np.prod(builder.tensors[source].shape))
    if fx.meta["val"].shape[1:] != (size,):
        raise ValueError(
            f"trace: {fx.target} in module {_module_of(fx)!r} reshapes to {tuple(fx.meta['val'].shape)}; "
            "only flattening to (batch, features) is supported"
        )
    builder.emit(fx, "reshape", [source], (size,), shape=(size,))


def _elementwise(op):
    def handler(builder, fx):
        inputs = [builder.values[arg.name] for arg in fx.args if isinstance(arg, torch.fx.Node)]
        builder.emit(fx, op, inputs, builder.tensors[inputs[0]].shape)

    return handler


def _hardtanh(builder, fx):
    low, high = (*fx.args[1:], -1.0, 1.0)[:2]
    if (low, high) != (0, 6):
        raise ValueError(f"trace: hardtanh({low}, {high}) in module {_module_of(fx)!r} is not supported; use ReLU6")
    _elementwise("relu6")(builder, fx)


def _pool(op):
    def handler(builder, fx):
        x, kernel, stride, padding = _arguments(
            fx, ("input", None), ("kernel_size", None), ("stride", None), ("padding", 0)
        )
        builder.emit(
            fx,
            op,
            [builder.values[x.name]],
            graph_shape(fx.meta["val"].shape),
            kernel=_pair(kernel),
            stride=_pair(stride or kernel),
            padding=_padding(padding),
        )

    return handler


def _global_pool(builder, fx):
    source = builder.tensors[builder.values[fx.args[0].name]]
    kept = tuple(fx.meta["val"].shape)
    if int(np.prod(kept[1:])) != source.shape[-1]:
        raise ValueError(
            f"trace: {fx.target} in module {_module_of(fx)!r} gives {kept}; only pooling to one value per "
            "channel is supported"
        )
    shape = graph_shape(kept) if len(kept) > 2 else (1, 1, kept[1])
    builder.emit(
        fx,
        "avg_pool2d",
        [source.name],
        shape,
        kernel=source.shape[:2],
        stride=source.shape[:2],
        padding=((0, 0), (0, 0)),
    )


def _nothing(builder, fx):
    builder.alias(fx, fx.args[0])


_HANDLERS = {
    "aten.conv1d.default": _conv,
    "aten.conv2d.default": _conv,
    "aten.batch_norm.default": _batch_norm,
    "aten.linear.default": _linear,
    "aten.relu.default": _elementwise("relu"),
    "aten.relu_.default": _elementwise("relu"),
    "aten.relu6.default": _elementwise("relu6"),
    "aten.hardtanh.default": _hardtanh,
    "aten.hardtanh_.default": _hardtanh,
    "aten.add.Tensor": _elementwise("add"),
    "aten.add_.Tensor": _elementwise("add"),
    "aten.avg_pool1d.default": _pool("avg_pool2d"),
    "aten.avg_pool2d.default": _pool("avg_pool2d"),
    "aten.max_pool1d.default": _pool("max_pool2d"),
    "aten.max_pool2d.default": _pool("max_pool2d"),
    "aten.adaptive_avg_pool1d.default": _global_pool,
    "aten.adaptive_avg_pool2d.default": _global_pool,
    "aten.flatten.using_ints": _flatten,
    "aten.view.default": _flatten,
    "aten.reshape.default": _flatten,
    "aten.dropout.default": _nothing,
    "aten.clone.default": _nothing,
}
