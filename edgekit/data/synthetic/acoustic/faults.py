"""Sounds that a fault adds to a machine, and changes it makes. Rows (M, L) of 16 kHz; level 0 adds nothing.

A sound of level a has the rms a relative to the healthy machine (rms 1), averaged over the recording.
"""

import numpy as np

from edgekit.data.synthetic.acoustic import noise
from edgekit.data.synthetic.acoustic.params import FS
from edgekit.data.synthetic.acoustic.units import State, Unit, impact_rates


def leak(unit: Unit, level: np.ndarray, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Hiss of gas through a gap: noise of some kHz, a little unsteady. level: (M, 1)."""
    gain = noise.band(noise.frequencies(samples), *unit.leak_hz)
    hiss = noise.shaped(len(level), samples, gain, rng)
    return level * hiss * (1 + 0.15 * noise.wander(len(level), samples, 1.0, 8.0, rng))


def impacts(unit: Unit, state: State, turns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A cracked bearing: each ball knocks when it meets the crack, and the housing rings.

    On the outer race (fault 1) all knocks are alike; on the inner race (fault 2) the crack turns with the shaft in
    and out of the loaded zone, so the height follows ((1 + cos(2 pi turns)) / 2)^2. Every ball slips by 1-2 %.
    """
    rows, samples = turns.shape
    rate = np.where(state.fault == 2, impact_rates(unit)[1], impact_rates(unit)[0])
    count = int(np.ceil((np.ptp(turns, axis=1) * rate).max() * 1.1)) + 1
    steps = (1 + unit.slip * rng.standard_normal((rows, count))) / rate[:, None]
    angle = turns[:, :1] + rng.random((rows, 1)) / rate[:, None] + np.cumsum(steps, axis=1)
    moment = np.stack([np.interp(a, t, np.arange(samples), right=samples) for a, t in zip(angle, turns, strict=True)])
    loaded = ((1 + np.cos(2 * np.pi * angle)) / 2) ** 2
    height = np.where(state.fault[:, None] == 2, loaded, 1.0) * (1 + 0.15 * rng.standard_normal((rows, count)))
    row = np.repeat(np.arange(rows), count)
    knocks = noise.pulses(row, moment.ravel() / FS, height.ravel(), rows, samples)
    sound = noise.filtered(knocks, noise.ringing(unit.ring_hz, unit.ring_damping, samples // 8))
    return np.maximum(state.ill(1), state.ill(2)) * sound / noise.rms(sound)


def squeak(unit: Unit, level: np.ndarray, stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A belt that slips where it is pulled hardest: a chirping tone with two harmonics; stroke: speed, 0..1 (M, L)."""
    rows, samples = stroke.shape
    drift = 1 + 0.04 * stroke + 0.01 * noise.wander(rows, samples, 2.0, 9.0, rng)
    pitch = unit.squeak_hz * (1 + 0.06 * rng.uniform(-1, 1, (rows, 1)))
    tone = noise.harmonics(np.cumsum(pitch * drift, axis=1) / FS, np.array([1.0, 0.5]), rng)
    course = noise.wander(rows, samples, 0.7, 6.0, rng)
    sound = tone * np.clip(stroke - 0.55, 0, 1) * np.clip(0.9 + course, 0.2, 1.6)
    return level * sound / noise.rms(sound)


def scrape(unit: Unit, level: np.ndarray, turns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A bent rail: the carriage grates over the same place on every way out, not on the way back."""
    rows, samples = turns.shape
    place = rng.uniform(0.1, 0.3, (rows, 1))
    gate = np.exp(-0.5 * (((turns - place + 0.5) % 1.0 - 0.5) / 0.035) ** 2)
    gain = noise.band(noise.frequencies(samples), 0.3 * unit.ring_hz, 1.2 * unit.ring_hz)
    sound = noise.shaped(rows, samples, gain, rng) * gate
    return level * sound / noise.rms(sound)
