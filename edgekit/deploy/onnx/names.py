"""What the ONNX writer and reader share: layouts, attributes, types."""

import numpy as np

MICROSOFT = "com.microsoft"

#: element types that a model of ours may hold, by their name in NumPy -> the name in ONNX
TYPES = {"float32": "FLOAT", "int8": "INT8", "uint8": "UINT8", "int32": "INT32", "int64": "INT64"}

#: axis of (H, W, C) or (F,), counted from the end -> axis of (N, C, H, W) or (N, F)
IMAGE_AXES, FLAT_AXES = {-3: 2, -2: 3, -1: 1}, {-1: 1}


def onnx_shape(shape):
    """Return (H, W, C) as ("batch", C, H, W), and any other shape with the batch before it.

    >>> onnx_shape((12, 16, 3))
    ('batch', 3, 12, 16)
    """
    return ("batch", shape[2], *shape[:2]) if len(shape) == 3 else ("batch", *shape)


def onnx_axis(axis, rank):
    """Return where axis `axis`, negative, of a graph shape with `rank` axes lies in ONNX's layout.

    >>> onnx_axis(-1, 3), onnx_axis(-1, 1)
    (1, 1)
    """
    return IMAGE_AXES[axis] if rank == 3 else axis + rank + 1


def value_info(tensor):
    """The ONNX declaration of a graph tensor that enters or leaves the model."""
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(
        tensor.name, getattr(TensorProto, TYPES[tensor.dtype]), onnx_shape(tensor.shape)
    )


def to_oihw(weight):
    """Convolution weights (O, H, W, I) -> (O, I, H, W)."""
    return np.ascontiguousarray(np.moveaxis(weight, -1, 1))


def window_attributes(node, kernel):
    """Attributes of a convolution or pool in ONNX's words."""
    (top, bottom), (left, right) = node.attrs["padding"]
    attributes = {
        "kernel_shape": list(kernel),
        "strides": list(node.attrs["stride"]),
        "pads": [int(n) for n in (top, left, bottom, right)],
    }
    if "groups" in node.attrs:
        attributes |= {"dilations": list(node.attrs["dilation"]), "group": int(node.attrs["groups"])}
    return attributes


def is_global(graph, node):
    """True for a mean over height and width that keeps its axes, and for a pool whose one window is the whole input.

    ONNX Runtime sums the codes of its global pool as whole numbers; its other pools sum floats, in an order that
    changes with the layout that its optimizer chooses.
    """
    shape = graph.tensors[node.inputs[0]].shape
    if node.op == "mean":
        return len(shape) == 3 and sorted(node.attrs["axes"]) == [-3, -2]
    return tuple(node.attrs["kernel"]) == shape[:2] and not np.any(node.attrs["padding"])
