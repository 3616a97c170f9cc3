"""Very few bits: three or two values per weight, and codes of fewer than 8 bits packed without gaps.

    ternarize(w) -> codes in {-1, 0, 1}, scale       w ~ scale * codes
    binarize(w)  -> codes in {-1, 1}, scale
    binary_dense(q_x, q_w)                           products of signs: XNOR, sums of products: counting ones
    pack, unpack                                     num_bits each, 2..16
    pack_ternary, pack_binary, and back              five codes to a byte; eight
"""

import numpy as np

from edgekit.core.affine import check_num_bits

#: a weight smaller than this share of the mean magnitude becomes 0 (Li et al., arXiv:1605.04711, section 2.3)
TERNARY_THRESHOLD = 0.7
TRITS = 5  # 3^5 = 243 fits in a byte


def ternarize(w, threshold=TERNARY_THRESHOLD):
    """Return (codes int8 in {-1, 0, 1}, scale (O,)) of weights (O, ...): one scale per output channel.

        delta = threshold * mean |w|,   code = sign(w) where |w| > delta, else 0,   scale = mean |w| where code is not 0

    The scale is the best in squared error for these codes. A channel of zeros gets scale 1. Raises ValueError for
    weights or a threshold that are not finite, and for a threshold below 0.

    >>> codes, scale = ternarize(np.array([[0.9, -0.1, 1.1, -1.0]]))
    >>> codes.tolist(), scale.tolist()
    ([[1, 0, 1, -1]], [1.0])
    """
    rows = _rows("ternarize", w)
    if not 0 <= threshold < np.inf:
        raise ValueError(f"ternarize: threshold must be a finite share of the mean magnitude, 0 or more, got "
                         f"{threshold}; {TERNARY_THRESHOLD} is usual")
    codes = np.sign(rows) * (np.abs(rows) > threshold * np.abs(rows).mean(axis=1, keepdims=True))
    return codes.astype(np.int8).reshape(np.shape(w)), _scale(rows, codes)


def binarize(w):
    """Return (codes int8 in {-1, 1}, scale (O,)) of weights (O, ...): code = sign(w), scale = mean |w|.

    Zero becomes 1. Source: Rastegari et al., XNOR-Net, ECCV 2016, section 3.1.

    >>> codes, scale = binarize(np.array([[0.5, -1.5]]))
    >>> codes.tolist(), scale.tolist()
    ([[1, -1]], [1.0])
    """
    rows = _rows("binarize", w)
    codes = np.where(rows < 0, -1, 1)
    return codes.astype(np.int8).reshape(np.shape(w)), _scale(rows, codes)


def _rows(call, w):
    w = np.asarray(w, np.float64)
    if w.ndim < 1 or not np.isfinite(w).all():
        raise ValueError(f"{call}: weights must be finite numbers (O, ...), got shape {w.shape}; clean them first")
    return w.reshape(len(w), -1)


def _scale(rows, codes):
    """sum(w * code) / sum(code^2) of every row."""
    used = np.abs(codes).sum(axis=1)
    scale = (rows * codes).sum(axis=1) / np.maximum(used, 1)
    return np.where(used > 0, np.where(scale > 0, scale, 1.0), 1.0)


def binary_dense(q_x, q_w):
    """Return the sums of products (N, O) of signs q_x (N, C) and q_w (O, C), both in {-1, 1}, without multiplying.

        sum x w = C - 2 * popcount(x XOR w)         a bit is 1 where the sign is +

    >>> binary_dense(np.array([[1, -1, 1]]), np.array([[1, 1, 1], [-1, 1, -1]])).tolist()
    [[1, -3]]
    """
    x, w = pack_signs(q_x), pack_signs(q_w)
    if np.shape(q_x)[1] != np.shape(q_w)[1]:
        raise ValueError(f"binary_dense: q_x (N, C) and q_w (O, C) need one C, got {np.shape(q_x)} and {np.shape(q_w)}")
    different = np.bitwise_count(x[:, None, :] ^ w[None]).sum(axis=2, dtype=np.int32)
    return np.shape(q_x)[1] - 2 * different


def pack_signs(q):
    """Return signs (N, C) as bits (N, ceil(C / 8)) uint8, 1 for +; the last byte is filled with zeros."""
    q = np.asarray(q)
    if q.ndim != 2 or not np.isin(q, (-1, 1)).all():
        raise ValueError(f"pack_signs: expected (N, C) with values -1 and 1, got shape {q.shape}; binarize first")
    return np.packbits(q > 0, axis=1, bitorder="little")


