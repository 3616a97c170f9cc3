"""The graph: tensors and nodes, frozen. Activations are NHWC, convolution weights OHWI; a 1-D signal has H = 1.

Shapes leave out the batch: at run time every activation has the batch as axis 0.
"""

from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from edgekit.core.affine import QParams
from edgekit.graph.operators import OPERATORS, check_attributes, plain


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named array: a constant with `data`, or an activation whose `shape` leaves out the batch.

    `qparams` says what the integers mean; a float tensor has none.
    """

    name: str
    shape: tuple
    dtype: str = "float32"
    data: np.ndarray | None = None
    qparams: QParams | None = None

    def __post_init__(self):
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        if any(n < 1 for n in self.shape):
            raise ValueError(f"Tensor {self.name!r}: every axis needs a length of at least 1, got shape {self.shape}")
        if self.data is not None and (self.data.shape != self.shape or self.data.dtype != np.dtype(self.dtype)):
            raise ValueError(
                f"Tensor {self.name!r}: data is {self.data.dtype} {self.data.shape}, declared {self.dtype} {self.shape}"
            )

    @property
    def is_constant(self):
        """True for weights and biases, False for activations."""
        return self.data is not None

    @property
    def num_bytes(self):
        """Bytes of one instance: elements times the width of the type."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True)
class Node:
    """One operator: names of its input tensors, of its output tensor, its attributes, and the module it came from."""

    op: str
    inputs: tuple
    output: str
    attrs: dict = field(default_factory=dict, hash=False)
    source: str = ""

    def __post_init__(self):
        if self.op not in OPERATORS:
            raise ValueError(f"Node {self.output!r}: unknown operator {self.op!r}; known: {', '.join(OPERATORS)}")
        fewest, most = OPERATORS[self.op][:2]
        object.__setattr__(self, "inputs", tuple(self.inputs))
        object.__setattr__(self, "attrs", MappingProxyType({k: plain(v) for k, v in self.attrs.items()}))
        if not fewest <= len(self.inputs) <= most:
            raise ValueError(
                f"Node {self.output!r} ({self.op}): takes {fewest} to {most} inputs, got {len(self.inputs)}"
            )
        try:
            check_attributes(self.op, self.attrs)
        except ValueError as error:
            raise ValueError(f"Node {self.output!r} ({self.op}): {error}") from None


@dataclass(frozen=True, eq=False)
class Graph:
    """A model: `tensors` by name, `nodes` in the order in which they run, names of `inputs` and `outputs`."""

    name: str
    tensors: dict
    nodes: tuple
    inputs: tuple
    outputs: tuple
    metadata: dict = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "tensors", MappingProxyType(dict(self.tensors)))
        for key in ("nodes", "inputs", "outputs"):
            object.__setattr__(self, key, tuple(getattr(self, key)))
        self._check()

    def _check(self):
        known = {name for name, tensor in self.tensors.items() if tensor.is_constant} | set(self.inputs)
        for node in self.nodes:
            for name in (*node.inputs, node.output):
                if name not in self.tensors:
                    raise ValueError(
                        f"Graph {self.name!r}: node {node.output!r} names tensor {name!r}, which is not there"
                    )
            unknown = [name for name in node.inputs if name not in known]
            if unknown:
                raise ValueError(
                    f"Graph {self.name!r}: node {node.output!r} reads {unknown[0]!r} before it is computed"
                )
            if node.output in known:
                raise ValueError(f"Graph {self.name!r}: tensor {node.output!r} is written twice")
            known.add(node.output)
        lost = [name for name in self.outputs if name not in known or self.tensors[name].is_constant]
        if lost or not self.inputs or not self.outputs:
            raise ValueError(
                f"Graph {self.name!r}: inputs {self.inputs} and outputs {self.outputs} must exist and be computed"
            )

    @property
    def is_integer(self):
        """True when the model takes integers."""
        return self.tensors[self.inputs[0]].qparams is not None

    @property
    def constants(self):
        """Tensors with data, in the order of the file."""
        return [tensor for tensor in self.tensors.values() if tensor.is_constant]

    def inputs_of(self, node):
        """The input tensors of `node`."""
        return [self.tensors[name] for name in node.inputs]

    def __deepcopy__(self, memo):
        """A copy of what cannot change is itself; a network that is copied keeps its graph."""
        return self

    def with_tensors(self, **changed):
        """A copy in which the named tensors are replaced."""
        return replace(self, tensors={**self.tensors, **changed})
