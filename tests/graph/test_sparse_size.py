"""Sizes are lengths of bytes that decode to the weights they stand for."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.core import masks, sparse
from edgekit.graph.cost import constants, weight_bytes
from edgekit.graph.sparse_size import sizes, sparsity, stored
from edgekit.nn import zoo


def pruned(name, share):
    """The shipped model with the lowest of its weights set to 0."""
    graph = zoo.load(name)
    weights = {t.name: t for t in graph.constants if t.data.ndim > 1}
    kept = masks.over_layers({n: np.abs(t.data.astype(float)) for n, t in weights.items()}, share)
    return graph.with_tensors(**{
        n: replace(t, data=np.where(kept[n], t.data, 0).astype(t.data.dtype)) for n, t in weights.items()})


@pytest.mark.parametrize("name", ["ppg-cnn", "ppg-cnn-int8"])
@pytest.mark.parametrize("form", sparse.FORMATS)
def test_every_weight_can_be_read_back_and_the_rest_is_as_it_was(name, form):
    graph, parts = pruned(name, 0.8), stored(pruned(name, 0.8), form)
    for tensor in graph.constants:
        if tensor.data.ndim > 1:
            body = sparse.encode(tensor.data, form)
            np.testing.assert_array_equal(sparse.decode(body), tensor.data)
            assert parts[tensor.name] == body + constants(graph)[tensor.name][tensor.data.nbytes :]
        else:
            assert parts[tensor.name] == constants(graph)[tensor.name]
    assert sizes(graph)[form] == sum(map(len, parts.values()))


@pytest.mark.parametrize("name", ["ppg-cnn", "ppg-cnn-int8", "acoustic-student"])
def test_sparse_formats_pay_at_80_percent_and_not_at_0(name):
    full, thin = sizes(zoo.load(name)), sizes(pruned(name, 0.8))
    assert sparsity(pruned(name, 0.8)) >= 0.8 - 1e-3
    headers = sum(sparse.HEADER + 4 * t.data.ndim for t in zoo.load(name).constants if t.data.ndim > 1)
    assert full["dense"] == thin["dense"] == weight_bytes(zoo.load(name)) + headers
    for form in ("bitmap", "run", "csr"):
        assert thin[form] < thin["dense"]
        assert full[form] > full["dense"]
    assert thin["best"] <= min(thin.values())
