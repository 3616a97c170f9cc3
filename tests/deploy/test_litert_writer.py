"""The .tflite writer: what LiteRT reads back is what was written; what cannot be written is refused by name."""
import numpy as np
import pytest

from edgekit.deploy import litert_run
from edgekit.deploy.litert_writer import OPERATOR_CODES, FileOperator, FileTensor, write_model

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

WEIGHTS = np.arange(-6, 6, dtype=np.int8).reshape(3, 4)
BIAS = np.array([1, -2, 70_000], np.int32)
TENSORS = [
    FileTensor("x", (1, 4), "int8", None, 0.5, -3),
    FileTensor("w", (3, 4), "int8", WEIGHTS, [0.1, 0.2, 0.3], 0, 0),
    FileTensor("b", (3,), "int32", BIAS, np.float32(0.5) * np.float32([0.1, 0.2, 0.3])),
    FileTensor("y", (1, 3), "int8", None, 0.25, 7),
]
DENSE = FileOperator("FULLY_CONNECTED", ("x", "w", "b"), ("y",), {"fused_activation_function": "RELU"})


def test_litert_reads_back_every_tensor():
    interpreter = litert_run.make_interpreter(write_model(TENSORS, [DENSE], ["x"], ["y"]), "reference")
    interpreter.allocate_tensors()
    details = {detail["name"]: detail for detail in interpreter.get_tensor_details()}
    for tensor in TENSORS:
        detail = details[tensor.name]
        assert tuple(detail["shape"]) == tensor.shape
        assert detail["dtype"] == np.dtype(tensor.dtype)
        quantization = detail["quantization_parameters"]
        assert np.array_equal(quantization["scales"], np.atleast_1d(np.float32(tensor.scale)))
        assert (quantization["zero_points"] == tensor.zero_point).all()
        if tensor.data is not None:
            assert np.array_equal(interpreter.get_tensor(detail["index"]), tensor.data)


def test_the_signature_runs():
    interpreter = litert_run.make_interpreter(write_model(TENSORS, [DENSE], ["x"], ["y"]))
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["x"], "outputs": ["y"]}}
    q_x = np.array([[10, -20, 30, 127]], np.int8)
    by_name = interpreter.get_signature_runner()(x=q_x)["y"]
    assert np.array_equal(by_name, litert_run.run(write_model(TENSORS, [DENSE], ["x"], ["y"]), q_x))


def test_the_bytes_are_repeatable_and_the_constants_aligned():
    model = write_model(TENSORS, [DENSE], ["x"], ["y"])
    assert model == write_model(TENSORS, [DENSE], ["x"], ["y"])
    assert model[4:8] == b"TFL3"
    assert len(model) % 16 == 0
    for tensor in TENSORS:
        if tensor.data is not None:
            assert model.index(tensor.data.tobytes()) % 16 == 0, tensor.name


def test_a_batch_resizes_the_model_and_all_tensors_are_readable(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(write_model(TENSORS, [DENSE], ["x"], ["y"]))
    q_x = np.random.default_rng(0).integers(-128, 128, (5, 4), np.int8)
    whole = litert_run.run(path, q_x, "reference")
    assert np.array_equal(whole, np.concatenate([litert_run.run(path, row[None], "reference") for row in q_x]))
    tensors = litert_run.run(path, q_x, "reference", all_tensors=True)
    assert np.array_equal(tensors["y"], whole)
    assert np.array_equal(tensors["x"], q_x)


def test_every_operator_code_and_options_table_is_in_the_schema():
    from ai_edge_litert import schema_py_generated as schema

    for code, (table, _) in OPERATOR_CODES.items():
        assert hasattr(schema.BuiltinOperator, code)
        assert table is None or hasattr(schema, f"{table}T")


X, Y = FileTensor("x", (1, 4), "int8", None, 0.5), FileTensor("y", (1, 4), "int8", None, 0.5)


@pytest.mark.parametrize(("tensors", "operators", "message"), [
    ([X, Y], [FileOperator("RELU9", ("x",), ("y",))], "unknown operator 'RELU9'; known: ADD"),
    ([X, Y], [FileOperator("RELU", ("x",), ("z",))], "no tensor is called 'z'; add it"),
    ([X, Y], [FileOperator("RELU", ("x",), ("y",), {"axis": 1})], r"RELU takes no options, got \['axis'\]"),
    ([X, Y], [FileOperator("SOFTMAX", ("x",), ("y",), {"gamma": 1})], "SOFTMAX has no option 'gamma'"),
    ([X, Y, X], [], "two tensors share a name"),
    ([X, FileTensor("y", (1,), "float16")], [], "tensor 'y' has type 'float16'; known: float32"),
    ([X, Y, FileTensor("w", (2,), "int8", np.ones(3, np.int8))], [], r"'w' holds int8 \(3,\), declared int8 \(2,\)"),
])
def test_what_cannot_be_written_is_refused(tensors, operators, message):
    with pytest.raises(ValueError, match=message):
        write_model(tensors, operators, ["x"], ["y"])


def test_what_cannot_be_run_is_refused():
    model = write_model(TENSORS, [DENSE], ["x"], ["y"])
    with pytest.raises(ValueError, match=r"input 'x' takes int8 \(N, 4\), got float64 \(1, 4\)"):
        litert_run.run(model, np.ones((1, 4)))
    with pytest.raises(ValueError, match="takes 1 inputs, got 2"):
        litert_run.run(model, [np.ones((1, 4), np.int8)] * 2)
    with pytest.raises(ValueError, match="resolver must be one of reference, builtin, xnnpack, got 'auto'"):
        litert_run.run(model, np.ones((1, 4), np.int8), "auto")
