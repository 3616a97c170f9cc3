"""Read a flatbuffer that nobody vouches for: every offset and length is checked before it is followed.

    table = root(data, b"TFL3")
    table.scalar(slot, "i", default)   table.vector(slot, "<i4")   table.text(slot)
    table.table(slot)                  table.tables(slot)

A slot is the number of a field in the schema. All raise ValueError for an offset that leaves the data. Work is bounded
by the length of the data: what is read is paid for out of `ALLOWANCE` bytes per byte, so that a file whose vectors
overlap cannot grow in memory. Source: FlatBuffers, "FlatBuffer internals".
"""

import struct
from dataclasses import dataclass, field

import numpy as np

#: bytes that may be read for each byte of data: honest files read each about once, and share vtables and buffers
ALLOWANCE = 16

#: bytes that reading one table costs besides its fields
TABLE_BYTES = 16


@dataclass
class _Source:
    """The data, and how many bytes may still be read."""

    data: memoryview
    left: int = field(default=0)

    def unpack(self, form, position):
        size = struct.calcsize(form)
        self.check(position, size)
        return struct.unpack_from("<" + form, self.data, position)[0]

    def check(self, position, size):
        if position < 0 or size < 0 or position + size > len(self.data):
            raise ValueError(f"offset {position} with {size} bytes leaves the file of {len(self.data)} bytes")

    def spend(self, size):
        self.left -= size
        if self.left < 0:
            raise ValueError(f"its parts overlap: they add up to more than {ALLOWANCE} times the file")


def root(data, identifier):
    """Return the root `Table` of `data`; raises ValueError unless bytes 4 to 8 are `identifier`.

    >>> root(b"nothing of the kind", b"TFL3")
    Traceback (most recent call last):
    ValueError: bytes 4 to 8 are b'ing ', expected b'TFL3'
    """
    source = _Source(memoryview(data), ALLOWANCE * len(data) + 4096)
    found = bytes(source.data[4:8])
    if found != identifier:
        raise ValueError(f"bytes 4 to 8 are {found!r}, expected {identifier!r}")
    return Table(source, source.unpack("I", 0))


class Table:
    """A table: its fields by the number of their slot; a field that is absent gives the default."""

    def __init__(self, source, position):
        self.source, self.position = source, position
        source.spend(TABLE_BYTES)
        self.vtable = position - source.unpack("i", position)
        self.vtable_bytes = source.unpack("H", self.vtable)
        source.check(self.vtable, max(self.vtable_bytes, 4))
        source.check(position, source.unpack("H", self.vtable + 2))

    def _place(self, slot):
        """Where the field of `slot` lies, or None."""
        entry = 4 + 2 * slot
        offset = self.source.unpack("H", self.vtable + entry) if entry + 2 <= self.vtable_bytes else 0
        return self.position + offset if offset else None

    def scalar(self, slot, form, default=0):
        """Return the number in `slot`; `form` is a letter of `struct`."""
        place = self._place(slot)
        return default if place is None else self.source.unpack(form, place)

    def _target(self, slot):
        """Where the offset in `slot` points, or None."""
        place = self._place(slot)
        return None if place is None else place + self.source.unpack("I", place)

    def vector(self, slot, dtype):
        """Return the numbers in `slot` as a read-only array, which shares the memory of the data; None when absent."""
        start = self._target(slot)
        if start is None:
            return None
        dtype, count = np.dtype(dtype), self.source.unpack("I", start)
        self.source.check(start + 4, count * dtype.itemsize)
        self.source.spend(count * dtype.itemsize)
        return np.frombuffer(self.source.data, dtype, count, start + 4)

    def text(self, slot):
        """Return the string in `slot`, '' when absent; bytes that are no UTF-8 become U+FFFD."""
        letters = self.vector(slot, np.uint8)
        return "" if letters is None else letters.tobytes().decode("utf-8", "replace")

    def table(self, slot):
        """Return the table in `slot`, or None."""
        start = self._target(slot)
        return None if start is None else Table(self.source, start)

    def tables(self, slot):
        """Return the tables of the vector in `slot`, [] when absent."""
        offsets = self.vector(slot, "<u4")
        if offsets is None:
            return []
        start = self._target(slot) + 4
        return [Table(self.source, start + 4 * i + int(offset)) for i, offset in enumerate(offsets)]
