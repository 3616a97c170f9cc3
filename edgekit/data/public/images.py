"""Pixels of image files: PGM and BMP read here, JPEG through Pillow (which matplotlib brings)."""

import re
import struct
from pathlib import Path

import numpy as np

PGM_HEADER = re.compile(rb"P5(?:\s|#[^\n]*\n)+(\d{1,5})(?:\s|#[^\n]*\n)+(\d{1,5})(?:\s|#[^\n]*\n)+(\d{1,5})\s")


def read_pgm(path) -> np.ndarray:
    """A binary grey map (P5, one byte per pixel) as uint8 (height, width). Source: the PGM specification, Netpbm.

    Raises FileNotFoundError, or ValueError naming the file for another kind, a truncated or a longer one.
    """
    content = _content(path)
    header = PGM_HEADER.match(content)
    if not header:
        raise ValueError(f"read_pgm: {path} begins with {content[:8]!r}, expected P5, width, height, 255; it is no "
                         "binary PGM, fetch it again")
    width, height, top = (int(number) for number in header.groups())
    if not 0 < top < 256:
        raise ValueError(f"read_pgm: {path} has a top value of {top}, expected 1..255 (one byte per pixel)")
    return _rows(path, content[header.end():], width, height)


def read_bmp(path) -> np.ndarray:
    """An uncompressed bitmap: grey palette (8 bit) as uint8 (height, width), 24 bit as (height, width, 3) RGB.

    Rows are padded to four bytes and lie bottom up, unless the height is negative. Source: BITMAPINFOHEADER,
    Windows GDI reference. Raises FileNotFoundError, or ValueError naming the file and what it has instead.
    """
    content = _content(path)
    if len(content) < 54 or content[:2] != b"BM":
        raise ValueError(f"read_bmp: {path} begins with {content[:2]!r}, expected BM; it is no bitmap, fetch it again")
    offset, header, width, height, _, bits, packing = struct.unpack("<IIiiHHI", content[10:34])
    if header < 40 or bits not in (8, 24) or packing != 0 or width <= 0 or height == 0:
        raise ValueError(f"read_bmp: {path} is {width}x{height} of {bits} bits, packing {packing}, expected 8 or 24 "
                         "bits unpacked; save it again as a plain bitmap")
    row = (width * bits // 8 + 3) // 4 * 4
    rows = _rows(path, content[offset:offset + row * abs(height)], row, abs(height))[:, :width * bits // 8]
    rows = rows if height < 0 else rows[::-1]
    if bits == 24:
        return rows.reshape(abs(height), width, 3)[:, :, ::-1].copy()
    return _grey(path, content[14 + header:offset])[rows]


def read_jpeg(path, shape: tuple[int, int] | None = None) -> np.ndarray:
    """A JPEG as uint8 (height, width, 3) RGB; a grey one has three equal channels. shape: (height, width) it must have.

    Raises FileNotFoundError, or ValueError naming the file: no JPEG, truncated, of another size.
    """
    from PIL import Image, UnidentifiedImageError

    if not Path(path).is_file():
        raise FileNotFoundError(f"read_jpeg: no file {path}; look at the folder, or fetch the set again")
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            if shape and (image.height, image.width) != tuple(shape):
                raise ValueError(f"read_jpeg: {path} has {image.height}x{image.width} pixels, expected "
                                 f"{shape[0]}x{shape[1]}; it is of another set, fetch it again")
            return np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"read_jpeg: {path} is no whole JPEG ({error}); fetch it again") from None


def _content(path) -> bytes:
    if not Path(path).is_file():
        raise FileNotFoundError(f"read image: no file {path}; look at the folder, or fetch the set again")
    return Path(path).read_bytes()


def _rows(path, content: bytes, width: int, height: int) -> np.ndarray:
    if len(content) != width * height or not content:
        raise ValueError(f"read image: {path} holds {len(content)} bytes of pixels, expected {width} x {height} = "
                         f"{width * height}; it is truncated or damaged, fetch it again")
    return np.frombuffer(content, np.uint8).reshape(height, width)


def _grey(path, palette: bytes) -> np.ndarray:
    """The palette (256, blue green red 0) as one grey value each."""
    colours = np.zeros((256, 4), np.uint8)
    known = np.frombuffer(palette[:len(palette) // 4 * 4], np.uint8).reshape(-1, 4)[:256]
    colours[:len(known)] = known
    if (colours[:, :3] != colours[:, :1]).any():
        raise ValueError(f"read_bmp: {path} has a palette of colours, expected greys; save it again with 24 bits")
    return colours[:, 0]
