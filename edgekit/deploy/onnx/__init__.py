"""ONNX: `to_onnx(graph, form)` writes a model, `read_onnx(data)` reads one, `quantize_static(graph, batches)` has ONNX
Runtime make one int8. `from_onnx(data)` is the part of `read_onnx` for models without a GRU or LSTM. Needs the packages
onnx and onnxruntime only when called."""

from edgekit.deploy.onnx.complete import from_onnx
from edgekit.deploy.onnx.recurrent import read_onnx, to_onnx
from edgekit.deploy.onnx.static import quantize_static

__all__ = ["from_onnx", "quantize_static", "read_onnx", "to_onnx"]
