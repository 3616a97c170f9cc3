"""When the heart beats: intervals of sinus rhythm, atrial fibrillation and premature beats, for many windows at once.

Intervals RR are (N, BEATS) in seconds; RR[:, k] precedes beat k.
"""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.params import RhythmParams, log_normal, uniform

CLASSES = ("sinus", "bradycardia", "tachycardia", "atrial_fibrillation", "ectopic", "artefact")
SINUS, BRADYCARDIA, TACHYCARDIA, FIBRILLATION, ECTOPIC, ARTEFACT = range(6)
BEATS = 64
WARM_UP_S = 4.0
FLOOR_S = 0.3


@dataclass(frozen=True)
class Rhythm:
    """Beats of N windows: `onset` (N, BEATS) in s from the start of the window, the interval `rr` before each,
    `premature` flags, `strength` factors, and the respiration that all share."""

    onset: np.ndarray
    rr: np.ndarray
    premature: np.ndarray
    strength: np.ndarray
    respiration_hz: np.ndarray
    respiration_phase: np.ndarray


def draw_rhythm(kind: np.ndarray, resting: np.ndarray, params: RhythmParams, rng: np.random.Generator) -> Rhythm:
    """The beats of N windows of class `kind` (N,); `resting` (N,) in 0..1 is where in the range the person lies."""
    n = len(kind)
    breath_hz, breath_phase = uniform(rng, params.respiration_hz, n), rng.uniform(0, 2 * np.pi, n)
    base = np.where(kind == ARTEFACT, rng.choice([SINUS, SINUS, TACHYCARDIA, FIBRILLATION], n), kind)
    mean = 60 / draw_rate(base, resting, params, rng)
    rr = sinus_intervals(mean, sinus_cv(base, params, rng), breath_hz, breath_phase, params, rng)
    fibrillating = base == FIBRILLATION
    rr[fibrillating] = fibrillation_intervals(mean[fibrillating], params, rng)
    start = -WARM_UP_S - rng.uniform(0, 1, n) * rr[:, 0]
    rr, premature, strength = insert_premature(rr, start, base == ECTOPIC, params, rng)
    onset = start[:, None] + np.cumsum(rr, axis=1) - rr[:, :1]
    strength = lose_weak_beats(rr, strength, fibrillating, params, rng)
    return Rhythm(onset, rr, premature, strength, breath_hz, breath_phase)


def draw_rate(kind: np.ndarray, resting: np.ndarray, params: RhythmParams, rng: np.random.Generator) -> np.ndarray:
    """The mean rate in bpm (N,): half the person's own, half of the moment; fibrillation log-normal about 85."""
    ends = np.array([params.sinus_bpm, params.bradycardia_bpm, params.tachycardia_bpm, params.fibrillation_bpm,
                     params.ectopic_bpm, params.sinus_bpm])[kind]
    place = np.where(rng.random(len(kind)) < 0.5, resting, rng.random(len(kind)))
    rate = ends[:, 0] + place * (ends[:, 1] - ends[:, 0])
    wide = log_normal(rng, 85.0, 0.30, params.fibrillation_bpm, len(kind))
    return np.where(kind == FIBRILLATION, wide, rate)


def sinus_cv(kind: np.ndarray, params: RhythmParams, rng: np.random.Generator) -> np.ndarray:
    """The coefficient of variation of sinus intervals: median .018, 10th-90th percentile .008-.044, and in some
    young people a strong respiratory arrhythmia; half of it in tachycardia."""
    usual = log_normal(rng, 0.018, 0.65, params.sinus_cv, len(kind))
    strong = rng.uniform(0.5, 1.0, len(kind)) * params.sinus_cv[1]
    cv = np.where(rng.random(len(kind)) < params.strong_sinus_arrhythmia, strong, usual)
    return np.where(kind == TACHYCARDIA, cv / 2, cv)


