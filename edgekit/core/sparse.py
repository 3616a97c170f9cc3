"""Weights with zeros as bytes: what each way of storing them really takes, and where it begins to pay.

    encode(w, "csr") -> bytes        decode(bytes) -> w, exactly (-0.0 as 0)      size = len(encode(w, ...))

    dense     every weight
    bitmap    one bit for each place, then the weights that are not 0
    run       for each weight that is not 0 the zeros before it, in 4 bits; a run of 16 is a stored 0 that ends 15 more
    csr       for each weight its column; for each row where it ends; in as few bytes as the largest number takes
    huffman   short words for frequent weights (`core.huffman`)

All begin with the same header: what a reader needs to know. A row is what one output sums over.
Sources: CSR as in Saad, Iterative Methods for Sparse Linear Systems, section 3.4; runs of 4 bits and Huffman as in
Han et al., Deep Compression, ICLR 2016, arXiv:1510.00149, sections 2 and 4.
"""

import math

import numpy as np

from edgekit.core import huffman

#: what a weight may be stored as; the header holds the place in this list
DTYPES = ("float32", "int8", "uint8", "int16", "float16", "int32")
GAP = 15  # the largest number in 4 bits


def encode(w, form):
    """Return the array `w` (O, ...), in the byte order of this machine, as bytes in one of `FORMATS`.

    Raises ValueError for another form or type.

    >>> len(encode(np.array([[0, 0, 7], [0, 0, 0]], np.int8), "bitmap")) - HEADER - 2 * 4
    2
    """
    w = np.ascontiguousarray(w)
    w = w.astype(w.dtype.newbyteorder("="), copy=False)
    if form not in FORMATS or w.dtype.name not in DTYPES or not 1 <= w.ndim <= 8 or w.size == 0:
        raise ValueError(
            f"encode: needs one of {', '.join(FORMATS)} and weights (O, ...) of {', '.join(DTYPES)}, got {form!r} and "
            f"{w.dtype} {w.shape}"
        )
    if w.dtype.kind == "f":
        w = w + w.dtype.type(0)  # -0.0 is 0
    head = bytes([list(FORMATS).index(form), DTYPES.index(w.dtype.name), w.ndim])
    return head + words(*w.shape) + FORMATS[form][0](w.reshape(len(w), -1))


def words(*numbers):
    """Return whole numbers as bytes, 4 each, the lowest first."""
    return np.array(numbers, "<u4").tobytes()


#: bytes of every header, besides 4 for each axis
HEADER = 3
#: no array that a few bytes claim to hold may be larger
LARGEST = 1 << 26


