"""Which layer suffers from quantization: each one alone quantized, and each one alone left in floats.

    only     this layer on its grid, everything else in floats: what it costs by itself
    but      everything on its grid except this layer: what sparing it would win back

A layer is what gets a grid of its own: the weights and the output of one operator, together with the poolings and
reshapes that keep its grid; the input of the network is one too. Everything is computed in real numbers that lie on the
grids (`fake_quantize`), so results differ from the integer graph by its rounding of sums only.
"""

from dataclasses import dataclass, replace

import numpy as np

from edgekit.core.affine import dequantize, fake_quantize
from edgekit.core.metrics import sqnr_db
from edgekit.graph import kernels


@dataclass(frozen=True)
class Row:
    """What quantization of one layer does to the output of the network; `name` is its output tensor.

    only_db, but_db: SQNR of the network's output in dB. only_metric, but_metric: the metric, None without one.
    """

    name: str
    label: str
    op: str
    only_db: float
    but_db: float
    only_metric: float | None = None
    but_metric: float | None = None


@dataclass(frozen=True)
class Report:
    """A `Row` for each layer in the order of the network, and the figures of the network in floats and quantized."""

    rows: tuple
    all_db: float
    float_metric: float | None = None
    all_metric: float | None = None

    def worst(self):
        """The row whose layer alone costs most: lowest `only_db`."""
        return min(self.rows, key=lambda row: row.only_db)

    def __str__(self):
        lines = [f"{'layer':24} {'only this':>10} {'all but it':>10}   SQNR of the output (dB)"]
        lines += [f"{row.label:24} {row.only_db:10.1f} {row.but_db:10.1f}" for row in self.rows]
        return "\n".join([*lines, f"{'all layers':24} {self.all_db:10.1f}"])


def sensitivity(floating, integer, x, metric=None, batch_size=128, progress=lambda text: None):
    """Return the `Report` for inputs x (N, ...) of a folded float graph and the integer graph made from it.

    metric: a function of the network's outputs (N, ...), such as `lambda out: accuracy(y, out.argmax(1))`, or None.
    Nothing is random. Raises ValueError when the graphs do not belong together, or x holds no example.
    """
    _check(floating, integer, x)
    part = _parts(floating, integer)
    names = list(dict.fromkeys(part.values()))
    twin = _Twin(floating, integer, part)
    results = {key: [] for key in ["float", "all", *((kind, n) for kind in ("only", "but") for n in names)]}
    for start in range(0, len(x), batch_size):
        progress(f"examples {start} to {min(start + batch_size, len(x))} of {len(x)}")
        twin.examine(np.asarray(x[start : start + batch_size], np.float32), names, results)
    outputs = {key: np.concatenate(values) for key, values in results.items()}
    return _report(floating, names, outputs, metric)


def _report(graph, names, outputs, metric):
    db = {key: sqnr_db(outputs["float"], output) for key, output in outputs.items()}
    value = {key: None if metric is None else float(metric(output)) for key, output in outputs.items()}
    nodes = {node.output: node for node in graph.nodes}
    rows = []
    for name in names:
        only, but, node = ("only", name), ("but", name), nodes.get(name)
        label, op = (node.source or name, node.op) if node else (name, "input")
        rows.append(Row(name, label, op, db[only], db[but], value[only], value[but]))
    return Report(tuple(rows), db["all"], value["float"], value["all"])


def _parts(floating, integer):
    """{activation: name of the layer that it belongs to}; an operator that keeps its input's grid belongs to it."""
    part = {floating.inputs[0]: floating.inputs[0]}
    for node in floating.nodes:
        source = node.inputs[0]
        same = integer.tensors[node.output].qparams is integer.tensors[source].qparams
        part[node.output] = part[source] if same else node.output
    return part


class _Twin:
    """Runs the float graph with any set of its layers on their grids, recomputing only what changes."""

    def __init__(self, floating, integer, part):
        self.floating, self.integer, self.part = floating, integer, part
        self.on_grid = replace(floating, tensors={**floating.tensors, **restored(floating, integer)})

    def examine(self, x, names, results):
        """Append the outputs for a batch x to the lists in `results`."""
        source, output = self.floating.inputs[0], self.floating.outputs[0]
        base = {"float": self.run({}, {source}, set(), x), "all": self.run({}, {source}, set(names), x)}
        for kind, values in base.items():
            results[kind].append(values[output])
        for name in names:
            results["only", name].append(self.run(base["float"], {name}, {name}, x)[output])
            results["but", name].append(self.run(base["all"], {name}, set(names) - {name}, x)[output])

    def run(self, base, flipped, chosen, x):
        """All activations with the layers `chosen` on their grids; `base` holds them for a choice that differs in
        the layers `flipped`, and is reused up to there."""
        source = self.floating.inputs[0]
        values, changed = dict(base), set()
        if not base or source in flipped:
            values[source] = self.grid(source, x, chosen)
            changed.add(source)
        for node in self.floating.nodes:
            if not base or self.part[node.output] in flipped or changed & set(node.inputs):
                graph = self.on_grid if self.part[node.output] in chosen else self.floating
                arrays = [values.get(name, graph.tensors[name].data) for name in node.inputs]
                values[node.output] = self.grid(node.output, kernels.FLOAT[node.op](graph, node, arrays, None), chosen)
                changed.add(node.output)
        return values

    def grid(self, name, x, chosen):
        """x on the grid of activation `name` when its layer is among the chosen."""
        return fake_quantize(x, self.integer.tensors[name].qparams) if self.part[name] in chosen else x


def restored(floating, integer):
    """Return {name: tensor}: the constants of the float graph as the integer graph holds them, in real numbers."""
    found = {}
    for real, whole in zip(floating.nodes, integer.nodes, strict=True):
        for name, other in zip(real.inputs[1:], whole.inputs[1:], strict=False):
            tensor, twin = floating.tensors[name], integer.tensors[other]
            if not tensor.is_constant or twin.data.dtype.kind == "f":
                continue
            if twin.qparams is not None:
                data = dequantize(twin.data, twin.qparams)
            else:
                x, w = (integer.tensors[n].qparams for n in whole.inputs[:2])
                data = (twin.data * (x.scale * w.scale)).astype(np.float32)
            found[name] = replace(tensor, data=data)
    return found


def _check(floating, integer, x):
    if floating.is_integer or not integer.is_integer or [n.output for n in floating.nodes] != [
            n.output for n in integer.nodes]:
        raise ValueError("sensitivity: takes a folded float graph and the integer graph made from exactly this one")
    if len(floating.inputs) != 1:
        raise ValueError(f"sensitivity: takes a graph of one input, got {', '.join(floating.inputs)}")
    if len(x) == 0:
        raise ValueError("sensitivity: x holds no example; pass validation inputs of shape (N, ...)")
