"""ONNX: `to_onnx(graph, form)` writes a model, `from_onnx(data)` reads one. Needs the package onnx only when called."""

from edgekit.deploy.onnx.read import from_onnx
from edgekit.deploy.onnx.write import to_onnx

__all__ = ["from_onnx", "to_onnx"]
