"""Activations of 8 and 16 bits in one graph: who computes in which, and the rescaling between them.

A layer named with 16 bits reads and gives int16 codes; every other layer int8. An operator without weights computes in
the widest of its inputs. Where a reader is wider or narrower than what it reads, a `quantize` node stands between.

int16: [-32768, 32767], zero point 0; sigmoid, hard sigmoid, softmax and tanh at scale 1/32768. Biases are int64.
Source: LiteRT quantization specification, "16-bit activations".
"""

from dataclasses import replace

from edgekit.core.affine import choose_qparams
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.operators import RECURRENT, WITH_WEIGHTS

WIDTHS = (8, 16)


def node_widths(graph, activation_bits):
    """Return {output of a node: bits in which it computes}; `activation_bits` is 8, 16, or {output of a layer: bits}.

    Raises ValueError for other bits, a layer that is not there, and 16 bits for a recurrent layer.
    """
    layers = [node.output for node in graph.nodes if node.op in (*WITH_WEIGHTS, *RECURRENT)]
    given = dict(activation_bits) if hasattr(activation_bits, "keys") else dict.fromkeys(layers, activation_bits)
    unknown = [name for name in given if name not in layers]
    odd = [bits for bits in given.values() if bits not in WIDTHS]
    if unknown or odd:
        what = f"names {unknown[0]!r}" if unknown else f"has {odd[0]!r} bits"
        raise ValueError(
            f"quantize_graph: activation_bits {what}; give 8, 16, or a dict of layers: {', '.join(layers)}"
        )
    bits = dict.fromkeys(graph.inputs, 8 if hasattr(activation_bits, "keys") else activation_bits)
    for node in graph.nodes:
        wide = given.get(node.output, 8)
        if node.op in RECURRENT and wide != 8:
            raise ValueError(f"quantize_graph: {node.op} {node.output!r} takes 8 bits of activations, got {wide}")
        inputs = [bits[name] for name in node.inputs if name in bits]
        bits[node.output] = wide if node.op in (*WITH_WEIGHTS, *RECURRENT) else max(inputs, default=8)
    return bits


def grid_of(low, high, num_bits):
    """The grid of an activation in [low, high]: affine in 8 bits, symmetric in 16."""
    return choose_qparams(low, high, num_bits, "affine" if num_bits == 8 else "symmetric", narrow=False)


def with_conversions(graph, bits):
    """Return (graph, bits) with a `quantize` node wherever a node computes in other bits than an input has.

    graph: in floats, so the new node passes numbers on. The bits of its output are those of the reader.
    """
    tensors, nodes, bits = dict(graph.tensors), [], dict(bits)
    for node in graph.nodes:
        inputs = []
        for name in node.inputs:
            if name in bits and bits[name] != bits[node.output]:
                name, source = f"{name}.int{bits[node.output]}", name
                if name not in tensors:
                    tensors[name] = Tensor(name, tensors[source].shape)
                    bits[name] = bits[node.output]
                    nodes.append(Node("quantize", [source], name))
            inputs.append(name)
        nodes.append(replace(node, inputs=inputs))
    return Graph(graph.name, tensors, nodes, graph.inputs, graph.outputs, graph.metadata), bits


def with_ranges(graph, ranges):
    """Return `ranges` with those of converted activations: the ranges of what they convert."""
    converted = {node.output: ranges[node.inputs[0]] for node in graph.nodes
                 if node.op == "quantize" and node.output not in ranges and node.inputs[0] in ranges}
    return {**ranges, **converted}


def fixed_grid(grid, num_bits):
    """(scale, zero point, bits) of an operator's fixed grid of 8 bits, (scale, zero point), or its twin of 16."""
    return (*grid, 8) if num_bits == 8 else (1 / 32768, 0, 16)
