"""What `trace` knows while it reads an exported program: tensors, nodes, and how torch lays out each activation."""

from dataclasses import dataclass, field

import numpy as np
import torch

from edgekit.graph.ir import Node, Tensor
from edgekit.graph.shapes import infer


@dataclass(frozen=True)
class Value:
    """A torch activation and the graph tensor that holds it.

    `shape`: in torch, with the batch. `channels_last`: torch has the channels on its last axis too, after a transpose.
    `order`: for a flattened map, which torch feature each feature of the graph is; None where they are the same.
    """

    name: str
    shape: tuple
    channels_last: bool = False
    order: np.ndarray | None = None

    @property
    def graph_shape(self):
        """The graph's shape, without the batch."""
        return graph_shape(self.shape, self.channels_last)

    def axis(self, dim):
        """The graph's axis, negative, of the torch axis `dim`."""
        dim, rank = dim % len(self.shape), len(self.shape)
        return dim - rank if self.channels_last or dim == 0 else -1 if dim == 1 else dim - rank - 1


def graph_shape(torch_shape, channels_last=False):
    """Return the graph's shape, without the batch, of a torch activation shape (N, C, L), (N, C, H, W) or (N, F).

    >>> graph_shape((8, 3, 1000))
    (1, 1000, 3)
    """
    axes = tuple(int(n) for n in torch_shape[1:])
    if not 1 <= len(axes) <= 3:
        raise ValueError(f"trace: activations are (N, F), (N, C, L) or (N, C, H, W), got {tuple(torch_shape)}")
    channels, space = (axes[-1], axes[:-1]) if channels_last else (axes[0], axes[1:])
    return ((1, *space) if len(space) == 1 else space) + (channels,)


@dataclass
class Builder:
    """Collects tensors and nodes while the exported program is read from top to bottom."""

    values: dict = field(default_factory=dict)  # fx name -> Value
    parameters: dict = field(default_factory=dict)  # fx name -> (name in the model, array)
    tensors: dict = field(default_factory=dict)
    nodes: list = field(default_factory=list)

    def value(self, fx, arg, channels_last=None):
        """The activation `arg` of the call `fx`; with `channels_last`, laid out so. Raises ValueError for others."""
        if not isinstance(arg, torch.fx.Node) or arg.name not in self.values:
            raise self.error(fx, "takes a number or parameter where only activations are supported; "
                                 "put it into the weights of the layer before")
        value = self.values[arg.name]
        if channels_last is not None and len(value.shape) > 2 and value.channels_last != channels_last:
            where = "last" if channels_last else "second"
            raise self.error(fx, f"needs the channels on the {where} axis of {value.shape}; transpose before it")
        return value

    def parameter(self, fx, arg):
        """The (name, array) of the parameter `arg` of the call `fx`."""
        if not isinstance(arg, torch.fx.Node) or arg.name not in self.parameters:
            raise self.error(fx, "has weights that are no parameters of the model; make them nn.Parameter")
        return self.parameters[arg.name]

    def constant(self, name, array):
        """Enter a weight; one that is laid out differently in two places gets two names."""
        array = np.ascontiguousarray(array, np.float32)
        while name in self.tensors and not np.array_equal(self.tensors[name].data, array):
            name += "_again"
        self.tensors[name] = Tensor(name, array.shape, "float32", array)
        return name

    def add(self, fx, op, inputs, suffix="", **attrs):
        """Enter a node, whose output shape follows from its inputs; return the name of its output."""
        name = fx.name + suffix
        try:
            shape = infer(op, [self.tensors[source].shape for source in inputs], attrs)
        except ValueError as error:
            raise self.error(fx, str(error)) from None
        self.tensors[name] = Tensor(name, shape)
        self.nodes.append(Node(op, inputs, name, attrs, module_of(fx)))
        return name

    def emit(self, fx, op, inputs, like=None, order=None, **attrs):
        """Enter the node that computes `fx`, laid out as the value `like`; torch must give the same shape."""
        name = self.add(fx, op, inputs, **attrs)
        shape = tuple(fx.meta["val"].shape)
        value = Value(name, shape, bool(like and like.channels_last and len(shape) > 2), order)
        if value.graph_shape != self.tensors[name].shape:
            raise self.error(fx, f"gives {value.shape} in torch, but {op} {self.tensors[name].shape} here; "
                                 "ceil_mode and broadcasting of sums are not supported")
        self.values[fx.name] = value

    def rename(self, fx, value, **changed):
        """Let `fx` stand for the graph tensor of `value`."""
        kept = {"channels_last": value.channels_last, "order": value.order, **changed}
        self.values[fx.name] = Value(value.name, tuple(fx.meta["val"].shape), **kept)

    def error(self, fx, message):
        """A ValueError that names operator and module."""
        return ValueError(f"trace: {fx.target} in module {module_of(fx) or 'the model itself'!r} {message}")


def module_of(fx):
    """Name of the torch module that a node came from, as a plain string."""
    stack = fx.meta.get("nn_module_stack") or {}
    return str(list(stack.values())[-1][0]) if stack else ""


def arguments(fx, *names_and_defaults):
    """The positional and keyword arguments of a call, with defaults filled in."""
    given = list(fx.args) + [None] * len(names_and_defaults)
    return [
        fx.kwargs.get(name, given[i] if i < len(fx.args) else default)
        for i, (name, default) in enumerate(names_and_defaults)
    ]


def same_order(order, other):
    """Whether two orders of features are equal; None stands for torch's own."""
    return order is other or (order is not None and other is not None and np.array_equal(order, other))
