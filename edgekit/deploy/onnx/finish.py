"""The last look at a graph that was read: grids that operators pass on, pools that are means, integers throughout."""

from dataclasses import replace

import numpy as np

from edgekit.deploy.onnx.names import is_global
from edgekit.graph.check import check_graph


def same(a, b):
    """True when two grids have the same scales and zero points."""
    return np.array_equal(a.scale, b.scale) and np.array_equal(a.zero_point, b.zero_point) and a.axis == b.axis


def whole(graph, name):
    """Give same-grid operators their grids; raise unless all activations are integers, or none."""
    graph = _pools_as_means(_spread_grids(graph), name)
    ends = {node.inputs[0] for node in graph.nodes if node.op == "quantize"}
    ends |= {node.output for node in graph.nodes if node.op == "dequantize"}
    grids = {tensor.name: tensor.qparams is not None for tensor in graph.tensors.values()
             if not tensor.is_constant and tensor.name not in ends}
    if len(set(grids.values())) > 1:
        mixed = next(key for key, quantized in grids.items() if not quantized)
        raise ValueError(
            f"from_onnx {name}: {mixed!r} is computed in float32 beside integer activations; "
            "quantize all of the model, or none"
        )
    check_graph(graph)
    return graph


def _pools_as_means(graph, name):
    """A pool keeps its grid; a global one that changes it is a mean."""
    nodes = []
    for node in graph.nodes:
        x, y = (graph.tensors[end].qparams for end in (node.inputs[0], node.output))
        if node.op == "avg_pool2d" and None not in (x, y) and not same(x, y):
            if not is_global(graph, node):
                raise ValueError(f"from_onnx {name}: average pool {node.output!r} changes scale or zero point; only a "
                                 "global one may")
            node = replace(node, op="mean", attrs={"axes": (-3, -2), "keepdims": True})
        nodes.append(node)
    return replace(graph, nodes=nodes)


def _spread_grids(graph):
    same_grid = ("max_pool2d", "reshape", "pad", "resize_nearest", "relu", "relu6")
    tensors = dict(graph.tensors)
    for nodes in (graph.nodes, graph.nodes[::-1]):
        for node in nodes:
            ends = [node.inputs[0], node.output]
            grids = [tensors[end].qparams for end in ends]
            if node.op in same_grid and sum(grid is None for grid in grids) == 1:
                missing, grid = ends[grids.index(None)], next(grid for grid in grids if grid is not None)
                tensors[missing] = replace(tensors[missing], dtype=str(grid.dtype), qparams=grid)
    return replace(graph, tensors=tensors)
