"""Run a `.tflite` model in LiteRT, with each of its three sets of kernels.

    run(model, x, resolver="xnnpack", all_tensors=False) -> y, or {name: array}
"""

import os

import numpy as np

#: resolver -> the name LiteRT gives it
RESOLVERS = {
    "reference": "BUILTIN_REF",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "xnnpack": "AUTO",
}


def run(model, x, resolver="xnnpack", all_tensors=False):
    """Return what LiteRT computes: the output, a list when there are several, or every tensor by name.

    `model` is the path of a file or its bytes. `x` is an array, or a list of one per input, with the batch as
    axis 0; the model is resized to it. `resolver` is "reference", "builtin" (optimised kernels) or "xnnpack"
    (LiteRT's own choice). Raises ValueError for an unknown resolver or inputs that do not fit.
    """
    interpreter = make_interpreter(model, resolver, all_tensors)
    arrays = list(x) if isinstance(x, (list, tuple)) else [x]
    details = interpreter.get_input_details()
    if len(arrays) != len(details):
        raise ValueError(f"litert_run.run: the model takes {len(details)} inputs, got {len(arrays)}")
    for detail, array in zip(details, arrays, strict=True):
        _check_input(detail, array)
        if tuple(detail["shape"]) != array.shape:
            interpreter.resize_tensor_input(detail["index"], array.shape)
    interpreter.allocate_tensors()
    for detail, array in zip(details, arrays, strict=True):
        interpreter.set_tensor(detail["index"], np.ascontiguousarray(array))
    interpreter.invoke()
    if all_tensors:
        return _every_tensor(interpreter)
    outputs = [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]
    return outputs[0] if len(outputs) == 1 else outputs


def make_interpreter(model, resolver="xnnpack", keep_all=False):
    """Return LiteRT's interpreter of `model`, on one thread; `keep_all` keeps intermediate tensors
    readable.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    if resolver not in RESOLVERS:
        raise ValueError(f"litert_run: resolver must be one of {', '.join(RESOLVERS)}, got {resolver!r}")
    source = {"model_content": bytes(model)} if isinstance(model, (bytes, bytearray)) else {
        "model_path": os.fspath(model)}
    return Interpreter(**source, num_threads=1, experimental_preserve_all_tensors=keep_all,
                       experimental_op_resolver_type=OpResolverType[RESOLVERS[resolver]])


def _check_input(detail, array):
    expected, given = tuple(detail["shape"])[1:], array.shape[1:]
    if array.dtype != detail["dtype"] or expected != given:
        raise ValueError(f"litert_run.run: input {detail['name']!r} takes {np.dtype(detail['dtype'])} (N, "
                         f"{', '.join(map(str, expected))}), got {array.dtype} {array.shape}")


def _every_tensor(interpreter):
    """Constants included; what a delegate swallowed cannot be read and is left out."""
    arrays = {}
    for detail in interpreter.get_tensor_details():
        try:
            arrays[detail["name"]] = interpreter.get_tensor(detail["index"])
        except ValueError:
            continue
    return arrays
