"""1/f noise, and tones that backgrounds share."""

from functools import cache

import numpy as np

from edgekit.data.synthetic.camera.colors import to_linear
from edgekit.data.synthetic.camera.view import CANVAS

NOISE = 128


class Texture:
    """1/f noise (NOISE, NOISE) that can be looked up at any place."""

    def __init__(self, values):
        self.values = values

    def at(self, x, y):
        """Noise (zero mean, unit deviation) at places measured in cells."""
        i, j = np.floor(y).astype(np.int64) & (NOISE - 1), np.floor(x).astype(np.int64) & (NOISE - 1)
        return self.values[i, j]

    def crop(self, rng):
        """The noise over the canvas, from a random corner."""
        i, j = rng.integers(0, NOISE, 2)
        return np.roll(self.values, (i, j), (0, 1))[:CANVAS, :CANVAS]


@cache
def _frequency(size):
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size))
    frequency[0, 0] = 1.0
    return frequency


def one_over_f(size, slope, rng):
    """Two fields (2, size, size) of noise whose amplitude falls as 1 / frequency^slope: periodic, zero
    mean, unit deviation.

    White complex noise, filtered and transformed once; its real and imaginary parts are independent.
    """
    white = rng.standard_normal((size, size, 2)).view(complex)[..., 0]
    spectrum = white * _frequency(size) ** -slope
    spectrum[0, 0] = 0
    noise = np.fft.ifft2(spectrum)
    return np.stack([noise.real / noise.real.std(), noise.imag / noise.imag.std()])


def mix(base, other, weight):
    return base + weight[..., None] * (np.asarray(other) - base)


def grey(rng, low, high, tint=0.02):
    """A greyish linear colour between two sRGB values."""
    return to_linear(np.clip(rng.uniform(low, high) + rng.normal(0, tint, 3), 0.03, 0.97))
