"""Models as files: one reader and one writer a format, and the order in which a format keeps its axes."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from edgekit._atomic import write_bytes
from edgekit.graph.fold import fold
from edgekit.graph.operators import RECURRENT

FORMATS = (".edge", ".onnx", ".tflite", ".pt2")
WRITABLE = FORMATS[:3]


def read(path):
    """Return the graph in the file at `path`; `metadata["layout"]` says how the file orders an image's axes.

    Raises ValueError naming the file, what is wrong and the remedy.
    """
    path = Path(path)
    if path.suffix not in FORMATS:
        raise ValueError(f"model {path}: unknown format {path.suffix!r}; known: {', '.join(FORMATS)}")
    if not path.is_file():
        raise ValueError(f"model {path}: no such file; check the path")
    if path.suffix == ".pt2":
        from edgekit.nn.pt2 import from_pt2

        return _laid_out(from_pt2(path.read_bytes(), str(path)), "NCHW")
    if path.suffix == ".onnx":
        from edgekit.deploy.onnx import read_onnx

        return read_onnx(path.read_bytes(), str(path))
    if path.suffix == ".tflite":
        from edgekit.deploy import litert

        return _laid_out(litert.read(path), "NHWC")
    from edgekit.graph import file

    return _laid_out(file.load(path), "NHWC")


def write(graph, path, form="qdq"):
    """Write `graph` to `path` in the format of its suffix, atomically; `form` is of ONNX, see `to_onnx`."""
    path, graph = Path(path), replace(graph, metadata={k: v for k, v in graph.metadata.items() if k != "layout"})
    if path.suffix not in WRITABLE:
        raise ValueError(f"convert {path}: cannot write {path.suffix!r}; known: {', '.join(WRITABLE)}; give OUT one of "
                         "these endings")
    if path.suffix == ".onnx":
        from edgekit.deploy.onnx import to_onnx

        _check_onnx(graph, path, form)
        data = to_onnx(graph, form)
    elif path.suffix == ".tflite":
        from edgekit.deploy import litert

        data = litert.write(graph if graph.is_integer else fold(graph))
    else:
        from edgekit.graph import file

        data = file.to_bytes(graph)
    write_bytes(path, data)
    return len(data)


def _check_onnx(graph, path, form):
    """Raise ValueError for an operator that cannot be written, with the formats that take it."""
    from edgekit.deploy.onnx.qlinear import QLINEAR
    from edgekit.deploy.onnx.recurrent import WRITERS

    for node in graph.nodes:
        where = f"convert {path}: operator {node.op!r} of node {node.source or node.output!r}"
        if graph.is_integer and node.op in RECURRENT:
            formats = ".edge or .tflite" if node.op == "lstm" else ".edge"
            raise ValueError(f"{where} has no .onnx form in integers, GRU and LSTM of ONNX are float; write {formats}, "
                             "or convert the float model")
        if node.op not in WRITERS:
            raise ValueError(f"{where} has no .onnx form; there are {', '.join(sorted(WRITERS))}; write .edge")
        if graph.is_integer and form == "qlinear" and node.op not in QLINEAR:
            raise ValueError(f"{where} has no qlinear form; there are {', '.join(sorted(QLINEAR))}; use --form qdq")


def _laid_out(graph, layout):
    return replace(graph, metadata={**graph.metadata, "layout": layout})


def to_graph_order(graph, x):
    """Return a batch in the order of the model's file as the graph takes it: (N, H, W, C), H = 1 for signals.

    A file that keeps channels first takes (N, C, H, W) or (N, C, L). A batch that has the graph's shape already, and
    not the file's, is left as it is.
    """
    wanted = graph.tensors[graph.inputs[0]].shape
    if graph.metadata.get("layout") != "NCHW" or len(wanted) != 3:
        return x
    image = x[:, :, None] if x.ndim == 3 and wanted[0] == 1 else x
    if image.ndim != 4 or image.shape[1:] != (wanted[2], *wanted[:2]):
        return x
    return np.ascontiguousarray(np.moveaxis(image, 1, -1))


def to_file_order(graph, y, axes=4):
    """Return an output of the graph, (N, H, W, C), in the order of the model's file; a signal's input had 3 `axes`."""
    if graph.metadata.get("layout") != "NCHW" or y.ndim != 4:
        return y
    y = np.ascontiguousarray(np.moveaxis(y, -1, 1))
    return y[:, :, 0] if axes == 3 and y.shape[2] == 1 else y
