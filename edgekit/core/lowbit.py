"""Codes of fewer than 8 bits, packed without gaps."""

import numpy as np

from edgekit.core.affine import check_num_bits


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
