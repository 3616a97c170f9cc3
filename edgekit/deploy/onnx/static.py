"""ONNX Runtime's own quantizer on a graph of ours, for a comparison on equal terms."""

import logging
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from edgekit.deploy.onnx.write import to_onnx


def quantize_static(graph, batches, per_channel=True):
    """Return the bytes of the int8 QDQ model that `onnxruntime.quantization.quantize_static` makes of a float `graph`.

    batches: an iterable of (N, ...) float32 arrays in the graph's layout, the calibration data. Fold the graph first:
    batch norms are not folded here. Everything else is the quantizer's default: ranges by min-max, weights in
    -127..127. Read the result with `from_onnx` and run it with preset "ort".
    Raises ValueError for an integer graph.
    """
    if graph.is_integer:
        raise ValueError(f"quantize_static: {graph.name} is an integer graph already; give the folded float graph")
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization import quantize_static as quantize

    with tempfile.TemporaryDirectory() as folder, _silent():
        # the quantizer moves weights out of a model object that it is given: it gets a file of its own
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        source.write_bytes(to_onnx(graph))
        kinds = {"activation_type": QuantType.QInt8, "weight_type": QuantType.QInt8}
        quantize(source, target, _reader(graph.inputs[0], batches), per_channel=per_channel, **kinds)
        return target.read_bytes()


def channels_first(x):
    """A batch (N, H, W, C) as ONNX takes it, (N, C, H, W); (N, F) stays.

    >>> channels_first(np.zeros((5, 1, 1000, 3))).shape
    (5, 3, 1, 1000)
    """
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if x.ndim == 4 else x


def _reader(name, batches):
    """What the quantizer reads: one feed of the input `name` per batch, then None."""
    from onnxruntime.quantization import CalibrationDataReader

    class Batches(CalibrationDataReader):
        def __init__(self):
            self.feeds = ({name: channels_first(np.asarray(batch, np.float32))} for batch in batches)

        def get_next(self):
            return next(self.feeds, None)

    return Batches()


@contextmanager
def _silent():
    """Keep the quantizer from advising a preprocessing that folding has done already."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
