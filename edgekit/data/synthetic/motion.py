"""What movement does to a pulse sensor: short bouts that leave the rhythm readable, and ruin that does not."""

import numpy as np

from edgekit.data.synthetic.params import SensorParams, log_uniform, uniform

FS = 100.0


def swing(n: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Movement of height about 1, (n, samples): a wandering fundamental of .8-2.8 Hz, its harmonic, and jerks."""
    time = np.arange(samples) / FS
    wander = np.cumsum(rng.standard_normal((n, samples // 50 + 1)), axis=1) * 0.35
    wander = np.repeat(wander, 50, axis=1)[:, :samples]
    phase = 2 * np.pi * uniform(rng, (0.8, 2.8), (n, 1)) * time + smooth(wander, 0.6) + rng.uniform(0, 6.3, (n, 1))
    harmonic = rng.uniform(0.1, 0.8, (n, 1)) * np.sin(2 * phase + rng.uniform(0, 6.3, (n, 1)))
    jerks = 1.5 * smooth(rng.standard_normal((n, samples)), 5.0)
    share = rng.uniform(0.2, 0.8, (n, 1))
    loudness = np.exp(0.5 * smooth(rng.standard_normal((n, samples)), 0.5))
    return loudness * (share * (np.sin(phase) + harmonic) + (1 - share) * jerks)


def smooth(x: np.ndarray, cutoff_hz: float) -> np.ndarray:
    """Noise of unit spread kept below `cutoff_hz` (Gaussian in frequency), scaled back to unit spread."""
    frequency = np.fft.rfftfreq(x.shape[-1], 1 / FS)
    y = np.fft.irfft(np.fft.rfft(x) * np.exp(-0.5 * (frequency / cutoff_hz) ** 2), x.shape[-1])
    return y / (y.std(axis=-1, keepdims=True) + 1e-9)


def bouts(n: int, samples: int, start_s: float, params: SensorParams, rng: np.random.Generator) -> np.ndarray:
    """Moderate movement: one or two short bouts inside the window, (n, samples); the beats stay countable."""
    time = start_s + np.arange(samples) / FS
    envelope = np.zeros((n, samples))
    for chance in (1.0, 0.3):
        centre, width = rng.uniform(0, 10, (n, 1)), uniform(rng, params.motion_s, (n, 1)) / 2
        one = np.exp(-0.5 * ((time - centre) / (0.5 * width)) ** 2)
        envelope = np.maximum(envelope, one * (rng.random((n, 1)) < chance))
    return envelope * log_uniform(rng, params.motion_height, (n, 1)) * swing(n, samples, rng)


def surges(n: int, samples: int, start_s: float, params: SensorParams, rng: np.random.Generator) -> np.ndarray:
    """One or two slow surges of the baseline, (n, samples): pressure changes, the finger shifts; the beats go on."""
    time = start_s + np.arange(samples) / FS
    x = np.zeros((n, samples))
    for chance in (1.0, 0.3):
        centre, width = rng.uniform(-0.5, 10.5, (n, 1)), log_uniform(rng, params.surge_s, (n, 1))
        height = log_uniform(rng, params.surge_height, (n, 1)) * rng.choice([-1.0, 1.0], (n, 1))
        x += height * np.exp(-0.5 * ((time - centre) / width) ** 2) * (rng.random((n, 1)) < chance)
    return x


def ruin(pulse: np.ndarray, start_s: float, params: SensorParams,
         rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """An unusable recording made of a `pulse` (n, samples): shaken, no contact, lifted off, or mere noise; and the
    movement in it, (n, samples) each: a sensor without contact may lie still."""
    n, samples = pulse.shape
    kind = rng.choice(4, n, p=[0.45, 0.2, 0.2, 0.15])[:, None]
    height = uniform(rng, params.artefact_height, (n, 1))
    shake = height * swing(n, samples, rng)
    still = smooth(rng.standard_normal((n, samples)), 2.0)
    white = rng.standard_normal((n, samples))
    open_air = rng.uniform(0, 0.05, (n, 1)) * pulse + rng.uniform(0.02, 0.3, (n, 1)) * (
        still * rng.uniform(0, 1, (n, 1)) + white)
    noise = pulse + height * (0.8 * white + 0.8 * smooth(white, 4.0))
    lifted, stir = lift(pulse, start_s, height, rng)
    x = np.select([kind == 0, kind == 1, kind == 2], [pulse + shake, open_air, lifted], noise)
    return x, np.select([kind == 0, kind == 2], [shake, stir], 0.0)


def lift(pulse: np.ndarray, start_s: float, height: np.ndarray,
         rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The sensor leaves the skin again and again: steps with decay, the pulse lost in between; and the movement."""
    n, samples = pulse.shape
    time = start_s + np.arange(samples) / FS
    x, contact = np.zeros_like(pulse), np.ones_like(pulse)
    for _ in range(7):
        begin, decay = rng.uniform(-1, 10, (n, 1)), rng.uniform(0.05, 1.5, (n, 1))
        after = np.maximum(time - begin, 0)
        x += (time > begin) * rng.normal(0, 2, (n, 1)) * height * np.exp(-after / decay)
        contact = np.where((after > 0) & (after < 2 * decay), rng.uniform(0, 0.2, (n, 1)), contact)
    stir = 0.3 * swing(n, samples, rng)
    return pulse * contact + x + stir, stir
