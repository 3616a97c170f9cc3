"""What a model costs: MACs, bytes as serialized, peak RAM; every figure says where it comes from."""

from dataclasses import dataclass

import numpy as np

from edgekit.core.lowbit import pack, pack_binary, pack_ternary
from edgekit.graph.file import to_bytes
from edgekit.graph.integer_kernels import table_of
from edgekit.graph.memory import plan
from edgekit.graph.multipliers import serialized
from edgekit.graph.operators import RECURRENT, TABLES, WITH_WEIGHTS

KINDS = ("measured", "modelled", "cited")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, its kind (measured, modelled, cited) and its source.

    >>> print(Quantity(1234, "B", "measured", "length of the file"))
    1,234 B (measured)
    """

    value: float
    unit: str
    kind: str
    source: str

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"Quantity: kind must be one of {KINDS}, got {self.kind!r}")

    def __str__(self):
        number = f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:.4g}"
        return f"{number} {self.unit} ({self.kind})"


def macs_per_node(graph):
    """Return {output name: multiply-accumulates} of one inference.

    conv2d: H_out W_out C_out K_h K_w C_in / groups;  dense: C_in C_out per position;  gru, lstm: both weight matrices
    at every step in time.  Pools, sums, products of two activations and activation functions count 0.
    """
    return {node.output: _macs(graph, node) for node in graph.nodes}


def macs(graph):
    """Return the multiply-accumulates of one inference, summed over the nodes."""
    return sum(macs_per_node(graph).values())


def _macs(graph, node):
    weights = sum(int(np.prod(w.shape, dtype=np.int64)) for w in graph.inputs_of(node)[1:] if len(w.shape) > 1)
    if node.op in RECURRENT:
        return graph.tensors[node.inputs[0]].shape[1] * weights
    if node.op not in WITH_WEIGHTS:
        return 0
    return int(np.prod(graph.tensors[node.output].shape[:-1], dtype=np.int64)) * weights


def constants(graph):
    """Return {tensor name: bytes} of everything constant that inference needs, as firmware would store it.

    Weights packed at their number of bits, biases as they are; with an integer weight, per output channel, the
    float32 scale and the int32 multiplier and int8 shift that follow from it; with an integer activation its
    float32 scale and int32 zero point; with an integer add, mul, mean, gru or lstm its multipliers and shifts; with an
    integer sigmoid, tanh, hard_sigmoid or hard_swish its table of 2^num_bits codes.
    """
    table = {tensor.name: _serialized(tensor) for tensor in graph.tensors.values()}
    for node in graph.nodes:
        if graph.tensors[node.output].qparams is not None:
            table[node.inputs[1] if node.op in WITH_WEIGHTS else node.output] += _arithmetic(graph, node)
    return {name: data for name, data in table.items() if data}


def _serialized(tensor):
    if tensor.qparams is None:
        return tensor.data.tobytes() if tensor.is_constant else b""
    data = packed(tensor).tobytes() if tensor.is_constant else b""
    data += tensor.qparams.scale.astype(np.float32).tobytes()
    return data if tensor.is_constant else data + tensor.qparams.zero_point.astype(np.int32).tobytes()


def _arithmetic(graph, node):
    """What an integer node computes with besides its weights: multipliers and shifts, or a table."""
    return table_of(graph, node, "cmsis").tobytes() if node.op in TABLES else serialized(graph, node)


def packed(tensor):
    """The codes of an integer constant in as few bytes as they take: signs; -1, 0 and 1; or num_bits each."""
    if tensor.qparams.num_bits == 2 and (tensor.data != 0).all() and tensor.data.min() >= -1:
        return pack_binary(tensor.data)
    if tensor.qparams.num_bits == 2 and tensor.qparams.narrow:
        return pack_ternary(tensor.data)
    return pack(tensor.data, tensor.qparams.num_bits)


def constants_blob(graph):
    """Return all constants of `graph` one after the other, as bytes."""
    return b"".join(constants(graph).values())


def weight_bytes(graph):
    """Return the bytes of everything constant that inference needs: weights to multipliers."""
    return len(constants_blob(graph))


def summary(graph):
    """Return the costs of `graph` that need no clock: {name: Quantity}."""
    return {
        "weight_bytes": Quantity(weight_bytes(graph), "B", "measured", "constants as serialized"),
        "file_bytes": Quantity(len(to_bytes(graph)), "B", "measured", "length of the .edge file"),
        "macs": Quantity(macs(graph), "MAC", "modelled", "counted from the layer shapes"),
        "peak_ram_bytes": Quantity(plan(graph).peak_ram_bytes, "B", "modelled", "arena from tensor lifetimes, batch 1"),
    }