def sinus_intervals(mean, cv, breath_hz, breath_phase, params: RhythmParams, rng) -> np.ndarray:
    """RR_k = mean (1 + cv (respiratory + 0.1 Hz + white) + drift), parts of random weight with squares summing to 1.

    mean, cv, breath_hz, breath_phase: (N,); result (N, BEATS) in s.
    """
    n, beat = len(mean), np.arange(BEATS)
    time = mean[:, None] * beat
    weight = np.sqrt(rng.dirichlet([3.0, 1.0, 1.0], n))[:, :, None]
    breath = np.sqrt(2) * np.sin(2 * np.pi * breath_hz[:, None] * time + breath_phase[:, None])
    slow = np.sqrt(2) * np.sin(2 * np.pi * 0.1 * time + rng.uniform(0, 2 * np.pi, (n, 1)))
    parts = weight[:, 0] * breath + weight[:, 1] * slow + weight[:, 2] * rng.standard_normal((n, BEATS))
    drift = uniform(rng, params.drift, (n, 1)) * (time - WARM_UP_S - 5) / 10
    return mean[:, None] * np.clip(1 + cv[:, None] * parts + np.clip(drift, -0.3, 0.3), 0.5, 1.8)


def fibrillation_intervals(mean: np.ndarray, params: RhythmParams, rng: np.random.Generator) -> np.ndarray:
    """Independent gamma intervals (N, BEATS): CV median .21, 10th-90th percentile .12-.33, none below .3 s."""
    cv = log_normal(rng, 0.21, 0.36, params.fibrillation_cv, len(mean))[:, None]
    free = np.maximum(mean[:, None], FLOOR_S * 1.05)
    return np.maximum(rng.gamma(1 / cv ** 2, free * cv ** 2, (len(mean), BEATS)), FLOOR_S)


def insert_premature(rr, start, chosen, params: RhythmParams, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shorten intervals of the `chosen` windows and lengthen the next; returns rr, premature, strength.

    A premature beat comes after `coupling` x RR. Its pause fills up two normal intervals (ventricular: the sinus
    node is not disturbed) or is about one interval (atrial: the node is reset).
    """
    shape = rr.shape
    early = premature_pattern(rr, start, rng) & chosen[:, None]
    coupling = uniform(rng, params.coupling, (len(rr), 1)) + rng.normal(0, 0.02, shape)
    full = rng.random((len(rr), 1)) < params.compensatory
    pause = np.where(full, 2 - coupling, uniform(rng, params.reset_pause, (len(rr), 1)))
    after = np.zeros_like(early)
    after[:, 1:] = early[:, :-1] & ~early[:, 1:]
    new = np.where(early, rr * coupling, rr)
    new[:, 1:] = np.where(after[:, 1:], rr[:, 1:] * pause[:, :-1], new[:, 1:])
    weak = uniform(rng, params.premature_strength, (len(rr), 1)) * rng.uniform(0.9, 1.1, shape)
    weak = np.where(rng.random((len(rr), 1)) < params.premature_unfelt, 0.0, weak)
    return np.maximum(new, FLOOR_S), early, np.where(early, weak, 1.0)


def premature_pattern(rr, start, rng) -> np.ndarray:
    """Which beats come early (N, BEATS): one, two apart, a couplet, or every second, third or fourth."""
    n, beat = len(rr), np.arange(BEATS)
    onset = start[:, None] + np.cumsum(rr, axis=1) - rr[:, :1]
    first = np.argmax(onset > rng.uniform(1.5, 8.3, (n, 1)), axis=1)[:, None]
    gap = beat - first
    kind = rng.choice(6, n, p=[0.5, 0.15, 0.09, 0.12, 0.08, 0.06])[:, None]
    apart = rng.integers(3, 7, (n, 1))
    one = gap == 0
    return np.select([kind == 0, kind == 1, kind == 2],
                     [one, one | (gap == apart), one | (gap == 1)], gap % np.maximum(kind - 1, 1) == 0)


def lose_weak_beats(rr, strength, fibrillating, params: RhythmParams, rng) -> np.ndarray:
    """In fibrillation a beat after a short interval may hardly reach the finger (pulse deficit)."""
    lost = fibrillating[:, None] & (rr < 0.45) & (rng.random(rr.shape) < params.weak_beat_lost)
    return np.where(lost, strength * rng.uniform(0, 0.4, rr.shape), strength)
