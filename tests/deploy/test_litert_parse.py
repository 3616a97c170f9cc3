"""Taking a .tflite apart: the inverse of the writer, the numbers of the schema, and damage that is named."""
import re

import numpy as np
import pytest

from edgekit.deploy import flatbuffer, litert_parse
from edgekit.deploy.litert_parse import parse
from edgekit.deploy.litert_writer import OPERATOR_CODES, FileOperator, FileTensor, write_model

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

X, Y = FileTensor("x", (1, 4), "int8", None, 0.5, -3), FileTensor("y", (1, 4), "int8", None, 0.25, 7)
W = FileTensor("w", (4, 4), "int8", np.arange(-8, 8, dtype=np.int8).reshape(4, 4), np.float32([1, 2, 3, 4]), 0, 0)
B = FileTensor("b", (4,), "int32", np.array([1, -2, 3, 70_000], np.int32), 0.5)
DENSE = FileOperator("FULLY_CONNECTED", ("x", "w", "b"), ("y",), {
    "fused_activation_function": "RELU6", "weights_format": 0, "keep_num_dims": True})


def test_parse_is_the_inverse_of_write_model():
    model = parse(write_model([X, W, B, Y], [DENSE], ["x"], ["y"], metadata={"note": b"\x00\xff"}))
    assert (model.inputs, model.outputs, model.metadata) == (("x",), ("y",), {"note": b"\x00\xff"})
    assert [(o.code, o.inputs, o.outputs, o.options) for o in model.operators] == [
        (DENSE.code, DENSE.inputs, DENSE.outputs, DENSE.options)]
    for read, written in zip(model.tensors, (X, W, B, Y), strict=True):
        assert (read.name, read.shape, read.dtype) == (written.name, written.shape, written.dtype)
        assert np.array_equal(read.scale, np.atleast_1d(np.float32(written.scale)))
        assert (read.zero_point == written.zero_point).all()
        assert read.quantized_dimension == written.quantized_dimension
        assert (read.data is None) == (written.data is None)
        assert written.data is None or np.array_equal(read.data, written.data)
        assert read.data is None or read.data.flags.aligned


def test_numbers_are_those_of_the_schema():
    from ai_edge_litert import schema_py_generated as schema

    for number, name in litert_parse.CODES.items():
        assert getattr(schema.BuiltinOperator, name) == number
    for number, name in litert_parse.TYPES.items():
        assert getattr(schema.TensorType, name.upper()) == number
    for number, name in litert_parse.PADDINGS.items():
        assert getattr(schema.Padding, name) == number
    for number, name in litert_parse.ACTIVATIONS.items():
        assert getattr(schema.ActivationFunctionType, name) == number
    for code, (number, _) in litert_parse.OPTIONS.items():
        assert getattr(schema.BuiltinOptions, OPERATOR_CODES[code][0]) == number


@pytest.mark.parametrize("code", sorted(litert_parse.OPTIONS))
def test_every_option_comes_back(code):
    """Each option gets a value of its own, so that two swapped slots are seen."""
    options = {}
    for i, (name, form, _) in enumerate(litert_parse.OPTIONS[code][1].values()):
        options[name] = {"i": 3 + i, "b": 1, "?": True, "f": 1.5}[form]
    options.update({k: v for k, v in (("padding", "VALID"), ("fused_activation_function", "RELU6")) if k in options})
    for flipped in [name for name, value in options.items() if value is True] or [None]:
        given = {**options, **({flipped: False} if flipped else {})}
        model = parse(write_model([X, Y], [FileOperator(code, ("x",), ("y",), given)], ["x"], ["y"]))
        assert model.operators[0].options == given


def test_names_are_made_unique_and_a_missing_input_is_none():
    tensors = [FileTensor(name, (1,)) for name in ("a", "b", "c", "d")]
    model = write_model(tensors, [FileOperator("ADD", ("a", None), ("d",))], ["a"], ["d"])
    for old in (b"b", b"c"):
        model = re.sub(rb"\x01\x00\x00\x00" + old + rb"\x00", b"\x01\x00\x00\x00a\x00", model, count=1)
    read = parse(model)
    assert [tensor.name for tensor in read.tensors] == ["a", "a#1", "a#2", "d"]
    assert read.operators[0].inputs == ("a", None)


GOOD = write_model([X, W, B, Y], [DENSE], ["x"], ["y"])


def test_every_truncation_is_a_clear_error():
    for length in range(len(GOOD)):
        with pytest.raises(ValueError, match=r"litert.read cut.tflite: not a readable .tflite file: .*again"):
            parse(GOOD[:length], "cut.tflite")


def test_parts_that_overlap_are_refused_before_they_grow():
    subgraph = flatbuffer.root(GOOD, b"TFL3").tables(2)[0]
    tensors = len(subgraph.vector(0, "<u4"))
    for _ in range(16 * len(GOOD) // (4 * tensors)):
        subgraph.vector(0, "<u4")
    with pytest.raises(ValueError, match="overlap: they add up to more than 16 times the file"):
        [subgraph.vector(0, "<u4") for _ in range(4096 // (4 * tensors))]


@pytest.mark.parametrize(("change", "message"), [
    (lambda d: d.__setitem__(slice(4, 8), b"TFL2"), r"bytes 4 to 8 are b'TFL2', expected b'TFL3'"),
    (lambda d: d.__setitem__(slice(0, 4), b"\xff\xff\xff\x7f"), "offset 2147483647 with 4 bytes leaves the file"),
    (lambda d: d.__setitem__(slice(0, 4), b"\0\0\0\0"), "leaves the file|version"),
])
def test_damage_is_named(change, message):
    data = bytearray(GOOD)
    change(data)
    with pytest.raises(ValueError, match=message):
        parse(bytes(data))


def test_a_constant_of_the_wrong_length_is_refused():
    data = bytearray(GOOD)
    at = data.index(W.data.tobytes()) - 4
    data[at:at + 4] = np.array([15], "<u4").tobytes()
    with pytest.raises(ValueError, match=r"tensor 'w' of type int8 and shape \(4, 4\) has 15 bytes"):
        parse(bytes(data))
