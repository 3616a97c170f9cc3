"""What one setting of a quantizer does to one tensor: ranges, error, bytes. Pure computing, no drawing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edgekit.core.affine import QParams, choose_qparams, fake_quantize
from edgekit.core.metrics import sqnr_db
from edgekit.core.observers import observe

#: observers that search for a range; they are slow, so they give one range per tensor here
SEARCHING = ("mse", "entropy")
SCALE_BYTES = ZERO_POINT_BYTES = 4


@dataclass(frozen=True, eq=False)
class Outcome:
    """A tensor `x`, its grid `qparams`, and what the grid does to it."""

    x: np.ndarray
    qparams: QParams

    @cached_property
    def error(self):
        """`fake_quantize(x) - x`, same shape as `x`."""
        return fake_quantize(self.x, self.qparams) - self.x

    @cached_property
    def error_steps(self):
        """The error divided by the scale, same shape as `x`: rounding stays within ± 1/2."""
        return self.error / self._along_axis(self.qparams.scale)

    @cached_property
    def is_clipped(self):
        """True where the code of `x` lies off the grid and was clipped, same shape as `x`."""
        scale, zero_point = (self._along_axis(v) for v in (self.qparams.scale, self.qparams.zero_point))
        q = np.rint(self.x.astype(np.float64) / scale) + zero_point
        return (q < self.qparams.qmin) | (q > self.qparams.qmax)

    def _along_axis(self, values):
        shape = [1] * self.x.ndim
        if self.qparams.axis is not None:
            shape[self.qparams.axis] = -1
        return values.reshape(shape)

    @cached_property
    def sqnr_db(self):
        """Signal-to-quantization-noise ratio in dB."""
        return sqnr_db(self.x, self.x + self.error)

    @property
    def payload_bytes(self):
        """The codes, packed without gaps: ceil(num_bits * values / 8)."""
        return -(-self.qparams.num_bits * self.x.size // 8)

    @property
    def scale_bytes(self):
        """One float32 per scale."""
        return SCALE_BYTES * self.qparams.scale.size

    @property
    def zero_point_bytes(self):
        """One int32 per zero point; none when all are 0, as in the symmetric scheme."""
        return ZERO_POINT_BYTES * self.qparams.zero_point.size * bool(self.qparams.zero_point.any())

    @property
    def num_bytes(self):
        """Bytes as serialized: codes, scales and zero points."""
        return self.payload_bytes + self.scale_bytes + self.zero_point_bytes


def quantize_tensor(x, num_bits, scheme="symmetric", observer="minmax", percent=99.0, axis=None):
    """Return the `Outcome` of quantizing `x` over the range that `observer` finds, per tensor or per slice of `axis`.

    >>> outcome = quantize_tensor(np.array([[-1.0, 0.0, 0.3, 1.0]]), num_bits=2)
    >>> outcome.x.size, outcome.payload_bytes, outcome.scale_bytes, outcome.zero_point_bytes
    (4, 1, 4, 0)
    >>> outcome.error.astype(float).round(2).tolist()
    [[0.0, 0.0, -0.3, 0.0]]
    """
    x = np.asarray(x, np.float32)
    low, high = tensor_range(x, num_bits, scheme, observer, percent, axis)
    return Outcome(x, choose_qparams(low, high, num_bits, scheme, axis=axis))


def tensor_range(x, num_bits, scheme, observer, percent, axis=None):
    """Return (low, high) of `x` as the observer sees it: numbers, or arrays (C,) with an axis."""
    options = {"percentile": {"percent": percent}, "minmax": {}}.get(observer, {"num_bits": num_bits, "scheme": scheme})
    if axis is None:
        return observe(x, observer, **options)
    if observer == "minmax":
        return observe(x, observer, axis=axis)
    ends = [observe(part, observer, **options) for part in np.moveaxis(x, axis, 0)]
    return tuple(np.array(end) for end in zip(*ends, strict=True))


def channel_grid(qparams, channel):
    """Return the per-tensor `QParams` of one channel of per-channel ones."""
    return QParams(
        qparams.scale[channel], qparams.zero_point[channel], qparams.num_bits, None, qparams.signed, qparams.narrow
    )
