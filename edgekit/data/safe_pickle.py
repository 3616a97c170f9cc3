"""Read pickles that hold numbers, text and containers, and nothing else.

A pickle is a program: to load it is to run it, and it may call any function of any module. CIFAR-10 and
PPG-DaLiA are published as pickles, so here is a reader that can be trusted with a file from a stranger:

1. the program is read first without being run (`pickletools.genops`), and refused when it holds an
   instruction that plain data never needs, or asks for memory that the file does not fill;
2. every global name that it may use is on a list of eight; each stands for a small class of this module, not
   for the function that NumPy would call;
3. an array is made here from its bytes, after its dtype and shape were checked against their number.

Source: the notes on security and `Unpickler.find_class` in the documentation of Python's `pickle`.
"""

import io
import math
import pickle
import pickletools
import re
from pathlib import Path

import numpy as np

MAX_BYTES = 2 << 30
MAX_INSTRUCTIONS = 5_000_000
MAX_DEPTH = 50
# Calls of code registered elsewhere, objects out of the file, and buffers that come from elsewhere.
REFUSED = {"EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "INST", "OBJ", "NEWOBJ_EX", "NEXT_BUFFER", "READONLY_BUFFER",
           "BYTEARRAY8"}
DTYPE = re.compile(r"[<>=|]?(?:b1|\?|[iu][1248]|f[248]|[SU][1-9]\d{0,4})")


