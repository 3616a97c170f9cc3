import numpy as np
import pytest

from edgekit.graph.ir import Node
from edgekit.graph.operators import _ATTRIBUTES, OPERATORS

GEOMETRY = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
WINDOW = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0))}


def test_every_attribute_has_a_check():
    named = {name for operator in OPERATORS.values() for name in operator.required + operator.optional}
    assert named == set(_ATTRIBUTES)


@pytest.mark.parametrize(("op", "attrs", "message"), [
    ("conv2d", {**GEOMETRY, "speed": 3}, "unexpected attribute 'speed'; expected: stride, padding"),
    ("relu", {"activation": "relu"}, "unexpected attribute 'activation'; expected: none"),
    ("conv2d", {**GEOMETRY, "activation": "gelu"}, "'activation' must be one of relu, relu6, or none, got 'gelu'"),
    ("conv2d", {**GEOMETRY, "stride": (0, 1)}, "'stride' must be .* at least 1"),
    ("conv2d", {**GEOMETRY, "stride": 2}, "'stride' must be"),
    ("conv2d", {**GEOMETRY, "groups": True}, "'groups' must be a whole number"),
    ("conv2d", {**GEOMETRY, "padding": "same"}, "'padding' must be"),
    ("conv2d", {**GEOMETRY, "padding": ((0, -1), (0, 0))}, "'padding' must be .* none below 0"),
    ("avg_pool2d", {**WINDOW, "kernel": (2.0, 2)}, "'kernel' must be"),
    ("batch_norm", {"eps": float("nan")}, "'eps' must be a number"),
    ("reshape", {"shape": (2**40,)}, "'shape' must be"),
    ("concat", {"axis": 1}, "'axis' must be a negative axis"),
    ("mean", {"axes": (-1, -1), "keepdims": True}, "'axes' must be different negative axes"),
    ("mean", {"axes": (-1,), "keepdims": 1}, "'keepdims' must be true or false"),
    ("resize_nearest", {}, "lacks the attribute 'size'"),
])
def test_attributes_that_cannot_be_are_named(op, attrs, message):
    inputs = [f"x{i}" for i in range(OPERATORS[op].fewest)]
    with pytest.raises(ValueError, match=message):
        Node(op, inputs, "y", attrs)


def test_lists_and_numpy_numbers_become_plain():
    node = Node("avg_pool2d", ["x"], "y", {"kernel": [np.int64(2), 2], "stride": [2, 2], "padding": [[0, 0], [0, 0]]})
    assert dict(node.attrs) == WINDOW
    assert type(node.attrs["kernel"][0]) is int
