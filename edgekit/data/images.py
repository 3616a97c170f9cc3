"""Pictures as JPEG, as a small camera sends them: one head with the tables for all, one body of coded blocks
for each.

Every picture of a set has the same size and quality, so the first 600 bytes would repeat; they are kept once.
"""

import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, JpegImagePlugin

QUALITY = 75
CHUNK, THREADS = 64, min(4, os.cpu_count() or 1)
SCAN = b"\xff\xda"  # "start of scan": what follows is the picture itself


def encode(picture, quality=QUALITY) -> bytes:
    """One picture (H, W, 3) or grey (H, W), uint8, as a baseline JPEG; colour has half the resolution
    (4:2:0)."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling=2)
    return buffer.getvalue()


def decode(content: bytes) -> np.ndarray:
    """The picture (H, W, 3) or grey (H, W), uint8, in a JPEG."""
    return np.asarray(JpegImagePlugin.JpegImageFile(io.BytesIO(content)))


def pack(files: list[bytes]) -> dict[str, np.ndarray]:
    """JPEGs of one size and quality -> {"jpeg_head", "jpeg_bodies", "jpeg_ends"}: bytes, and where each body
    ends.

    Raises ValueError when the heads differ.
    """
    heads = {content[: content.index(SCAN)] for content in files}
    if len(heads) != 1:
        raise ValueError(
            f"pack: {len(heads)} different JPEG heads in {len(files)} pictures; give one size and quality"
        )
    (head,) = heads
    bodies = [content[len(head) :] for content in files]
    return {
        "jpeg_head": np.frombuffer(head, np.uint8),
        "jpeg_bodies": np.frombuffer(b"".join(bodies), np.uint8),
        "jpeg_ends": np.cumsum([len(body) for body in bodies]).astype(np.int32),
    }


def unpack(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The pictures (N, H, W, 3) or grey (N, H, W), uint8, that `pack` took in.

    >>> grey = np.full((16, 16, 3), 128, np.uint8)
    >>> unpack(pack([encode(grey), encode(grey)])).shape
    (2, 16, 16, 3)
    """
    head, bodies, ends = (arrays[key] for key in ("jpeg_head", "jpeg_bodies", "jpeg_ends"))
    head, bodies = head.tobytes(), bodies.tobytes()
    shape = decode(head + bodies[: ends[0]]).shape
    mode, size = "RGB" if len(shape) == 3 else "L", shape[1::-1]
    x = np.empty((len(ends), *shape), np.uint8)
    starts = [0, *ends[:-1].tolist()]

    def decode_some(first):
        for i in range(first, min(first + CHUNK, len(x))):
            # the decoder alone: the head was parsed above
            x[i] = Image.frombytes(mode, size, head + bodies[starts[i] : ends[i]], "jpeg", mode, "")

    with ThreadPoolExecutor(THREADS) as threads:  # the decoder runs outside Python's lock
        for _ in threads.map(decode_some, range(0, len(x), CHUNK)):
            pass
    return x
