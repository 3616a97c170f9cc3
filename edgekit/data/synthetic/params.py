"""The legal ranges of the pulse generator: what may vary, from where to where.

Each field is a range (low, high) or the chance 0..1 of something. The defaults follow the table of mean beats of
50 patients, widened on purpose: a model trained on many kinds of sensor and vessel meets fewer surprises.
"""

from dataclasses import dataclass, field, fields

import numpy as np


def span(low: float, high: float, legal: tuple[float, float]):
    """A field that holds a range (low, high) inside `legal`."""
    return field(default=(low, high), metadata={"legal": legal, "kind": "range"})


def chance(value: float):
    """A field that holds a probability."""
    return field(default=value, metadata={"legal": (0.0, 1.0), "kind": "chance"})


class Checked:
    """Refuses a field outside its legal range, by name."""

    def __post_init__(self):
        for item in fields(self):
            value, legal = getattr(self, item.name), item.metadata.get("legal")
            if legal is None:
                continue
            ends = value if item.metadata["kind"] == "range" else (value, value)
            if not (len(ends) == 2 and np.isfinite(ends).all() and legal[0] <= ends[0] <= ends[1] <= legal[1]):
                raise ValueError(f"{type(self).__name__}: {item.name} must lie in {legal[0]:g}..{legal[1]:g} with "
                                 f"low <= high, got {value!r}")


@dataclass(frozen=True)
class PulseParams(Checked):
    """Three Gaussians per beat: heights, centres and widths in parts of the pulse duration; and the vessels."""

    height_1: tuple = span(0.30, 0.56, (0.05, 1.5))
    height_2: tuple = span(0.56, 0.81, (0.05, 1.5))
    height_3: tuple = span(0.45, 0.76, (0.0, 1.5))
    centre_1: tuple = span(0.142, 0.194, (0.08, 0.3))
    centre_2: tuple = span(0.255, 0.365, (0.2, 0.5))
    centre_3: tuple = span(0.51, 0.64, (0.4, 0.8))
    width_1: tuple = span(0.050, 0.077, (0.02, 0.15))
    width_2: tuple = span(0.092, 0.125, (0.04, 0.25))
    width_3: tuple = span(0.150, 0.215, (0.06, 0.35))
    stretch: tuple = span(0.85, 1.15, (0.5, 1.6))
    filling: tuple = span(0.3, 1.6, (0.0, 3.0))
    strength_jitter: tuple = span(0.01, 0.08, (0.0, 0.5))
    transit_jitter_s: tuple = span(0.0, 0.006, (0.0, 0.1))
    unusual: float = chance(0.5)


@dataclass(frozen=True)
class RhythmParams(Checked):
    """Rates in bpm and the variation of the beat interval."""

    sinus_bpm: tuple = span(60.0, 99.0, (60.0, 100.0))
    bradycardia_bpm: tuple = span(36.0, 60.0, (30.0, 60.0))
    tachycardia_bpm: tuple = span(100.0, 165.0, (100.0, 190.0))
    fibrillation_bpm: tuple = span(45.0, 170.0, (40.0, 180.0))
    ectopic_bpm: tuple = span(45.0, 115.0, (35.0, 140.0))
    sinus_cv: tuple = span(0.003, 0.10, (0.0, 0.2))
    fibrillation_cv: tuple = span(0.10, 0.38, (0.05, 0.6))
    strong_sinus_arrhythmia: float = chance(0.18)
    respiration_hz: tuple = span(0.18, 0.36, (0.1, 0.6))
    drift: tuple = span(-0.05, 0.05, (-0.3, 0.3))
    coupling: tuple = span(0.52, 0.80, (0.4, 0.9))
    compensatory: float = chance(0.55)
    reset_pause: tuple = span(1.0, 1.2, (0.9, 1.5))
    premature_strength: tuple = span(0.2, 0.85, (0.0, 1.2))
    premature_unfelt: float = chance(0.06)
    weak_beat_lost: float = chance(0.2)


