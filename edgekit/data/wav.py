"""Read and write `.wav` files strictly: what the header says must be what the file holds.

RIFF is a list of chunks (name, length, content, padded to even length); `fmt ` says how samples are coded,
`data` holds them. Read here: PCM of 8, 16, 24 and 32 bit, and floats of 32 and 64 bit, with any number of
channels, plain or with the extensible header. Source: Multimedia Programming Interface and Data
Specifications 1.0 (RIFF), and the WAVEFORMATEXTENSIBLE specification.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgekit import _atomic

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
KINDS = {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)}


@dataclass(frozen=True)
class Header:
    """What a file says of itself, and where its samples begin: no sample has been read yet."""

    fs: int
    channels: int
    bits: int
    kind: int  # PCM or FLOAT
    frames: int
    offset: int


@dataclass(frozen=True)
class Wav:
    """Samples as the file codes them: x (frames, channels), uint8, int16, int32 (24 bit too) or float."""

    x: np.ndarray
    fs: int
    bits: int


def read_header(path) -> Header:
    """The header of the file at `path`, compared with the length of the file.

    Raises FileNotFoundError, or ValueError naming the file for one that is no RIFF/WAVE, of an unknown coding,
    without samples, or shorter than it says.
    """
    path = Path(path)
    size = _size(path)
    with path.open("rb") as file:
        start = file.read(12)
        if len(start) < 12 or start[:4] != b"RIFF" or start[8:] != b"WAVE":
            raise ValueError(f"wav.read: {path} begins with {start[:4]!r}, not with RIFF....WAVE: it is no .wav file "
                             "whatever its name says; convert it, or fetch it again")
        chunks = _chunks(file, path, size)
        if "fmt " not in chunks or "data" not in chunks:
            missing = "fmt " if "fmt " not in chunks else "data"
            raise ValueError(f"wav.read: {path} has no {missing!r} chunk; it is cut off or damaged, fetch it again")
        file.seek(chunks["fmt "][0])
        coding = file.read(min(chunks["fmt "][1], 40))
    return _header(path, coding, *chunks["data"])


def read(path, fs: int | None = None, channels: int | None = None, bits: int | None = None) -> Wav:
    """The samples of the file at `path`; `fs`, `channels`, `bits`: what it must have, where given.

    Raises FileNotFoundError, or ValueError naming the file, what it has and what was expected.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "two.wav"
    >>> write(path, np.array([[1], [-2]], np.int16), 16000)
    >>> wav = read(path, fs=16000)
    >>> wav.x[:, 0].tolist(), wav.bits
    ([1, -2], 16)
    """
    header = read_header(path)
    _expect(path, "a rate of", "Hz", header.fs, fs, "resample it with edgekit.data.signal.resample")
    _expect(path, "", "channels", header.channels, channels, "pick or mix its channels first")
    _expect(path, "", "bits per sample", header.bits, bits, "convert it, or fetch it again")
    length = header.frames * header.channels * header.bits // 8
    with Path(path).open("rb") as file:
        file.seek(header.offset)
        raw = file.read(length)
    return Wav(_decode(raw, header).reshape(header.frames, header.channels), header.fs, header.bits)


def to_float(x: np.ndarray) -> np.ndarray:
    """Codes of `read` as float32 in [-1, 1): int16 / 2^15, int32 / 2^31, (uint8 - 128) / 2^7; floats unchanged.

    >>> to_float(np.array([-32768, 16384], np.int16)).tolist()
    [-1.0, 0.5]
    """
    x = np.asarray(x)
    if x.dtype == np.uint8:
        return (x.astype(np.float32) - 128) / 128
    if x.dtype in (np.int16, np.int32):
        return (x / -float(np.iinfo(x.dtype).min)).astype(np.float32)
    if x.dtype.kind == "f":
        return x.astype(np.float32)
    raise ValueError(f"to_float: x must be uint8, int16, int32 or float, got {x.dtype}")


def write(path, x, fs: int) -> None:
    """Write int16 samples x (frames,) or (frames, channels) at `fs` Hz as PCM of 16 bit, atomically."""
    _atomic.write_bytes(Path(path), to_bytes(x, fs))


def to_bytes(x, fs: int) -> bytes:
    """The `.wav` file of int16 samples x (frames,) or (frames, channels) at `fs` Hz, PCM of 16 bit.

    >>> len(to_bytes(np.zeros(10, np.int16), 16000))
    64
    """
    x = np.asarray(x)
    if x.dtype != np.int16 or x.ndim not in (1, 2) or x.size == 0:
        raise ValueError(f"wav.write: x must be int16 (frames,) or (frames, channels), got {x.dtype} {x.shape}")
    channels = 1 if x.ndim == 1 else x.shape[1]
    content = x.astype("<i2").tobytes()
    coding = struct.pack("<HHIIHH", PCM, channels, fs, fs * channels * 2, channels * 2, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + coding + b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _size(path: Path) -> int:
    if not path.is_file():
        raise FileNotFoundError(f"wav.read: no file {path}; look at the folder, or fetch the set again")
    return path.stat().st_size


def _chunks(file, path: Path, size: int) -> dict[str, tuple[int, int]]:
    """Chunk name -> (where its content begins, its length), up to and including `data`."""
    found, place = {}, 12
    while place + 8 <= size and "data" not in found:
        file.seek(place)
        name, length = struct.unpack("<4sI", file.read(8))
        place += 8
        if place + length > size:
            raise ValueError(f"wav.read: {path} is truncated: its {name.decode('latin1')!r} chunk says {length} bytes, "
                             f"{size - place} are there; fetch it again")
        found.setdefault(name.decode("latin1"), (place, length))
        place += length + length % 2
    return found


def _header(path: Path, coding: bytes, offset: int, length: int) -> Header:
    if len(coding) < 16:
        raise ValueError(f"wav.read: {path} has a fmt chunk of {len(coding)} bytes, expected 16; fetch it again")
    kind, channels, fs, _, block, bits = struct.unpack("<HHIIHH", coding[:16])
    if kind == EXTENSIBLE and len(coding) >= 26:
        kind = struct.unpack("<H", coding[24:26])[0]
    if (kind, bits) not in KINDS:
        raise ValueError(f"wav.read: {path} has coding {kind} with {bits} bits, expected PCM (1) of 8, 16, 24 or 32 or "
                         "float (3) of 32 or 64 bits; convert it to PCM of 16 bit")
    if channels == 0 or fs == 0 or block != channels * bits // 8:
        raise ValueError(f"wav.read: {path} contradicts itself: {channels} channels of {bits} bits at {fs} Hz in "
                         f"blocks of {block} bytes; fetch it again")
    if length == 0 or length % block:
        raise ValueError(f"wav.read: {path} holds {length} bytes of samples, expected a positive multiple of {block}; "
                         "it is cut off, fetch it again")
    return Header(fs, channels, bits, kind, length // block, offset)


def _decode(raw: bytes, header: Header) -> np.ndarray:
    if header.bits == 24:  # the three bytes become the upper three of an int32
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return wide.view("<i4").astype(np.int32).reshape(-1)
    code = "u1" if header.bits == 8 else f"<{'f' if header.kind == FLOAT else 'i'}{header.bits // 8}"
    return np.frombuffer(raw, code).astype(np.dtype(code).newbyteorder("="))


def _expect(path, before: str, unit: str, found: int, wanted: int | None, remedy: str) -> None:
    if wanted is not None and found != wanted:
        what = f"{before} {found} {unit}".strip()
        raise ValueError(f"wav.read: {path} has {what}, expected {wanted}; {remedy}")
