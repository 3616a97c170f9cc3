"""Make the graph smaller without changing what it computes: batch norm into weights, ReLU into the node before it."""

from collections import Counter
from dataclasses import replace

import numpy as np

from edgekit.graph.ir import Graph, Tensor

FUSABLE = ("conv2d", "dense", "add", "mul")


def fold(graph):
    """Return `graph` with batch norms folded and activations fused: what a runtime executes.

    The result computes the same function; only the order of float roundings changes.
    """
    return fuse_activations(fold_batch_norm(graph))


def fold_batch_norm(graph):
    """Return `graph` with every convolution or dense layer followed only by a batch norm turned into one layer.

    gamma * (w * x + b - mean) / sqrt(variance + eps) + beta  =  w' * x + b'
    w' = g * w,   b' = beta + g * (b - mean),   g = gamma / sqrt(variance + eps)
    """
    return _merge(graph, ("conv2d", "dense"), ("batch_norm",), _absorb_batch_norm)


def fuse_activations(graph):
    """Return `graph` with every ReLU or ReLU6 that is the only reader of a fusable node moved into that node."""
    return _merge(graph, FUSABLE, ("relu", "relu6"), _absorb_activation)


def _merge(graph, first_ops, second_ops, absorb):
    """Replace each pair (first, second), where second alone reads first, by the node that `absorb` makes."""
    readers = Counter(name for node in graph.nodes for name in node.inputs) + Counter(graph.outputs)
    writer = {node.output: node for node in graph.nodes}
    tensors, replaced, gone = dict(graph.tensors), {}, set()
    for node in graph.nodes:
        first = replaced.get(node.inputs[0], writer.get(node.inputs[0]))
        if node.op in second_ops and first is not None and _fits(first, first_ops, readers):
            merged, new_tensors = absorb(first, node, tensors)
            tensors.update(new_tensors)
            replaced[node.output] = merged
            gone.add(first.output)
    nodes = [replaced.get(node.output, node) for node in graph.nodes if node.output not in gone]
    return _without_orphans(Graph(graph.name, tensors, nodes, graph.inputs, graph.outputs, graph.metadata))


def _fits(first, first_ops, readers):
    return first.op in first_ops and readers[first.output] == 1 and first.attrs.get("activation") is None


def _absorb_batch_norm(layer, norm, tensors):
    gamma, beta, mean, variance = (tensors[name].data.astype(np.float64) for name in norm.inputs[1:])
    gain = gamma / np.sqrt(variance + norm.attrs["eps"])
    weight = tensors[layer.inputs[1]]
    bias = tensors[layer.inputs[2]].data if len(layer.inputs) == 3 else np.zeros(weight.shape[0])
    new_weight = (weight.data * gain.reshape(-1, *[1] * (weight.data.ndim - 1))).astype(np.float32)
    new_bias = (beta + gain * (bias - mean)).astype(np.float32)
    names = f"{layer.inputs[1]}.folded", f"{layer.inputs[1].removesuffix('weight')}bias.folded"
    constants = {
        name: Tensor(name, data.shape, "float32", data)
        for name, data in zip(names, (new_weight, new_bias), strict=True)
    }
    return replace(layer, inputs=(layer.inputs[0], *names), output=norm.output), constants


def _absorb_activation(node, activation, tensors):
    return replace(node, output=activation.output, attrs={**node.attrs, "activation": activation.op}), {}


def _without_orphans(graph):
    used = {name for node in graph.nodes for name in (*node.inputs, node.output)} | set(graph.inputs)
    kept = {name: tensor for name, tensor in graph.tensors.items() if name in used}
    return Graph(graph.name, kept, graph.nodes, graph.inputs, graph.outputs, graph.metadata)
