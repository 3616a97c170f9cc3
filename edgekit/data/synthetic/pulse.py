"""What one beat looks like at the finger: three Gaussians whose duration goes with the root of the interval."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.params import PulseParams, uniform
from edgekit.data.synthetic.rhythm import Rhythm

SHAPE = ("height_1", "height_2", "height_3", "centre_1", "centre_2", "centre_3", "width_1", "width_2", "width_3")
VISIBLE = 0.3  # a beat that lifts the wave by less than this part of the usual lift cannot be told from an echo
DIP = 0.08  # nor can one before which the wave falls by less than this part

# Unusual vessels: factors (low, high) on heights and widths of the three waves.
STYLES = {
    "no dicrotic wave": ((0.8, 1.2), (0.9, 1.3), (0.0, 0.25), (0.8, 1.3), (1.1, 1.7), (0.8, 1.2)),
    "prominent dicrotic wave": ((0.9, 1.5), (0.4, 0.8), (0.8, 1.4), (0.8, 1.1), (0.6, 0.9), (0.4, 0.65)),
    "stiff": ((0.5, 0.9), (1.1, 1.5), (0.5, 1.0), (0.9, 1.2), (0.9, 1.2), (0.8, 1.1)),
    "peaked": ((1.2, 2.0), (0.2, 0.6), (0.1, 0.6), (0.7, 1.0), (0.7, 1.0), (0.8, 1.2)),
    "rounded": ((0.9, 1.1), (0.9, 1.1), (0.9, 1.2), (1.2, 1.6), (1.1, 1.4), (1.0, 1.3)),
}


@dataclass(frozen=True)
class Vessels:
    """The pulse of N windows: `shape` (N, 9) in the order of SHAPE, and per window how beats vary."""

    shape: np.ndarray
    stretch: np.ndarray
    filling: np.ndarray
    strength_jitter: np.ndarray
    transit_jitter_s: np.ndarray

    def take(self, index: np.ndarray) -> "Vessels":
        """The vessels of the windows `index`, for example one subject's for each of its windows."""
        return Vessels(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


def draw_vessels(n: int, params: PulseParams, rng: np.random.Generator) -> Vessels:
    """The vessels of `n` subjects."""
    shape = np.stack([uniform(rng, getattr(params, name), n) for name in SHAPE], axis=1)
    factors = np.array(list(STYLES.values()))[rng.integers(0, len(STYLES), n)]
    factor = rng.uniform(factors[..., 0], factors[..., 1])
    unusual = rng.random(n) < params.unusual
    shape[unusual, :3] *= factor[unusual, :3]
    shape[unusual, 6:] *= factor[unusual, 3:]
    shape[:, :3] /= one_pulse(shape, np.linspace(0, 1.5, 151)).max(axis=1, keepdims=True)
    return Vessels(shape, uniform(rng, params.stretch, n), uniform(rng, params.filling, n),
                   uniform(rng, params.strength_jitter, n), uniform(rng, params.transit_jitter_s, n))


def one_pulse(shape: np.ndarray, part: np.ndarray) -> np.ndarray:
    """sum_k a_k exp(-(part - mu_k)^2 / (2 sigma_k^2)): shape (N, 9), part (P,) or (N, P) of the duration -> (N, P)."""
    a, mu, sigma = (shape[:, None, 3 * i:3 * i + 3] for i in range(3))
    return sum(a[..., k] * np.exp(-0.5 * ((part - mu[..., k]) / sigma[..., k]) ** 2) for k in range(3))


def filling(rr: np.ndarray) -> np.ndarray:
    """How strong the beat after an interval rr (s) is: .45 + .55 tanh(rr/.45) / tanh(.8/.45); 1 at .8 s.

    >>> float(filling(np.array(0.8)))
    1.0
    """
    return 0.45 + 0.55 * np.tanh(rr / 0.45) / np.tanh(0.8 / 0.45)


def beat_strength(rhythm: Rhythm, vessels: Vessels, breath: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The height of every beat (N, BEATS): filling, respiration (`breath` (N,), a part), chance, prematurity."""
    phase = 2 * np.pi * rhythm.respiration_hz[:, None] * rhythm.onset + rhythm.respiration_phase[:, None] + 1.0
    jitter = 1 + vessels.strength_jitter[:, None] * rng.standard_normal(rhythm.onset.shape)
    strength = filling(rhythm.rr) ** vessels.filling[:, None] * rhythm.strength
    return np.maximum(strength * jitter * (1 + breath[:, None] * np.sin(phase)), 0.0)


def duration(rr: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """T_i = stretch sqrt(RR), RR a mean of the intervals before and after the beat: (N, BEATS) in s."""
    following = np.concatenate([rr[:, 1:], rr[:, -1:]], axis=1)
    return stretch[:, None] * np.sqrt(np.clip(0.6 * rr + 0.4 * following, 0.25, 2.2))


def upstroke(onset: np.ndarray, length: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """When each pulse rises fastest: one width before the centre of its first wave. (N, BEATS) in s."""
    return onset + (shape[:, 3] - shape[:, 6])[:, None] * length


def draw_pulses(onset, length, strength, shape, fs: float, start_s: float, samples: int) -> np.ndarray:
    """x(t) = sum_i A_i sum_k a_k exp(-(t - t_i - mu_k T_i)^2 / (2 (sigma_k T_i)^2)), (N, samples) from `start_s`.

    Only beats inside the stretch are drawn, each over 1.6 of its duration.
    """
    row, beat = np.nonzero((onset > start_s - 2.5) & (onset < start_s + samples / fs) & (strength > 0))
    first = np.ceil((onset[row, beat] - 0.3 - start_s) * fs).astype(np.int64)
    grid = first[:, None] + np.arange(int(np.ceil(1.6 * length.max() * fs)) + 1)
    part = (grid / fs + start_s - onset[row, beat][:, None]) / length[row, beat][:, None]
    wave = one_pulse(shape[row], part)
    inside = (grid >= 0) & (grid < samples)
    flat = (row[:, None] * samples + grid)[inside]
    height = (strength[row, beat][:, None] * wave)[inside]
    return np.bincount(flat, height, minlength=len(onset) * samples).reshape(len(onset), samples)


def own_rise(wave: np.ndarray, moments: np.ndarray, fs: float, start_s: float) -> tuple[np.ndarray, np.ndarray]:
    """What each beat does to the wave (N, samples): its lift above the trough before it, and the deepest
    fall of the wave, into that trough. The fall is sought since the upstroke before, at most .8 s back, the top of
    the lift within .3 s. `moments` (N, BEATS) in s; results (N, BEATS), 0 for beats outside the wave."""
    samples, back, ahead = wave.shape[1], round(0.8 * fs), round(0.3 * fs)
    row, beat = np.nonzero((moments > start_s + 0.9) & (moments < start_s + samples / fs - 0.4))
    centre = np.round((moments[row, beat] - start_s) * fs).astype(np.int64)[:, None]
    gap = np.round((moments[row, beat] - moments[row, np.maximum(beat - 1, 0)]) * fs).astype(np.int64)[:, None]
    before = wave[row[:, None], centre + np.maximum(np.arange(-back, 1), -np.clip(gap, 1, back))]
    fallen = np.maximum.accumulate(before, axis=1) - before
    trough = np.take_along_axis(before, fallen.argmax(axis=1)[:, None], axis=1)[:, 0]
    top = wave[row[:, None], centre + np.arange(ahead + 1)].max(axis=1)
    alone = gap[:, 0] > back
    lift, fall = np.zeros_like(moments), np.zeros_like(moments)
    lift[row, beat] = top - np.where(alone, before.min(axis=1), trough)
    fall[row, beat] = np.where(alone, np.inf, fallen.max(axis=1))
    return lift, fall
