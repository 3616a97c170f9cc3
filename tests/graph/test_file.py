import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.graph import file, ptq
from edgekit.graph.run import run


def rewrite(data, change):
    """The same .edge file with `change` applied to its description."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        description = json.loads(archive.read("graph.json"))
        weights = archive.read("weights.safetensors")
    change(description)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("graph.json", json.dumps(description))
        archive.writestr("weights.safetensors", weights)
    return buffer.getvalue()


def test_float_round_trip_is_exact(small_graph, batch, tmp_path):
    file.save(small_graph, tmp_path / "m.edge")
    again = file.load(tmp_path / "m.edge")
    assert np.array_equal(run(small_graph, batch), run(again, batch))
    assert again.metadata == {"task": "none"}
    assert [node.source for node in again.nodes] == [node.source for node in small_graph.nodes]


def test_integer_round_trip_is_exact(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    again = file.from_bytes(file.to_bytes(graph))
    q = np.random.default_rng(2).integers(-128, 128, batch.shape).astype(np.int8)
    assert np.array_equal(run(graph, q), run(again, q))
    assert again.tensors["x"].qparams.scale == graph.tensors["x"].qparams.scale


def test_equal_graphs_give_equal_bytes(small_graph):
    assert file.to_bytes(small_graph) == file.to_bytes(file.from_bytes(file.to_bytes(small_graph)))


def test_unknown_schema_is_refused_with_a_remedy(small_graph):
    data = rewrite(file.to_bytes(small_graph), lambda d: d.update(schema=99))
    with pytest.raises(ValueError, match=r"schema 99 is unknown.*update edgekit"):
        file.from_bytes(data, "m.edge")


def test_nan_weights_are_refused(small_graph):
    tensor = small_graph.tensors["head.bias"]
    data = file.to_bytes(
        small_graph.with_tensors(
            **{"head.bias": type(tensor)("head.bias", (3,), "float32", np.array([0, np.nan, 1], np.float32))}
        )
    )
    with pytest.raises(ValueError, match=r"m.edge.*'head.bias' holds NaN"):
        file.from_bytes(data, "m.edge")


def test_missing_file_names_the_path(tmp_path):
    with pytest.raises(ValueError, match=r"nothing.edge: no such file"):
        file.load(tmp_path / "nothing.edge")


@given(cut=st.floats(0.0, 0.999))
def test_truncated_file_is_a_clear_error(cut):
    data = reference_bytes()
    with pytest.raises(ValueError, match=r"load m.edge: "):
        file.from_bytes(data[: int(cut * len(data))], "m.edge")


@given(position=st.integers(0, 10**9), value=st.integers(1, 255))
def test_altered_byte_is_seen_or_harmless(position, value):
    data = bytearray(reference_bytes())
    data[position % len(data)] ^= value
    try:
        graph = file.from_bytes(bytes(data), "m.edge")
    except ValueError:
        return
    assert file.to_bytes(graph) == reference_bytes()  # a byte of the zip that carries no content


def reference_bytes():
    """The file of a graph with one dense layer."""
    from edgekit.graph.ir import Graph, Node, Tensor

    w = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensors = {"x": Tensor("x", (3,)), "w": Tensor("w", (2, 3), "float32", w), "y": Tensor("y", (2,))}
    return file.to_bytes(Graph("one", tensors, [Node("dense", ("x", "w"), "y")], ("x",), ("y",)))
