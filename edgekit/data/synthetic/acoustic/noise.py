"""Building blocks of sound: shaped noise, slow wander, harmonics of a turning shaft, bursts. Rows are recordings.

Signals are (M, L) at 16 kHz. Spectra are one-sided, `np.fft.rfftfreq(L, 1 / FS)`.
"""

import numpy as np

from edgekit.data.synthetic.acoustic.params import FS


def frequencies(samples: int) -> np.ndarray:
    """Bin frequencies in Hz (L // 2 + 1,)."""
    return np.fft.rfftfreq(samples, 1 / FS)


def white(rows: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """The spectra (rows, L // 2 + 1) of white noise of variance 1."""
    parts = rng.standard_normal((2, rows, samples // 2 + 1))
    spectrum = np.sqrt(samples / 2) * (parts[0] + 1j * parts[1])
    spectrum[:, 0] = 0.0
    if samples % 2 == 0:
        spectrum[:, -1] = 0.0
    return spectrum


def shaped(rows: int, samples: int, gain: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise (rows, L) with amplitude spectrum `gain`, (L // 2 + 1,) or (rows, L // 2 + 1), of rms 1."""
    x = np.fft.irfft(white(rows, samples, rng) * gain, samples)
    return x / rms(x)


def rms(x: np.ndarray) -> np.ndarray:
    """Root mean square over time (M, 1); silence counts as 1, so that it may divide."""
    value = np.sqrt(np.mean(x * x, axis=-1, keepdims=True))
    return np.where(value > 1e-12, value, 1.0)


def falling(frequency: np.ndarray, corner_hz, slope_db) -> np.ndarray:
    """Amplitude of flow noise: flat up to the corner, then `slope_db` (negative) per octave; no sound below 40 Hz.

    |G(f)| = (1 + (f / corner)^2)^(s / 2) / sqrt(1 + (40 / f)^4) with s = slope_db / 6.02.
    """
    f = np.maximum(frequency, 1.0)
    return (1 + (f / corner_hz) ** 2) ** (slope_db / 12.04) / np.sqrt(1 + (40.0 / f) ** 4)


def band(frequency: np.ndarray, low_hz, high_hz) -> np.ndarray:
    """Amplitude 1 between two frequencies, falling by 18 dB per octave outside."""
    f = np.maximum(frequency, 1.0)
    return 1 / np.sqrt((1 + (low_hz / f) ** 6) * (1 + (f / high_hz) ** 6))


def resonances(frequency: np.ndarray, hz, q, gain_db) -> np.ndarray:
    """Amplitude 1 plus peaks: prod_i (1 + (g_i - 1) / sqrt(1 + q_i^2 (f / f_i - f_i / f)^2)), g_i = 10^(dB / 20)."""
    f = np.maximum(frequency, 1.0)[:, None]
    height = 10 ** (np.asarray(gain_db) / 20) - 1
    return np.prod(1 + height / np.sqrt(1 + (q * (f / hz - hz / f)) ** 2), axis=1)


def wander(rows: int, samples: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> np.ndarray:
    """A slow random course (rows, L) of rms about 1: four sines of random frequency and phase.

    Computed 400 times a second and drawn straight in between: below 10 Hz that is off by less than 0.4 %.
    """
    step = FS // 400
    points = -(-samples // step) + 1
    time = np.arange(points) * step / FS
    hz = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz), (4, rows, 1)))
    start = rng.uniform(0, 2 * np.pi, (4, rows, 1))
    course = np.sin(2 * np.pi * hz * time + start).sum(axis=0)[..., None] / np.sqrt(2)
    part = np.arange(step) / step
    return (course[:, :-1] * (1 - part) + course[:, 1:] * part).reshape(rows, -1)[:, :samples]


def turning(speed_hz: np.ndarray, jitter: np.ndarray, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Shaft angle in turns (M, L): the integral of speed (1 + jitter wander(t)), from a random start."""
    course = wander(len(speed_hz), samples, 0.5, 5.0, rng)
    speed = speed_hz[:, None] * (1 + jitter[:, None] * course)
    return np.cumsum(speed, axis=1) / FS + rng.random((len(speed_hz), 1))


def harmonics(turns: np.ndarray, amplitude: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """sum_k a_k cos(2 pi k turns + phase_k), (M, L), for amplitudes (M, K) or (K,) of k = 1..K; phases are random."""
    rows, count = len(turns), np.shape(amplitude)[-1]
    weight = np.broadcast_to(amplitude, (rows, count)) * np.exp(2j * np.pi * rng.random((rows, count)))
    step = np.exp(2j * np.pi * (turns % 1.0))
    total, power = np.zeros(turns.shape), np.ones(turns.shape, complex)
    for k in range(count):
        power *= step
        total += weight[:, k:k + 1].real * power.real - weight[:, k:k + 1].imag * power.imag
    return total


def pulses(row: np.ndarray, moment_s: np.ndarray, height: np.ndarray, rows: int, samples: int) -> np.ndarray:
    """Impulses (rows, L): the heights added at the nearest sample; moments outside the signal are left out."""
    place = np.round(moment_s * FS).astype(int)
    inside = (place >= 0) & (place < samples)
    flat = np.bincount(row[inside] * samples + place[inside], height[inside], rows * samples)
    return flat.reshape(rows, samples)


def filtered(x: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Circular convolution (M, L) with an impulse response (K,) or (M, K), K <= L."""
    samples = x.shape[-1]
    return np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(response, samples), samples)


def ringing(hz, damping, samples: int) -> np.ndarray:
    """The answer of a resonance to a knock: exp(-damping 2 pi f t) sin(2 pi f t)."""
    time = np.arange(samples) / FS
    return np.exp(-damping * 2 * np.pi * hz * time) * np.sin(2 * np.pi * hz * time)