def decode(data):
    """Return the array that `encode` put into bytes. Raises ValueError when they are truncated, altered or longer."""
    reader = Reader(data)
    form, dtype, axes = reader.numbers("<u1", 3).tolist()
    if form >= len(FORMATS) or dtype >= len(DTYPES) or not 1 <= axes <= 8:
        raise ValueError(f"decode: no array begins with the bytes {list(data[:3])}; give what encode returned")
    shape = tuple(reader.numbers("<u4", axes).tolist())
    rows = (shape[0], checked_size(shape) // shape[0])
    w = list(FORMATS.values())[form][1](reader, rows, np.dtype(DTYPES[dtype]))
    reader.end()
    return w.reshape(shape)


def checked_size(shape):
    """Return how many elements an array of `shape` has; raise ValueError when none, or more than any real layer."""
    if not 1 <= math.prod(shape) <= LARGEST:
        raise ValueError(f"decode: an array of shape {shape} is empty or too large; the bytes are altered")
    return math.prod(shape)


class Reader:
    """Reads numbers off bytes, and says so when there are too few or too many."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def numbers(self, dtype, count):
        """The next `count` numbers of `dtype`."""
        size = np.dtype(dtype).itemsize * count
        if self.place + size > len(self.data):
            raise ValueError(f"decode: {len(self.data)} bytes end before byte {self.place + size}; they are truncated")
        self.place += size
        return np.frombuffer(self.data, dtype, count, self.place - size)

    def end(self):
        """Raise ValueError unless everything is read."""
        if self.place != len(self.data):
            raise ValueError(f"decode: {len(self.data) - self.place} bytes too many; give what encode returned alone")


def _dense(w):
    return w.tobytes()


def _read_dense(reader, rows, dtype):
    return reader.numbers(dtype, math.prod(rows)).reshape(rows)


def _bitmap(w):
    return np.packbits(w != 0, bitorder="little").tobytes() + w[w != 0].tobytes()


def _read_bitmap(reader, rows, dtype):
    count = math.prod(rows)
    places = np.unpackbits(reader.numbers("u1", -(-count // 8)), count=count, bitorder="little").astype(bool)
    w = np.zeros(count, dtype)
    w[places] = reader.numbers(dtype, int(places.sum()))
    return w.reshape(rows)


def _run(w):
    gaps, values = runs(w.ravel())
    nibbles = np.zeros(gaps.size + gaps.size % 2, np.uint8)
    nibbles[: gaps.size] = gaps
    return words(gaps.size) + (nibbles[::2] | nibbles[1::2] << 4).tobytes() + values.tobytes()


def runs(w):
    """Return (gaps uint8 0..15, values): each value, which may be a filling 0, stands `gap` zeros after the one before.

    >>> [part.tolist() for part in runs(np.array([0, 5] + 20 * [0] + [7]))]
    [[1, 15, 4], [5, 0, 7]]
    """
    places = np.flatnonzero(w)
    gaps = np.diff(places, prepend=-1) - 1
    fillers = gaps // (GAP + 1)
    ends = np.cumsum(fillers + 1) - 1
    size = int(ends[-1]) + 1 if places.size else 0
    all_gaps, values = np.full(size, GAP, np.uint8), np.zeros(size, w.dtype)
    all_gaps[ends], values[ends] = gaps % (GAP + 1), w[places]
    return all_gaps, values


def _read_run(reader, rows, dtype):
    size, w = int(reader.numbers("<u4", 1)[0]), np.zeros(math.prod(rows), dtype)
    nibbles = reader.numbers("u1", -(-size // 2))
    gaps = np.stack([nibbles & 15, nibbles >> 4], axis=1).ravel()[:size].astype(np.int64)
    places = np.cumsum(gaps + 1) - 1
    if size and places[-1] >= w.size:
        raise ValueError(f"decode: runs reach place {places[-1]} of {w.size}; the bytes are altered")
    w[places] = reader.numbers(dtype, size)
    return w.reshape(rows)


def _csr(w):
    ends, columns, values = csr(w)
    parts = ends.astype(_index(values.size)), columns.astype(_index(w.shape[1] - 1)), values
    return words(values.size) + b"".join(part.tobytes() for part in parts)


def csr(w):
    """Return (ends (O,), columns, values) of a matrix w (O, K): row i holds the values from ends[i - 1] to ends[i].

    >>> [part.tolist() for part in csr(np.array([[0, 5, 0], [0, 0, 0], [6, 0, 7]]))]
    [[1, 1, 3], [1, 0, 2], [5, 6, 7]]
    """
    rows, columns = np.nonzero(w)
    return np.cumsum(np.bincount(rows, minlength=len(w))), columns, w[rows, columns]


def _index(largest):
    """The smallest unsigned type that holds `largest`."""
    return np.dtype("<u1" if largest < 1 << 8 else "<u2" if largest < 1 << 16 else "<u4")


def _read_csr(reader, rows, dtype):
    size = int(reader.numbers("<u4", 1)[0])
    ends = reader.numbers(_index(size), rows[0]).astype(np.int64)
    columns = reader.numbers(_index(rows[1] - 1), size)
    lengths = np.diff(ends, prepend=0)
    if (lengths < 0).any() or ends[-1] != size or (size and columns.max() >= rows[1]):
        raise ValueError(f"decode: rows or columns lie outside {rows}; the bytes are altered")
    w = np.zeros(rows, dtype)
    w[np.repeat(np.arange(rows[0]), lengths), columns] = reader.numbers(dtype, size)
    return w


def _huffman(w):
    symbols, counts = np.unique(w, return_counts=True)
    lengths = huffman.lengths(counts)
    stream = huffman.encode(np.searchsorted(symbols, w.ravel()), lengths)
    return words(symbols.size) + symbols.tobytes() + lengths.tobytes() + stream


def _read_huffman(reader, rows, dtype):
    count = int(reader.numbers("<u4", 1)[0])
    symbols, lengths = reader.numbers(dtype, count), reader.numbers("u1", count)
    stream = reader.numbers("u1", len(reader.data) - reader.place)
    return symbols[huffman.decode(stream.tobytes(), lengths, math.prod(rows))].reshape(rows)


#: form: (matrix -> bytes after the header, and back)
FORMATS = {
    "dense": (_dense, _read_dense),
    "bitmap": (_bitmap, _read_bitmap),
    "run": (_run, _read_run),
    "csr": (_csr, _read_csr),
    "huffman": (_huffman, _read_huffman),
}
