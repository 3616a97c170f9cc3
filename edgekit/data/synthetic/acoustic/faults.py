"""Sounds that a fault adds to a machine. Rows (M, L) of 16 kHz; strength 0 adds nothing.

A sound of strength a has, over the recording, a times the rms that the healthy machine's flow noise (rms 1) has in the
band of that sound: what hisses must hiss louder on a machine that hisses anyway.
"""

import numpy as np

from edgekit.data.synthetic.acoustic import noise
from edgekit.data.synthetic.acoustic.params import FS
from edgekit.data.synthetic.acoustic.units import State, Unit, impact_rates


def in_band(unit: Unit, gain: np.ndarray) -> float:
    """Rms of the unit's flow noise of rms 1 after a filter of amplitude `gain` (L // 2 + 1,)."""
    flow = noise.falling(noise.frequencies(2 * (len(gain) - 1)), unit.corner_hz, unit.slope_db)
    return float(np.sqrt(np.sum((gain * flow) ** 2) / np.sum(flow ** 2)))


def leak(unit: Unit, strength: np.ndarray, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Hiss of gas through a gap: noise of some kHz, a little unsteady. strength: (M, 1)."""
    gain = noise.band(noise.frequencies(samples), *unit.leak_hz)
    hiss = noise.shaped(len(strength), samples, gain, rng)
    steady = 1 + 0.15 * noise.wander(len(strength), samples, 1.0, 8.0, rng)
    return strength * in_band(unit, gain) * hiss * steady


def impacts(unit: Unit, state: State, strength: np.ndarray, turns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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
    gain = noise.band(noise.frequencies(samples), 0.8 * unit.ring_hz, 1.25 * unit.ring_hz)
    return strength * in_band(unit, gain) * sound / noise.rms(sound)


def squeak(unit: Unit, strength: np.ndarray, stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A belt that slips where it is pulled hardest: a chirping tone with two harmonics; stroke: speed, 0..1 (M, L)."""
    rows, samples = stroke.shape
    drift = 1 + 0.04 * stroke + 0.01 * noise.wander(rows, samples, 2.0, 9.0, rng)
    pitch = unit.squeak_hz * (1 + 0.06 * rng.uniform(-1, 1, (rows, 1)))
    tone = noise.harmonics(np.cumsum(pitch * drift, axis=1) / FS, np.array([1.0, 0.5]), rng)
    course = noise.wander(rows, samples, 0.7, 6.0, rng)
    sound = tone * np.clip(stroke - 0.55, 0, 1) * np.clip(0.9 + course, 0.2, 1.6)
    gain = noise.band(noise.frequencies(samples), 0.8 * unit.squeak_hz, 1.25 * unit.squeak_hz)
    return strength * in_band(unit, gain) * sound / noise.rms(sound)


def throttle(unit: Unit, strength: np.ndarray, rng: np.random.Generator, samples: int) -> np.ndarray:
    """Flow squeezed through what is left of a clogged passage: a breathy whistle, noise of an eighth of an octave."""
    hz, f = 0.6 * unit.click_hz[0], np.maximum(noise.frequencies(samples), 1.0)
    gain = 1 / (1 + (10 * (f / hz - hz / f)) ** 2)
    whistle = noise.shaped(len(strength), samples, gain, rng)
    return strength * in_band(unit, noise.band(f, 0.8 * hz, 1.25 * hz)) * whistle


def scrape(unit: Unit, strength: np.ndarray, turns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A bent rail: the carriage grates over the same place on every way out, not on the way back."""
    rows, samples = turns.shape
    place = rng.uniform(0.1, 0.3, (rows, 1))
    gate = np.exp(-0.5 * (((turns - place + 0.5) % 1.0 - 0.5) / 0.035) ** 2)
    gain = noise.band(noise.frequencies(samples), 0.3 * unit.ring_hz, 1.2 * unit.ring_hz)
    sound = noise.shaped(rows, samples, gain, rng) * gate
    return strength * in_band(unit, gain) * sound / noise.rms(sound)