def load(path, max_bytes: int = MAX_BYTES):
    """The content of the pickle at `path`: dicts, lists, tuples, text, numbers, bytes and arrays of numbers.

    Byte strings of Python 2 come back as text (Latin-1). Raises FileNotFoundError, or ValueError naming the
    file and what was refused: a foreign name, a forbidden instruction, a length beyond the file.

    >>> import pickle, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "batch"
    >>> _ = path.write_bytes(pickle.dumps({"data": np.arange(3, dtype=np.uint8), "labels": [1, 0, 2]}, protocol=2))
    >>> load(path)["data"].tolist()
    [0, 1, 2]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"safe_pickle.load: no file {path}; look at the folder, or fetch the set again")
    if path.stat().st_size > max_bytes:
        raise ValueError(f"safe_pickle.load: {path} has {path.stat().st_size} bytes, expected at most {max_bytes}; "
                         "give max_bytes= when the set is known to be that large")
    return loads(path.read_bytes(), str(path))


def loads(content: bytes, name: str = "these bytes"):
    """The same from bytes; `name` is what errors call them."""
    try:
        _inspect(content)
        loaded = _Reader(io.BytesIO(content), encoding="latin1").load()
        return _real(loaded, {}, 0)
    except (_Refused, pickle.UnpicklingError) as error:
        raise ValueError(f"safe_pickle.load: {name} was refused: {error}; it is damaged or not what the "
                         "publisher made, fetch it again from the address on the card") from None
    except Exception as error:  # a program of a stranger may fail in any way
        raise ValueError(f"safe_pickle.load: {name} is not a readable pickle ({type(error).__name__}: {error}); "
                         "it is damaged, fetch it again") from None


class _Refused(Exception):
    """The pickle asks for something that data never needs."""


def _inspect(content: bytes) -> None:
    """Walk through the program without running it."""
    for count, (instruction, argument, place) in enumerate(pickletools.genops(io.BytesIO(content)), 1):
        if instruction.name in REFUSED:
            raise _Refused(f"instruction {instruction.name} at byte {place}")
        if count > MAX_INSTRUCTIONS:
            raise _Refused(f"more than {MAX_INSTRUCTIONS} instructions")
        # The memo is a table as long as its highest index: an index of 2^31 would take 16 GB.
        if instruction.name in ("PUT", "BINPUT", "LONG_BINPUT") and not 0 <= argument <= count:
            raise _Refused(f"memo index {argument} at byte {place} after {count} instructions")


class _Dtype:
    """Stands for `numpy.dtype`: kind and size of one number, and the order of its bytes."""

    def __init__(self, code, *_):
        if not (isinstance(code, str) and DTYPE.fullmatch(code)):
            raise _Refused(f"dtype {str(code)[:40]!r}, expected one of numbers or text")
        self.dtype = np.dtype(code)

    def __setstate__(self, state):
        plain = isinstance(state, tuple) and len(state) >= 5 and state[2:5] == (None, None, None)
        if not plain or state[1] not in ("<", ">", "|", "="):
            raise _Refused("a dtype with fields or subarrays")
        if state[1] in "<>":
            self.dtype = self.dtype.newbyteorder(state[1])


class _Array:
    """Stands for an array: `_reconstruct` makes it empty, its state fills it."""

    value = None

    def __setstate__(self, state):
        if not (isinstance(state, tuple) and len(state) == 5):
            raise _Refused("an array whose state is not (version, shape, dtype, order, bytes)")
        self.value = _filled(*state[1:])


def _filled(shape, dtype, fortran, raw) -> np.ndarray:
    """The array of `shape`, when its bytes are exactly as many as shape and dtype say."""
    raw = raw.encode("latin1") if isinstance(raw, str) else raw
    if not (isinstance(dtype, _Dtype) and isinstance(raw, bytes) and isinstance(shape, tuple)):
        raise _Refused("an array of objects")
    if not all(isinstance(n, int) and n >= 0 for n in shape) or len(shape) > 32:
        raise _Refused(f"an array of shape {shape}")
    if math.prod(shape) * dtype.dtype.itemsize != len(raw):
        raise _Refused(f"an array of shape {shape} and dtype {dtype.dtype} in {len(raw)} bytes")
    return np.frombuffer(raw, dtype.dtype).reshape(shape, order="F" if fortran else "C")


def _reconstruct(kind, shape, code):
    if kind is not NDARRAY or shape != (0,):
        raise _Refused("an array that is not made empty first")
    return _Array()


def _scalar(dtype, raw=None):
    return _filled((), dtype, False, raw)[()]


def _encode(text, encoding="latin1"):
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise _Refused(f"text in encoding {encoding!r}")
    return text.encode("latin1")


def _ordered(pairs=()):
    return dict(pairs)


class _Maker:
    """What an allowed name stands for. It can be called, and not be changed by the program (`BUILD`)."""

    __slots__ = ("make",)

    def __init__(self, make):
        self.make = make

    def __call__(self, *arguments):
        return self.make(*arguments)

    def __setstate__(self, state):
        raise _Refused("a program that changes its reader")


NDARRAY = _Maker(_Array)
NAMES = {
    ("numpy", "dtype"): _Maker(_Dtype),
    ("numpy", "ndarray"): NDARRAY,
    ("numpy.core.multiarray", "_reconstruct"): _Maker(_reconstruct),
    ("numpy.core.multiarray", "scalar"): _Maker(_scalar),
    ("numpy._core.multiarray", "_reconstruct"): _Maker(_reconstruct),
    ("numpy._core.multiarray", "scalar"): _Maker(_scalar),
    ("_codecs", "encode"): _Maker(_encode),  # how Python 3 writes bytes for Python 2
    ("collections", "OrderedDict"): _Maker(_ordered),
}


class _Reader(pickle.Unpickler):
    """An unpickler that knows eight names."""

    def find_class(self, module, name):
        try:
            return NAMES[module, name]
        except KeyError:
            raise _Refused(f"it calls {module}.{name}, which no data set needs") from None


def _real(value, done: dict, depth: int):
    """The arrays in place of what stands for them; shared parts are walked once."""
    if depth > MAX_DEPTH:
        raise _Refused(f"containers nested deeper than {MAX_DEPTH}, or holding themselves")
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, dict):
        result = {_key(key): _real(item, done, depth + 1) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        result = type(value)(_real(item, done, depth + 1) for item in value)
    elif isinstance(value, _Array):
        if value.value is None:
            raise _Refused("an array without content")
        result = value.value
    elif isinstance(value, str | bytes | int | float | complex | bool | np.generic | None):
        return value
    else:
        raise _Refused(f"an object of {type(value).__name__}")
    done[id(value)] = result
    return result


def _key(key):
    if not isinstance(key, str | bytes | int | float):
        raise _Refused(f"a dict with a key of {type(key).__name__}")
    return key
