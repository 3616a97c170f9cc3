"""Which integer grid each activation lies on: its own, that of its neighbours, or one that the runtimes fix.

Pooling, reshape, ReLU, padding, resizing and concatenation move codes without rescaling, so inputs and output share one
grid; sigmoid, hard sigmoid and softmax always give scale 1/256 and zero point -128, tanh 1/128 and 0.
Source: LiteRT 8-bit quantization specification, "Int8 quantized operator specifications".
"""

from dataclasses import replace

from edgekit.core.affine import QParams
from edgekit.graph.operators import OPERATORS
from edgekit.graph.widths import fixed_grid, grid_of


def choose_grids(graph, ranges, bits=None):
    """Return {activation: QParams} for a graph whose activations lie in `ranges` {name: (low, high)}.

    bits: {activation: 8 or 16}, from `graph.widths`, by default 8. Activations that are tied get one grid, over the
    joined ranges of those among them that something computes anew.
    """
    bits = bits or dict.fromkeys(graph.tensors, 8)
    fixed = fixed_grids(graph, bits)
    root = ties(graph, fixed)
    constants = {tensor.name: (tensor.data.min(), tensor.data.max()) for tensor in graph.constants}
    ranges, sources, grids = {**constants, **ranges}, _sources(graph, root), {}
    for group, members in sources.items():
        lows, highs = zip(*(ranges[name] for name in members), strict=True)
        same = fixed.get(group)
        grids[group] = QParams(*same) if same else as_stored(grid_of(min(lows), max(highs), bits[group]))
    return {name: grids[group] for name, group in root.items()}


def fixed_grids(graph, bits):
    """Return {activation: (scale, zero_point, bits)} of those on a fixed grid, also where codes are only moved."""
    fixed = {}
    for node in graph.nodes:
        grid = OPERATORS[node.op].grid
        if grid == "input":
            given = {fixed.get(name) for name in node.inputs}
            grid = given.pop() if len(given) == 1 else None
        if isinstance(grid, tuple):
            fixed[node.output] = grid if len(grid) == 3 else fixed_grid(grid, bits[node.output])
    return fixed


def ties(graph, fixed):
    """Return {activation: the first activation that shares its grid}.

    A concatenation ties its inputs, but leaves alone those on a fixed grid that the others do not share: it rescales
    them.
    """
    root = {tensor.name: tensor.name for tensor in graph.tensors.values() if not tensor.is_constant}

    def first(name):
        while root[name] != name:
            name = root[name]
        return name

    for node in graph.nodes:
        for name in node.inputs if OPERATORS[node.op].grid == "input" else ():
            if name in root and fixed.get(name) == fixed.get(node.output):
                root[first(node.output)] = first(name)
    return {name: first(name) for name in root}


def _sources(graph, root):
    """{first of a group: activations whose ranges its grid must cover}."""
    moved = {node.output for node in graph.nodes if OPERATORS[node.op].grid == "input"}
    sources = {}
    for name, group in root.items():
        if name not in moved:
            sources.setdefault(group, []).append(name)
    for node in graph.nodes:
        apart = [name for name in node.inputs if node.op == "concat" and root.get(name) != root[node.output]]
        sources.setdefault(root[node.output], []).extend(apart)
    return sources


def as_stored(qparams):
    """Return `qparams` with the scale rounded to float32, as every file format keeps it."""
    return replace(qparams, scale=qparams.scale.astype("float32"))
