"""The widgets of the lessons: controls and plots, arranged. What they compute lives in modules of its own."""

from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as W
import numpy as np

from edgekit.ui.explorer import Explorer
from edgekit.ui.quantization import SEARCHING, Outcome, quantize_tensor
from edgekit.ui.quantization_view import make_panels

NUM_BITS = tuple(range(2, 9))
OBSERVERS = {
    "min and max": "minmax",
    "percentile": "percentile",
    "least squared error": "mse",
    "least divergence": "entropy",
}
HINTS = {
    "tensor": "which tensor is quantized",
    "num_bits": "width of each code; the grid has 2 to this power codes",
    "scheme": "symmetric: zero point 0; affine: the grid moves to where the values are",
    "observer": "how the ends of the grid are chosen",
    "percent": "the middle share of values that the grid covers; for the range from the percentile",
    "granularity": "one scale for the whole tensor, or one for each output channel; for ranges that need no search",
}
NAMES = {kind: name for name, kind in OBSERVERS.items()}


@dataclass(frozen=True, eq=False)
class Shown:
    """What the `QuantizationExplorer` shows: one outcome, and SQNR in dB for every number of bits."""

    name: str
    setting: str
    outcome: Outcome
    curve: tuple
    reference: tuple


class QuantizationExplorer(Explorer):
    """How bits, scheme, range and granularity decide the error and the bytes of a quantized tensor.

    `tensors` is {name: array} or a `Graph`, whose weights are taken. `axis` is the axis of the channels.

    >>> rng = np.random.default_rng(0)
    >>> explorer = QuantizationExplorer({"weights": rng.normal(size=(8, 50))})
    >>> explorer.set(num_bits=3, observer="percentile", percent=98.0)
    >>> explorer.compute(**explorer.values).outcome.num_bytes
    154
    """

    def __init__(self, tensors, axis=0):
        self.tensors, self.axis = as_tensors(tensors), axis
        self._outcome = lru_cache(maxsize=512)(self._outcome_uncached)
        super().__init__()

    def make_controls(self):
        look = {"style": {"description_width": "105px"}, "layout": W.Layout(width="330px")}
        bits = W.IntSlider(4, min(NUM_BITS), max(NUM_BITS), description="bits per value", **look)
        percent = W.FloatSlider(99.0, min=90.0, max=100.0, step=0.1, description="percentile kept", **look)
        percent.readout_format = ".1f"
        controls = {
            "tensor": W.Dropdown(options=list(self.tensors), description="tensor", **look),
            "num_bits": bits,
            "scheme": W.Dropdown(options=["symmetric", "affine"], description="scheme", **look),
            "observer": W.Dropdown(options=OBSERVERS, description="range from", **look),
            "percent": percent,
            "granularity": W.Dropdown(options=["per tensor", "per channel"], description="one scale", **look),
        }
        for name, control in controls.items():
            control.tooltip = HINTS[name]
        return controls

    def adjust(self, values):
        self.controls["percent"].disabled = values["observer"] != "percentile"
        self.controls["granularity"].disabled = not self._can_split(values["tensor"], values["observer"])

    def _can_split(self, tensor, observer):
        return self.tensors[tensor].ndim > 1 and observer not in SEARCHING

    def compute(self, tensor, num_bits, scheme, observer, percent, granularity):
        axis = self.axis if granularity == "per channel" and self._can_split(tensor, observer) else None
        percent = round(percent, 3) if observer == "percentile" else 100.0
        setting = (scheme, observer, percent, axis)
        curve = tuple(self._outcome(tensor, n, *setting).sqnr_db for n in NUM_BITS)
        reference = tuple(self._outcome(tensor, n, scheme, "minmax", 100.0, None).sqnr_db for n in NUM_BITS)
        return Shown(tensor, describe(*setting), self._outcome(tensor, num_bits, *setting), curve, reference)

    def _outcome_uncached(self, tensor, num_bits, scheme, observer, percent, axis):
        return quantize_tensor(self.tensors[tensor], num_bits, scheme, observer, percent, axis)

    def make_figure(self):
        figure, figure.panels = make_panels(NUM_BITS)
        return figure

    def draw(self, figure, state):
        values, error, curve = figure.panels
        values.draw(state.outcome)
        error.draw(state.outcome)
        curve.draw(state.outcome.qparams.num_bits, state.curve, state.reference)

    def sentence(self, state):
        outcome = state.outcome
        ratio = 4 * outcome.x.size / outcome.num_bytes
        quality = f"SQNR {outcome.sqnr_db:.1f} dB" if outcome.error.any() else "no error"
        return (
            f"{state.name} in {outcome.qparams.num_bits} bits ({state.setting}): {quality}, "
            f"{outcome.num_bytes:,} bytes, {ratio:.1f}× smaller than float32"
        )

    def rows(self, state):
        outcome, scale = state.outcome, state.outcome.qparams.scale
        parts = (
            (outcome.payload_bytes, "codes"),
            (outcome.scale_bytes, "scales"),
            (outcome.zero_point_bytes, "zero points"),
        )
        return [
            ("step (scale)", f"{scale.min():.3g}" + (f" to {scale.max():.3g}" if scale.ndim else "")),
            ("largest error", f"{np.abs(outcome.error).max():.3g}"),
            ("clipped", f"{outcome.is_clipped.sum():,} of {outcome.x.size:,} values"),
            ("bytes as serialized", " + ".join(f"{n:,} B {part}" for n, part in parts) + f" = {outcome.num_bytes:,} B"),
            ("as float32", f"{4 * outcome.x.size:,} B"),
        ]


def describe(scheme, observer, percent, axis):
    """Return a setting in words.

    >>> describe("affine", "percentile", 99.5, None)
    'affine, percentile 99.5, per tensor'
    """
    found = f"percentile {percent:.1f}" if observer == "percentile" else NAMES[observer]
    return f"{scheme}, {found}, per {'tensor' if axis is None else 'channel'}"


def as_tensors(tensors):
    """Return {name: float32 array} from such a dict, or from the weights of a float `Graph`.

    Raises ValueError when there is none, or one is empty or not finite.
    """
    if hasattr(tensors, "constants"):
        weights = [tensor for tensor in tensors.constants if len(tensor.shape) > 1]
        tensors = {weight.name.removesuffix(".folded").removesuffix(".weight"): weight.data for weight in weights}
    arrays = {name: np.asarray(x, np.float32) for name, x in tensors.items()}
    if not arrays:
        raise ValueError("QuantizationExplorer: no tensors; give {name: array} or a graph with weights")
    for name, x in arrays.items():
        if x.size == 0 or not np.isfinite(x).all():
            raise ValueError(f"QuantizationExplorer: tensor {name!r} {x.shape} must be finite and not empty")
    return arrays