@dataclass(frozen=True)
class SensorParams(Checked):
    """What tissue, optics, filters and the converter do to the pulse; amounts in parts of the pulse height."""

    rates_hz: tuple = (20.0, 25.0, 30.0, 32.0, 50.0, 60.0, 64.0, 100.0, 117.0, 125.0, 125.0, 200.0, 250.0)
    inverted: float = chance(0.5)
    baseline: tuple = span(0.05, 0.5, (0.0, 5.0))
    respiration: tuple = span(0.02, 0.3, (0.0, 2.0))
    respiration_strength: tuple = span(0.0, 0.15, (0.0, 0.6))
    shot_noise: tuple = span(0.002, 0.10, (0.0, 1.0))
    flicker: tuple = span(0.001, 0.05, (0.0, 0.5))
    highpass_hz: tuple = span(0.05, 0.7, (0.01, 1.0))
    highpass: float = chance(0.75)
    lowpass_hz: tuple = span(3.0, 15.0, (1.5, 40.0))
    lowpass: float = chance(0.7)
    damped: float = chance(0.10)
    damped_hz: tuple = span(1.6, 3.0, (0.8, 5.0))
    steep: float = chance(0.12)
    steep_hz: tuple = span(0.7, 2.5, (0.3, 4.0))
    levels: tuple = span(16.0, 3000.0, (4.0, 20000.0))
    clipped: float = chance(0.08)
    gain_change: float = chance(0.10)
    surge: float = chance(0.03)
    surge_height: tuple = span(1.0, 6.0, (0.0, 20.0))
    surge_s: tuple = span(0.2, 0.9, (0.05, 3.0))
    swell: float = chance(0.1)
    swell_depth: tuple = span(0.1, 0.4, (0.0, 2.0))
    motion: float = chance(0.25)
    motion_height: tuple = span(0.1, 0.6, (0.0, 2.0))
    motion_s: tuple = span(0.4, 2.5, (0.1, 4.0))
    artefact_height: tuple = span(2.0, 8.0, (1.0, 10.0))

    def __post_init__(self):
        super().__post_init__()
        if not self.rates_hz or not all(np.isfinite(r) and 16 <= r <= 1000 for r in self.rates_hz):
            raise ValueError(f"SensorParams: rates_hz must name rates of 16..1000 Hz, got {self.rates_hz!r}")


@dataclass(frozen=True)
class AccelerometerParams(Checked):
    """How movement reaches the accelerometer: accelerations in g, movement in pulse heights."""

    g_per_height: tuple = span(0.1, 0.35, (0.0, 1.0))
    across: tuple = span(0.1, 0.6, (0.0, 1.0))
    lag_s: tuple = span(0.0, 0.05, (0.0, 0.2))
    noise_g: tuple = span(0.003, 0.012, (0.0, 0.2))


@dataclass(frozen=True)
class PpgParams:
    """All that the generator may vary."""

    pulse: PulseParams = field(default_factory=PulseParams)
    rhythm: RhythmParams = field(default_factory=RhythmParams)
    sensor: SensorParams = field(default_factory=SensorParams)
    accelerometer: AccelerometerParams = field(default_factory=AccelerometerParams)


def uniform(rng: np.random.Generator, ends: tuple, size) -> np.ndarray:
    """Uniform in (low, high)."""
    return rng.uniform(ends[0], ends[1], size)


def log_uniform(rng: np.random.Generator, ends: tuple, size) -> np.ndarray:
    """Uniform in the logarithm: as many draws in 1..10 as in 10..100. A low end of 0 counts as 1e-6."""
    low, high = np.log(np.maximum(ends, 1e-6))
    return np.exp(rng.uniform(low, high, size))


def log_normal(rng: np.random.Generator, median: float, spread: float, ends: tuple, size) -> np.ndarray:
    """exp(N(log median, spread)), kept inside (low, high)."""
    return np.clip(median * np.exp(spread * rng.standard_normal(size)), *ends)