def pack_binary(q):
    """Return codes in {-1, 1}, any shape, as bits: eight to a byte, the first lowest, 1 for +.

    >>> pack_binary(np.array([1, -1, 1])).tolist()
    [5]
    """
    return pack_signs(np.asarray(q).reshape(1, -1))[0]


def unpack_binary(packed, shape):
    """Return the codes int8 that `pack_binary` put into `packed`, in `shape`; ValueError for too few or many."""
    _check_bytes("unpack_binary", packed, shape, 8)
    bits = np.unpackbits(np.asarray(packed, np.uint8), count=int(np.prod(shape)), bitorder="little")
    return (2 * bits.astype(np.int8) - 1).reshape(shape)


def pack_ternary(q):
    """Return codes in {-1, 0, 1}, any shape, five to a byte: sum of (code + 1) 3^i. 1.6 bits a code.

    >>> pack_ternary(np.array([-1, 0, 1])).tolist()
    [21]
    """
    codes = np.asarray(q).ravel()
    if not np.isin(codes, (-1, 0, 1)).all():
        raise ValueError(f"pack_ternary: codes must be -1, 0 or 1, got {codes.min()}..{codes.max()}; ternarize first")
    digits = np.zeros(-(-codes.size // TRITS) * TRITS, np.int64)
    digits[: codes.size] = codes.astype(np.int64) + 1
    return (digits.reshape(-1, TRITS) @ 3 ** np.arange(TRITS)).astype(np.uint8)


def unpack_ternary(packed, shape):
    """Return the codes int8 that `pack_ternary` put into `packed`, in `shape`; ValueError for too few or many."""
    _check_bytes("unpack_ternary", packed, shape, TRITS)
    digits = np.asarray(packed, np.int64)[:, None] // 3 ** np.arange(TRITS) % 3
    return (digits.ravel()[: int(np.prod(shape))] - 1).astype(np.int8).reshape(shape)


def _check_bytes(call, packed, shape, codes_per_byte):
    count = int(np.prod(shape))
    expected = -(-count // codes_per_byte)
    if len(packed) != expected:
        raise ValueError(f"{call}: {count} codes take {expected} bytes, got {len(packed)}; check shape")


def pack(q, num_bits):
    """Return the codes `q` (any shape, row by row) as bytes (uint8): num_bits each, two's complement, low bits first.

    With 4 bits the first code is the low nibble of the first byte. The last byte is filled with zeros.

    >>> pack(np.array([1, -1, 7]), num_bits=4).tolist()
    [241, 7]
    """
    check_num_bits("pack", num_bits)
    codes = np.asarray(q).astype(np.int64).ravel()
    low, high = -(1 << (num_bits - 1)), (1 << (num_bits - 1)) - 1
    if codes.size and (codes.min() < low or codes.max() > high):
        raise ValueError(
            f"pack: codes must be {low}..{high} for num_bits={num_bits}, got {codes.min()}..{codes.max()}; "
            "quantize with the same num_bits"
        )
    bits = (codes[:, None] >> np.arange(num_bits)) & 1
    return np.packbits(bits.astype(np.uint8).ravel(), bitorder="little")


def unpack(packed, num_bits, shape):
    """Return the codes (int8, or int16 above 8 bits) that `pack` put into `packed`, in `shape`.

    >>> unpack(np.array([241, 7], np.uint8), num_bits=4, shape=(3,)).tolist()
    [1, -1, 7]
    """
    check_num_bits("unpack", num_bits)
    count = int(np.prod(shape))
    expected = -(-count * num_bits // 8)
    if len(packed) != expected:
        raise ValueError(
            f"unpack: {count} codes of {num_bits} bits take {expected} bytes, got {len(packed)}; check shape"
        )
    bits = np.unpackbits(np.asarray(packed, np.uint8), count=count * num_bits, bitorder="little")
    codes = np.zeros(count, np.int32)
    for place, bit in enumerate(bits.reshape(count, num_bits).T):  # bit by bit: little memory, whatever a file claims
        codes += bit * np.int32(-(1 << place) if place == num_bits - 1 else 1 << place)
    return codes.astype(np.int8 if num_bits <= 8 else np.int16).reshape(shape)
