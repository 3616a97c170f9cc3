"""The models that the kit ships, as .tflite: every tensor equals the interpreter's in each resolver of LiteRT."""
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgekit.deploy import litert, litert_run
from edgekit.graph import file
from edgekit.graph.fold import fold
from edgekit.graph.run import run

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

WEIGHTS = Path(litert.__file__).parents[1] / "nn" / "weights"
SHIPPED = sorted(WEIGHTS.glob("*.edge"))
RECURRENT = {"gru", "lstm"}


def is_recurrent(graph):
    return bool(RECURRENT & {node.op for node in graph.nodes})


@pytest.mark.parametrize("path", [path for path in SHIPPED if "int8" in path.stem], ids=lambda path: path.stem)
def test_int8_models(path):
    graph = file.load(path)
    if is_recurrent(graph):
        with pytest.raises(ValueError, match="has no counterpart in LiteRT"):
            litert.write(graph)
        return
    x = np.random.default_rng(3).integers(-128, 128, (4, *graph.tensors[graph.inputs[0]].shape), np.int8)
    every = litert.write(replace(graph, outputs=tuple(node.output for node in graph.nodes)))
    for resolver in litert_run.RESOLVERS:
        ours = run(graph, x, resolver, all_tensors=True)
        theirs = litert_run.run(every, x, resolver)
        for node, values in zip(graph.nodes, theirs, strict=True):
            assert np.array_equal(values, ours[node.output]), f"{resolver}: {node.output}"
        assert np.array_equal(litert_run.run(litert.write(graph), x, resolver), theirs[-1])
        assert np.array_equal(run(litert.read(litert.write(graph)), x, resolver), theirs[-1])
    assert litert.read(litert.write(graph)).metadata == graph.metadata


@pytest.mark.parametrize("path", [path for path in SHIPPED if "int8" not in path.stem], ids=lambda path: path.stem)
def test_float_models(path):
    """To the rounding of sums: each adds at most its number of terms times eps, relative to the greatest value."""
    graph = fold(file.load(path))
    if is_recurrent(graph):
        return
    x = np.random.default_rng(3).normal(size=(4, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    model, values = litert.write(graph), run(graph, x, all_tensors=True)
    terms = sum(math.prod(graph.tensors[node.inputs[1]].shape[1:]) for node in graph.nodes if len(node.inputs) > 1)
    bound = terms * np.finfo(np.float32).eps * max(np.abs(value).max() for value in values.values())
    for resolver in litert_run.RESOLVERS:
        assert np.abs(litert_run.run(model, x, resolver) - values[graph.outputs[0]]).max() < bound
    assert np.abs(run(litert.read(model), x) - values[graph.outputs[0]]).max() < bound
