import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.graph import describe, file, ptq
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


def first(key):
    """The place of the first tensor or node."""
    return lambda d: d[key][0]


ALTERED = {
    "metadata": (lambda d: d.update(metadata=[1]), "field 'metadata' of graph.json cannot be"),
    "extra field": (lambda d: d.update(code="x"), "graph.json needs the fields schema, name"),
    "missing field": (lambda d: d.pop("outputs"), "graph.json needs the fields"),
    "nodes": (lambda d: d.update(nodes={}), "field 'nodes'"),
    "node": (lambda d: d["nodes"].append(7), "a node needs the fields op, inputs, output"),
    "twice": (lambda d: d["tensors"].append(d["tensors"][0]), "tensor 'conv.weight' appears twice"),
    "shape": (lambda d: first("tensors")(d).update(shape=[4, 1, 3, 2.0]), "field 'shape' of a tensor"),
    "many axes": (lambda d: first("tensors")(d).update(shape=[1] * 9), "field 'shape' of a tensor"),
    "long name": (lambda d: d.update(name="x" * 2000), "field 'name' of graph.json"),
    "type": (lambda d: first("tensors")(d).update(dtype="float64"), "has type 'float64'; known"),
    "true": (lambda d: first("tensors")(d).update(constant=1), "field 'constant'"),
    "no data": (lambda d: d["tensors"][-1].update(constant=True), "'y' has no data in weights.safetensors"),
    "no constant": (lambda d: first("tensors")(d).update(constant=False), "holds 'conv.weight', which is no constant"),
    "attribute": (lambda d: first("nodes")(d)["attrs"].update(stride=[0, 1]), "'conv' .*'stride' must be"),
    "activation": (lambda d: first("nodes")(d)["attrs"].update(activation="swish"), "'activation' must be one of"),
    "declared shape": (lambda d: d["tensors"][-1].update(shape=[4]), r"'y' .* declared shape \(4,\).* give \(3,\)"),
    "qparams": (lambda d: d["tensors"][-1].update(qparams={"scale": 1}), "qparams needs the fields"),
    "scale": (lambda d: d["tensors"][-1].update(qparams=dict.fromkeys(
        ("scale", "zero_point", "num_bits", "axis", "signed", "narrow"), "1")), "field 'scale' of qparams"),
    "output": (lambda d: d.update(outputs=["head.bias"]), "must exist and be computed"),
    "input twice": (lambda d: d.update(inputs=["x", "x"]), "must differ"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_every_altered_field_is_named_with_its_file(small_graph, what):
    change, message = ALTERED[what]
    with pytest.raises(ValueError, match=rf"^load m.edge: .*{message}"):
        file.from_bytes(rewrite(file.to_bytes(small_graph), change), "m.edge")


def zipped(members):
    """A zip in which only what is long is compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED if len(content) > 1000 else zipfile.ZIP_STORED)
    return buffer.getvalue()


NOTHING = b"\x02\0\0\0\0\0\0\0{}"
ARCHIVES = {
    "a bomb of JSON": ([("graph.json", b" " * (file.MAX_JSON_BYTES + 1)), ("weights.safetensors", NOTHING)],
                       "graph.json would unpack to 16777217 bytes"),
    "a bomb of weights": ([("graph.json", b"{}"), ("weights.safetensors", bytes(10**6))],
                          "weights.safetensors would unpack to 1000000 bytes.* must not be compressed"),
    "another file": ([("graph.json", b"{}"), ("weights.pkl", NOTHING)], "holds graph.json and weights.safet"),
    "a third file": ([("graph.json", b"{}"), ("weights.safetensors", NOTHING), ("a", b"")], "this one holds"),
    "a list": ([("graph.json", b"[1]"), ("weights.safetensors", NOTHING)], "schema None is unknown"),
    "a repeated key": ([("graph.json", b'{"a": 1, "a": 2}'), ("weights.safetensors", NOTHING)], "key 'a' .* twice"),
    "deep nesting": ([("graph.json", b"[" * 10**6), ("weights.safetensors", NOTHING)], "RecursionError"),
    "no JSON": ([("graph.json", b"schema"), ("weights.safetensors", NOTHING)], "JSONDecodeError"),
    "no text": ([("graph.json", b"\xff\xfe{"), ("weights.safetensors", NOTHING)], "not a readable"),
    "no weights": ([("graph.json", b"{}"), ("weights.safetensors", b"abc")], "SafetensorError"),
}


@pytest.mark.parametrize("what", ARCHIVES)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_are_no_models(what):
    members, message = ARCHIVES[what]
    with pytest.raises(ValueError, match=rf"^load m.edge: .*{message}"):
        file.from_bytes(zipped(members), "m.edge")


def test_a_file_that_is_too_long_is_not_read(tmp_path):
    path = tmp_path / "long.edge"
    with path.open("wb") as stream:
        stream.truncate(file.MAX_BYTES + 1)  # holds no data on the disk
    with pytest.raises(ValueError, match=r"long.edge: 1073741825 bytes"):
        file.load(path)


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


@pytest.mark.parametrize("num_bits", [2, 3, 4, 7])
def test_few_bits_are_packed_in_the_file_and_come_back(small_graph, batch, num_bits):
    """The tensors of the file shrink by exactly what packing saves: 24 and 12 weights."""
    graphs = {bits: ptq.post_training_quantize(small_graph, [batch], num_bits=bits) for bits in (8, num_bits)}
    again = file.from_bytes(file.to_bytes(graphs[num_bits]))
    for tensor in graphs[num_bits].constants:
        np.testing.assert_array_equal(again.tensors[tensor.name].data, tensor.data)
        assert again.tensors[tensor.name].dtype == tensor.dtype
    sizes = {bits: sum(describe.stored(tensor).nbytes for tensor in graph.constants) for bits, graph in graphs.items()}
    assert sizes[8] - sizes[num_bits] == sum(n - -(-n * num_bits // 8) for n in (24, 12))


def test_codes_one_to_a_byte_are_read_too(small_graph, batch, monkeypatch):
    graph = ptq.post_training_quantize(small_graph, [batch], num_bits=4)
    monkeypatch.setattr(describe, "stored", lambda tensor: tensor.data)
    wide = file.to_bytes(graph)
    monkeypatch.undo()
    np.testing.assert_array_equal(
        file.from_bytes(wide).tensors["head.weight"].data, graph.tensors["head.weight"].data)


def test_packed_codes_of_another_length_are_refused(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch], num_bits=4)
    weights = {tensor.name: describe.stored(tensor) for tensor in graph.constants}
    weights["head.weight"] = weights["head.weight"][:-1]
    text = json.loads(json.dumps(describe.to_json(graph)))
    with pytest.raises(ValueError, match=r"'head.weight': 4-bit codes of shape \(3, 4\) take 6 bytes, got \(5,\)"):
        describe.from_json(text, weights)
