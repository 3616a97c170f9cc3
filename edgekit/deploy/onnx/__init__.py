"""ONNX: `to_onnx(graph, form)` writes a model, `from_onnx(data)` reads one, `quantize_static(graph, batches)` has ONNX
Runtime make one int8. Needs the packages onnx and onnxruntime only when called."""

from edgekit.deploy.onnx.complete import from_onnx
from edgekit.deploy.onnx.static import quantize_static
from edgekit.deploy.onnx.write import to_onnx

__all__ = ["from_onnx", "quantize_static", "to_onnx"]
