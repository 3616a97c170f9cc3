"""The affine map between real numbers and a small integer grid.

    x ~ scale * (q - zero_point),      q = clip(round(x / scale) + zero_point, qmin, qmax)

Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", CVPR 2018, section 2.1.
"""

from dataclasses import dataclass

import numpy as np

SCHEMES = ("affine", "symmetric")

#: the greatest end of a range: its scale and its restored values still fit in float32, in which files keep them
LARGEST = 1e38


@dataclass(frozen=True, eq=False)
class QParams:
    """What turns integers back into numbers: `x ~ scale * (q - zero_point)`.

    `scale` (float64) and `zero_point` (int64) are scalars, or of shape (C,) for one value per slice along
    `axis`. The integer grid has `num_bits` bits; `narrow` leaves out its lowest code, so that [-127, 127] is
    symmetric.

    >>> QParams(scale=0.5, zero_point=3).qmin, QParams(scale=0.5, zero_point=3).qmax
    (-128, 127)
    >>> QParams(scale=0.5, zero_point=0, num_bits=4, narrow=True).qmin
    -7
    """

    scale: np.ndarray
    zero_point: np.ndarray
    num_bits: int = 8
    axis: int | None = None
    signed: bool = True
    narrow: bool = False

    def __post_init__(self):
        check_num_bits("QParams", self.num_bits)
        scale = np.asarray(self.scale, np.float64)
        zero_point = np.asarray(self.zero_point)
        if not np.array_equal(zero_point, np.rint(zero_point)):
            raise ValueError(f"QParams: zero_point must be whole, got {self.zero_point}; round it first")
        zero_point = zero_point.astype(np.int64)
        if not (np.isfinite(scale).all() and (scale > 0).all()):
            raise ValueError(f"QParams: scale must be finite and positive, got {self.scale}; "
                             "a constant tensor has no range: give choose_qparams its low and high")
        if scale.shape != zero_point.shape or scale.ndim != (self.axis is not None):
            raise ValueError(f"QParams: scale {scale.shape} and zero_point {zero_point.shape} must both be "
                             f"scalars, or both of shape (channels,) with an axis; got axis={self.axis}")
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "zero_point", zero_point)
        if ((zero_point < self.qmin) | (zero_point > self.qmax)).any():
            raise ValueError(f"QParams: zero_point must lie on the grid {self.qmin}..{self.qmax}, "
                             f"got {self.zero_point}")

    @property
    def qmin(self):
        """Lowest code of the grid."""
        return (-(2 ** (self.num_bits - 1)) if self.signed else 0) + int(self.narrow)

    @property
    def qmax(self):
        """Highest code of the grid."""
        return 2 ** (self.num_bits - 1) - 1 if self.signed else 2**self.num_bits - 1

    @property
    def dtype(self):
        """Smallest NumPy integer type that holds every code."""
        width = 8 if self.num_bits <= 8 else 16
        return np.dtype(f"{'' if self.signed else 'u'}int{width}")


def choose_qparams(low, high, num_bits=8, scheme="affine", signed=True, narrow=None, axis=None):
    """Return the `QParams` whose grid covers [low, high].

        affine:     scale = (high - low) / (qmax - qmin),  zero_point = clip(round(qmin - low / scale))
        symmetric:  scale = max(|low|, |high|) / qmax,     zero_point = 0

    The range is first widened to hold 0, because zero padding and ReLU need an exact 0. A range of width zero
    at 0 gets scale 1. `low` and `high` are scalars, or of shape (C,) with `axis`. `narrow` defaults to True
    for the symmetric scheme, as runtimes keep weights in [-127, 127]. Raises ValueError for NaN, infinite or
    swapped ends.

    >>> qparams = choose_qparams(-1.0, 1.2)
    >>> round(float(qparams.scale), 9), int(qparams.zero_point)
    (0.008627451, -12)
    """
    low, high = _checked_range(low, high, num_bits, scheme, axis)
    symmetric = scheme == "symmetric"
    if symmetric and not signed:
        raise ValueError("choose_qparams: the symmetric scheme needs a signed grid; use scheme='affine'")
    narrow = symmetric if narrow is None else narrow
    grid = QParams(1.0, 0, num_bits, None, signed, narrow)
    if symmetric:
        scale = np.maximum(-low, high) / grid.qmax
    else:
        scale = high / (grid.qmax - grid.qmin) - low / (grid.qmax - grid.qmin)
    scale = np.where(scale > 0, np.maximum(scale, np.finfo(np.float32).tiny), 1.0)
    nudged = np.zeros(scale.shape) if symmetric else np.rint(grid.qmin - low / scale)
    zero_point = np.clip(nudged, grid.qmin, grid.qmax).astype(np.int64)
    return QParams(scale, zero_point, num_bits, axis, signed, narrow)


