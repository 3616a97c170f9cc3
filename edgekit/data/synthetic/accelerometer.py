"""What an accelerometer beside the pulse sensor reports: gravity, the movement that disturbs the pulse, noise.

Three axes at 25 Hz in g, on a grid of 1/128 g over +-511/128 g, as a 10-bit part of range 4 g gives them.
"""

import numpy as np

from edgekit.data.signal import resample
from edgekit.data.synthetic.motion import FS
from edgekit.data.synthetic.params import AccelerometerParams, log_uniform, uniform

RATE_HZ = 25.0
STEP_G = 1 / 128
LIMIT = 511
ACROSS_LAG_S = (0.06, 0.2)  # the second direction follows the first by a fraction of a swing: an arm moves in arcs


def accelerate(movement: np.ndarray, window: slice, subject: np.ndarray, params: AccelerometerParams,
               rng: np.random.Generator) -> np.ndarray:
    """The acceleration in the `window` of a `movement` (N, samples) in pulse heights at 100 Hz: (N, T, 3) in g.

        a(t) = up + k (along m(t - lag) + c across m(t - lag - lag')) + noise,   rounded to 1/128 g

    `up` is of length 1 in a direction of its own per window (a sensor at rest reports the force that holds it up),
    `along` and `across` are at right angles, anywhere; k in g per pulse height and the noise belong to the `subject`
    (N,), the place of the index in 0..subjects-1. Nothing here depends on the class but by way of the movement.
    """
    n, subjects = len(movement), int(subject.max()) + 1
    noise = log_uniform(rng, params.noise_g, subjects)[subject]
    strength = log_uniform(rng, params.g_per_height, subjects)[subject]
    up, along, other = directions(n, rng), directions(n, rng), directions(n, rng)
    across = np.cross(along, other)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    lag = uniform(rng, params.lag_s, n)
    first = at_rate(delayed(movement, lag), window)
    second = at_rate(delayed(movement, lag + rng.uniform(*ACROSS_LAG_S, n)), window)
    second *= uniform(rng, params.across, (n, 1))
    g = first[:, :, None] * along[:, None] + second[:, :, None] * across[:, None]
    g = up[:, None] + strength[:, None, None] * g
    g += noise[:, None, None] * rng.standard_normal(g.shape)
    return (np.clip(np.round(g / STEP_G), -LIMIT, LIMIT) * STEP_G).astype(np.float32)


def directions(n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` unit vectors (n, 3), every direction as likely as any other."""
    vector = rng.standard_normal((n, 3))
    return vector / np.linalg.norm(vector, axis=1, keepdims=True)


def delayed(x: np.ndarray, lag_s: np.ndarray) -> np.ndarray:
    """The signals x (N, samples) at 100 Hz, each `lag_s` (N,) later: x(t - lag), by the phase of its spectrum."""
    frequency = np.fft.rfftfreq(x.shape[1], 1 / FS)
    return np.fft.irfft(np.fft.rfft(x) * np.exp(-2j * np.pi * frequency * lag_s[:, None]), x.shape[1])


def at_rate(x: np.ndarray, window: slice) -> np.ndarray:
    """The part `window` (100 Hz samples) of x (N, samples), sampled at 25 Hz with anti-aliasing."""
    part = round(FS / RATE_HZ)
    return resample(x, FS, RATE_HZ)[:, window.start // part:window.stop // part]
