"""Weight sharing: a layer's weights take few values, which a codebook lists; each weight is the place of its value.

    w ~ codebook[code]        min sum (w - codebook[code])^2  by k-means (Lloyd), begun at evenly spaced values
    bytes = codebook (float32) + codes, dense or in any format of `core.sparse`

Code 0 stands for the value 0 exactly: what was pruned stays pruned, and sparse formats see zeros.
Source: Han et al., Deep Compression, ICLR 2016, arXiv:1510.00149, section 3.
"""

import numpy as np

from edgekit.core import sparse


def share(w, num_bits, rounds=50):
    """Return (codes uint8 of the shape of w, codebook float32 (<= 2^num_bits,)): codebook[codes] ~ w.

    codebook[0] is 0 and holds the weights that are 0; the others are k-means of the weights that are not.
    Raises ValueError for num_bits outside 1..8 and weights that are not finite.

    >>> codes, codebook = share(np.array([0, 1.0, 1.25, 1.5, -3.0], np.float32), 2)
    >>> codes.tolist(), codebook.tolist()
    ([0, 2, 3, 3, 1], [0.0, -3.0, 1.0, 1.375])
    """
    w = np.asarray(w, np.float32)
    if num_bits not in range(1, 9) or w.size == 0 or not np.isfinite(w).all():
        raise ValueError(f"share: needs num_bits 1..8 and finite weights, got {num_bits!r} and shape {w.shape}")
    values, counts = np.unique(w[w != 0].astype(np.float64), return_counts=True)
    centres = _kmeans(values, counts, 2**num_bits - 1, rounds)
    codes = np.zeros(w.shape, np.uint8)
    if centres.size:
        codes[w != 0] = 1 + _nearest(centres, w[w != 0].astype(np.float64))
    return codes, np.concatenate([[0], centres]).astype(np.float32)


def _kmeans(values, counts, k, rounds):
    """k centres of sorted `values` that occur `counts` times, or the values themselves where there are fewer."""
    if values.size <= k:
        return values
    centres = np.linspace(values[0], values[-1], k)
    for _ in range(rounds):
        owner = _nearest(centres, values)
        weight = np.bincount(owner, counts, len(centres))
        sums = np.bincount(owner, counts * values, len(centres))
        moved = _refilled(sums[weight > 0] / weight[weight > 0], values, counts, k)
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres


def _refilled(centres, values, counts, k):
    """`centres`, and for each that is missing to k the value that lies farthest out in a cluster of great error.

    A lone outlier stretches the first, evenly spaced centres so far apart that most of them hold nothing.
    """
    errors = counts * (values - centres[owner := _nearest(centres, values)]) ** 2
    worst = np.argsort(-np.bincount(owner, errors, len(centres)), kind="stable")[: k - len(centres)]
    farthest = [values[owner == place][np.argmax(np.abs(values[owner == place] - centres[place]))] for place in worst]
    return np.unique(np.concatenate([centres, farthest]))


def _nearest(centres, values):
    """The place of the nearest of sorted `centres` for each value."""
    return np.searchsorted((centres[1:] + centres[:-1]) / 2, values)


def encode(codes, codebook, form):
    """Return shared weights as bytes: number of values, codebook, then the codes in `form`.

    form: "packed", as many bits each as the codebook needs, or a format of `core.sparse`.

    >>> len(encode(np.zeros((8, 4), np.uint8), np.zeros(4, np.float32), "packed"))  # 1 + 4 * 4 + 1 + 2 * 4 + 8
    34
    """
    codes, codebook = np.asarray(codes, np.uint8), np.asarray(codebook, np.float32)
    if not 1 <= codebook.size <= 256 or codes.size == 0 or codes.max() >= codebook.size or codes.ndim > 8:
        raise ValueError(f"sharing.encode: {codebook.size} values do not serve codes up to {codes.max(initial=0)}")
    head = bytes([codebook.size - 1]) + codebook.tobytes()
    if form != "packed":
        return head + bytes([0]) + sparse.encode(codes, form)
    return head + bytes([codes.ndim]) + sparse.words(*codes.shape) + _pack(codes, _bits(codebook.size)).tobytes()


def decode(data):
    """Return (codes, codebook) that `encode` put into bytes. Raises ValueError when they are truncated or altered."""
    reader = sparse.Reader(data)
    size = int(reader.numbers("u1", 1)[0]) + 1
    codebook, axes = reader.numbers("<f4", size), int(reader.numbers("u1", 1)[0])
    codes = _packed_codes(reader, axes, _bits(size)) if axes else sparse.decode(data[reader.place :])
    if codes.dtype != np.uint8 or codes.max() >= size:
        raise ValueError(f"decode: a code lies beyond the {size} values of the codebook; the bytes are altered")
    return codes, codebook.copy()


def _packed_codes(reader, axes, bits):
    shape = tuple(reader.numbers("<u4", axes).tolist())
    count = sparse.checked_size(shape)
    packed = reader.numbers("u1", -(-count * bits // 8))
    reader.end()
    unpacked = np.unpackbits(packed, count=count * bits, bitorder="little").reshape(count, bits)
    return (unpacked << np.arange(bits, dtype=np.uint8)).sum(axis=1, dtype=np.uint8).reshape(shape)


def _pack(codes, bits):
    return np.packbits((codes.reshape(-1, 1) >> np.arange(bits, dtype=np.uint8)) & 1, bitorder="little")


def _bits(size):
    """Bits of the largest code of a codebook of `size` values, at least 1."""
    return max((size - 1).bit_length(), 1)
