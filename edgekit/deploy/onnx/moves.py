"""Operators that move or choose numbers and compute none: the same in float and in int8."""

import numpy as np

from edgekit.deploy.onnx import names


def max_pool(writer, node):
    """MaxPool on floats or codes."""
    writer.node("MaxPool", node.inputs, node.output, **names.window_attributes(node, node.attrs["kernel"]))


def reshape(writer, node):
    """Reshape in the graph's order (H, W, C): an image with several places is turned channels last before."""
    source, shape = writer.graph.tensors[node.inputs[0]].shape, tuple(node.attrs["shape"])
    name = node.inputs[0]
    if len(source) == 3 and source[0] * source[1] > 1 and source[2] > 1:
        name = writer.node("Transpose", [name], f"{node.output}/last", perm=[0, 2, 3, 1])
    target = writer.constant(f"{node.output}/shape", np.array([0, *shape], np.int64))
    if len(shape) != 3:
        writer.node("Reshape", [name, target], node.output)
    else:
        image = writer.node("Reshape", [name, target], f"{node.output}/image")
        writer.node("Transpose", [image], node.output, perm=[0, 3, 1, 2])


def pad(writer, node):
    """Pad with real zero."""
    tensor = writer.graph.tensors[node.inputs[0]]
    zero = 0 if tensor.qparams is None else int(tensor.qparams.zero_point)
    (top, bottom), (left, right) = node.attrs["padding"]
    pads = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
    writer.node(
        "Pad",
        [
            node.inputs[0],
            writer.constant(f"{node.output}/pads", pads),
            writer.constant(f"{node.output}/zero", np.asarray(zero, tensor.dtype)),
        ],
        node.output,
    )


def resize(writer, node):
    """Nearest neighbour: the input at floor(place * size_in / size_out)."""
    if node.attrs.get("half_pixel") or node.attrs.get("align_corners"):
        raise ValueError(f"to_onnx: resize_nearest {node.output!r} with half_pixel or align_corners has no ONNX form")
    source, target = writer.graph.tensors[node.inputs[0]].shape[:2], node.attrs["size"]
    ways = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    if all(new % old == 0 for new, old in zip(target, source, strict=True)):  # ratios survive a change of layout
        ratios = np.array([1, 1, *(new // old for new, old in zip(target, source, strict=True))], np.float32)
        inputs = [node.inputs[0], "", writer.constant(f"{node.output}/ratios", ratios)]
        return writer.node("Resize", inputs, node.output, **ways)
    size = writer.constant(f"{node.output}/size", np.array(target, np.int64))
    return writer.node("Resize", [node.inputs[0], "", "", size], node.output, axes=[2, 3], **ways)


def concat(writer, node):
    """Join tensors of one grid."""
    rank = len(writer.graph.tensors[node.inputs[0]].shape)
    writer.node("Concat", node.inputs, node.output, axis=names.onnx_axis(node.attrs["axis"], rank))


def clip(writer, source, output, low, high, dtype):
    """Clip(source, low, high) as `output`."""
    ends = [
        writer.constant(f"{output}.{word}", np.asarray(value, dtype))
        for word, value in (("low", low), ("high", high))
        if value is not None
    ]
    return writer.node("Clip", [source, *ends], output)


MOVES = {"max_pool2d": max_pool, "reshape": reshape, "pad": pad, "resize_nearest": resize}
