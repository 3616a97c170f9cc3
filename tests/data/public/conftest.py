"""Small files in the layout in which each set is published."""

import numpy as np
import pytest

from edgekit.data import wav


@pytest.fixture
def noise():
    """A function (path, frames, channels, fs) that writes a `.wav` of noise and returns its samples."""
    rng = np.random.default_rng(7)

    def write(path, frames=1600, channels=1, fs=16000):
        path.parent.mkdir(parents=True, exist_ok=True)
        x = rng.integers(-3000, 3000, (frames, channels)).astype(np.int16)
        wav.write(path, x, fs)
        return x

    return write


@pytest.fixture
def jpeg():
    """A function (path, shape, mode) that writes a small `.jpg`."""
    from PIL import Image

    rng = np.random.default_rng(3)

    def write(path, shape=(96, 96), mode="RGB"):
        path.parent.mkdir(parents=True, exist_ok=True)
        channels = (3,) if mode == "RGB" else ()
        Image.fromarray(rng.integers(0, 255, (*shape, *channels)).astype(np.uint8)).save(path, quality=90)

    return write
