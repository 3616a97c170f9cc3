"""What exporters compute beside a GRU or LSTM: the shape of its first state, and zeros of that shape.

The graph begins with a state of 0 and knows all shapes. So numbers out of Shape are followed as "sizes of an
activation", which nothing but another such operator takes, and zeros stay zeros in whatever shape.
"""

import numpy as np

from edgekit.deploy.onnx.read import Constant, View, to_array
from edgekit.deploy.onnx.steps import SIZES


def shape(reader, node):
    """The sizes of an activation."""
    _sizes(reader, node)


def sizes_or(handler):
    """`handler`, but out of sizes and constants alone come sizes again."""

    def read(reader, node):
        values = [reader.value(node, place) for place in range(len(node.input))]
        known = [isinstance(value, Constant) or value is None or _is_size(value) for value in values]
        return _sizes(reader, node) if all(known) and any(map(_is_size, values)) else handler(reader, node)

    return read


def zeros_or(handler):
    """`handler`, but a part of zeros is zeros again."""

    def read(reader, node):
        value = reader.value(node, 0)
        if not is_zero(value):
            return handler(reader, node)
        reader.values[node.output[0]] = value
        return None

    return read


def refused(reader, node):
    """What is supported for sizes and zeros alone."""
    reader.fail(node, "is supported for the shape and the zeros of the first state of a GRU or LSTM alone")


def constant_of_shape(reader, node):
    """Zeros, whatever their shape."""
    values = [to_array(a.t, reader.name) for a in node.attribute if a.name == "value"]
    if any(value.any() for value in values):
        reader.fail(node, "fills a shape with another number than 0, which is not supported")
    reader.values[node.output[0]] = Constant(node.output[0], np.zeros(1, np.float32))


def is_zero(value):
    """True for a constant of zeros."""
    return isinstance(value, Constant) and value.qparams is None and not value.array.any()


def _is_size(value):
    return isinstance(value, View) and value.layout == SIZES


def _sizes(reader, node):
    reader.values[node.output[0]] = View(node.input[0], SIZES)