def quantize(x, qparams):
    """Return the codes q = clip(round(x / scale) + zero_point, qmin, qmax), in the smallest integer type.

    Rounds half to even, then adds `zero_point`, as ONNX does. Raises ValueError for NaN or infinite values.

    >>> quantize(np.array([-1.0, -0.5, 0.0, 0.3, 0.8, 1.2]), choose_qparams(-1.0, 1.2)).tolist()
    [-128, -70, -12, 23, 81, 127]
    """
    x = np.asarray(x)
    if not np.isfinite(x).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise ValueError(f"quantize: x must be finite, got {x[where]} at index {where}; "
                         "clean or mask the data first")
    scale, zero_point = _along_axis(qparams, x.shape, "quantize")
    with np.errstate(over="ignore"):  # a quotient beyond float64 is clipped to the end of the grid
        q = np.rint(np.asarray(x, np.float64) / scale) + zero_point
    return np.clip(q, qparams.qmin, qparams.qmax).astype(qparams.dtype)


def dequantize(q, qparams):
    """Return scale * (q - zero_point) as float32; the difference is taken in int64, never in int8.

    >>> dequantize(np.array([127], np.int8), choose_qparams(-1.0, 1.2)).tolist()
    [1.1992156505584717]
    """
    q = np.asarray(q)
    if not np.issubdtype(q.dtype, np.integer):
        raise ValueError(f"dequantize: expected integer codes, got {q.dtype}; quantize the array first")
    scale, zero_point = _along_axis(qparams, q.shape, "dequantize")
    return (scale * (q.astype(np.int64) - zero_point)).astype(np.float32)


def fake_quantize(x, qparams):
    """Return dequantize(quantize(x)), values on the grid. Inside the range the error is at most scale / 2.

    >>> fake_quantize(np.array([0.26, 9.0]), QParams(scale=0.5, zero_point=0, num_bits=4)).tolist()
    [0.5, 3.5]
    """
    return dequantize(quantize(x, qparams), qparams)


def check_num_bits(call, num_bits):
    """Raise ValueError unless `num_bits` is an integer from 2 to 16."""
    if isinstance(num_bits, bool) or not isinstance(num_bits, (int, np.integer)) or not 2 <= num_bits <= 16:
        raise ValueError(f"{call}: num_bits must be 2..16, got {num_bits!r}; for 1 bit use lowbit.binarize")


def _checked_range(low, high, num_bits, scheme, axis):
    check_num_bits("choose_qparams", num_bits)
    if scheme not in SCHEMES:
        raise ValueError(f"choose_qparams: scheme must be one of {SCHEMES}, got {scheme!r}")
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    if low.shape != high.shape or low.ndim != (axis is not None) or low.size == 0:
        raise ValueError(f"choose_qparams: low {low.shape} and high {high.shape} must both be scalars, or "
                         f"both of shape (channels,) with an axis; got axis={axis}")
    if not ((low >= -LARGEST) & (low <= high) & (high <= LARGEST)).all():
        raise ValueError(f"choose_qparams: need finite low <= high within +-{LARGEST:g}, got low={low}, high={high}; "
                         "look for NaN in the data")
    return np.minimum(low, 0.0), np.maximum(high, 0.0)


def _along_axis(qparams, shape, call):
    """Scale and zero point, shaped to broadcast along `qparams.axis` of an array of `shape`."""
    axis, ndim = qparams.axis, len(shape)
    if axis is None:
        return qparams.scale, qparams.zero_point
    if not -ndim <= axis < ndim or shape[axis] != qparams.scale.size:
        raise ValueError(f"{call}: qparams have {qparams.scale.size} channels along axis {axis}, the array has shape "
                         f"{shape}; choose them from this array")
    along = [1] * ndim
    along[axis] = -1
    return qparams.scale.reshape(along), qparams.zero_point.reshape(along)
