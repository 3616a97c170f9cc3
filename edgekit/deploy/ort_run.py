"""ONNX Runtime in place of our interpreter: the same answers, many times faster on pictures.

    predict(graph, x)        a graph of ours, float or integer; real numbers in and out, as `graph.run.predict`
    run(model, x)            an ONNX file as it is

An integer graph answers here what preset "ort" answers, except on processors where ONNX Runtime saturates 8-bit
weights (`oracle_ort.greatest_weight`).
"""

import numpy as np

from edgekit.core.affine import dequantize, quantize
from edgekit.deploy.onnx.static import channels_first
from edgekit.deploy.onnx.write import to_onnx

BATCH_SIZE = 64


def predict(graph, x, batch_size=BATCH_SIZE):
    """Return the real answers (N, ...) of `graph` to real inputs x (N, ...), through the grids of an integer graph."""
    source, target = (graph.tensors[names[0]].qparams for names in (graph.inputs, graph.outputs))
    answers = run(to_onnx(graph), x if source is None else quantize(x, source), batch_size)
    return answers if target is None else dequantize(answers, target)


def run(model, x, batch_size=BATCH_SIZE):
    """Return what the ONNX `model` (its bytes) answers to x (N, ...), pictures with their channels last, in one thread.

    x has the type that the model takes. Raises ONNX Runtime's own errors.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    parts = [session.run(None, {name: channels_first(x[start : start + batch_size])})[0]
             for start in range(0, len(x), batch_size)]
    answers = np.concatenate(parts)
    return np.moveaxis(answers, 1, -1) if answers.ndim == 4 else answers
