"""Pictures of any size and number format -> the square RGB picture that a small camera would have given."""

import numpy as np


def to_codes(x):
    """Pictures (N, H, W), (N, H, W, 1) or (N, H, W, 3) -> (N, H, W, 3) float32 in 0..255; grey becomes three
    channels.

    uint8 stays as it is; real numbers must lie in 0..1 or in 0..255. Raises ValueError for anything else.
    """
    x = np.asarray(x)
    x = x[..., None] if x.ndim == 3 else x
    if x.ndim != 4 or x.shape[-1] not in (1, 3):
        raise ValueError(f"pictures: x must be (N, H, W, 3) or grey (N, H, W), got shape {x.shape}")
    low, high = float(x.min()), float(x.max())
    if low < 0 or high > 255:
        raise ValueError(
            f"pictures: values must lie in 0..1 or 0..255, got {low:g}..{high:g}; undo any normalisation"
        )
    scale = 255.0 if x.dtype.kind == "f" and high <= 1 else 1.0
    return np.broadcast_to(x.astype(np.float32) * np.float32(scale), (*x.shape[:3], 3))


def to_square(x, size):
    """The middle square of pictures (N, H, W, C), resized to (N, size, size, C) by averaging what each pixel
    covers.

    >>> to_square(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, ..., 0].tolist()
    [[2.5, 4.5], [10.5, 12.5]]
    """
    height, width = x.shape[1:3]
    if height == width == size:
        return x
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    weights = _overlap(side, size)
    x = x[:, top : top + side, left : left + side]
    return np.einsum("ij,njkc,lk->nilc", weights, x, weights, optimize=True).astype(x.dtype)


def boxes_in_square(boxes, height, width, size):
    """Boxes (N, K, 5) of kind, left, top, right, bottom in pixels of (height, width) pictures, as `to_square` moves
    them: float64, cut to the square; what has its centre outside it becomes kind -1.

    >>> boxes_in_square([[[0, 30, 0, 50, 20], [1, 0, 0, 10, 10]]], 40, 80, 20).tolist()
    [[[0.0, 5.0, 0.0, 15.0, 10.0], [-1.0, 0.0, 0.0, 0.0, 0.0]]]
    """
    boxes = np.array(boxes, np.float64)
    side = min(height, width)
    boxes[..., 1::2] -= (width - side) // 2
    boxes[..., 2::2] -= (height - side) // 2
    middle = np.stack([boxes[..., [1, 3]].mean(-1), boxes[..., [2, 4]].mean(-1)], axis=-1)
    outside = ((middle < 0) | (middle > side)).any(axis=-1) | (boxes[..., 0] < 0)
    boxes[..., 1:] = np.clip(boxes[..., 1:] * size / side, 0, size)
    boxes[outside] = (-1, 0, 0, 0, 0)
    return boxes


def _overlap(old, new):
    """(new, old) matrix: the part of each new pixel that each old one fills; enlarging repeats pixels."""
    start, end = np.arange(new)[:, None] * old / new, (np.arange(new)[:, None] + 1) * old / new
    common = np.minimum(end, np.arange(old) + 1) - np.maximum(start, np.arange(old))
    return np.maximum(common, 0) * new / old
