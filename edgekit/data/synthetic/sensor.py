"""From the pulse in the tissue to the codes of a converter: baseline, noise, analogue filters, gain, clipping."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.signal import resample
from edgekit.data.synthetic.motion import FS, bouts, ruin, smooth, surges
from edgekit.data.synthetic.params import SensorParams, log_uniform, uniform
from edgekit.data.synthetic.rhythm import ARTEFACT, WARM_UP_S, Rhythm

START_S = -WARM_UP_S
SAMPLES = 1600  # 16 s at 100 Hz: 4 s for the filters to settle, the window, 2 s for the end
WINDOW = slice(400, 1400)
MARGIN = 100  # samples left on both sides of the window through the converter
CODE_LIMIT = 32767
PERFUSION = (0.005, 0.04)  # pulse height over standing light, at the wrist
ELECTRONS = (4e6, 1.6e8)  # what the photodiode gathers per sample, of both


@dataclass(frozen=True)
class Sensor:
    """One sensor per row, (N,) each: rates in Hz, amounts in parts of the pulse height; 0 Hz = no such filter."""

    rate_hz: np.ndarray
    sign: np.ndarray
    baseline: np.ndarray
    respiration: np.ndarray
    shot_noise: np.ndarray
    flicker: np.ndarray
    highpass_hz: np.ndarray
    highpass_order: np.ndarray
    lowpass_hz: np.ndarray
    lowpass_order: np.ndarray
    levels: np.ndarray
    offset: np.ndarray

    def take(self, index: np.ndarray) -> "Sensor":
        """The sensors of the windows `index`."""
        return Sensor(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


def draw_sensors(n: int, params: SensorParams, rng: np.random.Generator) -> Sensor:
    """The sensors of `n` subjects."""
    lowpass = uniform(rng, params.lowpass_hz, n) * (rng.random(n) < params.lowpass)
    lowpass = np.where(rng.random(n) < params.damped, uniform(rng, params.damped_hz, n), lowpass)
    highpass = log_uniform(rng, params.highpass_hz, n) * (rng.random(n) < params.highpass)
    highpass = np.where(rng.random(n) < params.steep, uniform(rng, params.steep_hz, n), highpass)
    levels = log_uniform(rng, params.levels, n)
    return Sensor(
        rate_hz=rng.choice(params.rates_hz, n), sign=np.where(rng.random(n) < params.inverted, -1.0, 1.0),
        baseline=log_uniform(rng, params.baseline, n), respiration=uniform(rng, params.respiration, n),
        shot_noise=log_uniform(rng, params.shot_noise, n), flicker=log_uniform(rng, params.flicker, n),
        highpass_hz=highpass, highpass_order=rng.integers(1, 3, n),
        lowpass_hz=lowpass, lowpass_order=rng.integers(1, 3, n), levels=levels,
        offset=rng.uniform(-1, 1, n) * np.minimum(6 * levels, 8000))


def draw_perfusion(shot_noise: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The perfusion p (N,) behind a `shot_noise` s (N,) in pulse heights: p in .005-.04, pulse height over DC.

    Light of L electrons has the relative noise 1 / sqrt(L), in pulse heights s = 1 / (p sqrt(L)): the weaker the
    perfusion, the noisier the pulse. L is log-uniform over 4e6-1.6e8 as far as p allows. The converter takes the
    standing light away, so that the codes show p by their noise alone.
    """
    ends = [np.clip(1 / (np.maximum(shot_noise, 1e-6) * np.sqrt(L)), *PERFUSION) for L in reversed(ELECTRONS)]
    return np.exp(rng.uniform(*np.log(ends)))


def analogue_response(frequency: np.ndarray, sensor: Sensor) -> np.ndarray:
    """The causal filters at `frequency` (F,): (N, F) complex. r = f / cut-off.

    High-pass: first order jr / (1 + jr), second order (jr)^2 / (1 + j sqrt(2) r - r^2); low-pass 1 / (1 + jr) and
    1 / (1 + j sqrt(2) r - r^2). The slow high-pass droops after every pulse, as monitors do.
    """
    high, low = sensor.highpass_hz[:, None], sensor.lowpass_hz[:, None]
    r = 1j * frequency / np.where(high > 0, high, 1.0)
    second = r ** 2 / (1 + np.sqrt(2) * r + r ** 2)
    h = np.where(high > 0, np.where(sensor.highpass_order[:, None] == 1, r / (1 + r), second), 1.0)
    r = 1j * frequency / np.where(low > 0, low, 1.0)
    second = 1 / (1 + np.sqrt(2) * r + r ** 2)
    return h * np.where(low > 0, np.where(sensor.lowpass_order[:, None] == 1, 1 / (1 + r), second), 1.0)


def sense(pulse, kind, rhythm: Rhythm, sensor: Sensor, params: SensorParams, rng) -> tuple[np.ndarray, np.ndarray]:
    """What the sensors report of the `pulse` (N, SAMPLES): (N, 1000) at 100 Hz, in codes; and the movement that
    disturbed it, (N, SAMPLES) in pulse heights."""
    disturbed, movement = disturb(pulse, kind, params, rng)
    x = disturbed + wander(rhythm, sensor, rng)
    x = np.fft.irfft(np.fft.rfft(x) * analogue_response(np.fft.rfftfreq(SAMPLES, 1 / FS), sensor), SAMPLES)
    x = sensor.sign[:, None] * x * gain(len(x), params, rng)
    x = clip(x[:, WINDOW.start - MARGIN:WINDOW.stop + MARGIN], kind, params, rng)
    codes = np.empty_like(x)
    for rate in np.unique(sensor.rate_hz):
        rows = np.flatnonzero(sensor.rate_hz == rate)
        codes[rows] = convert(x[rows], rate, sensor.take(rows), rng)
    return codes[:, MARGIN:-MARGIN], movement


def disturb(pulse, kind, params: SensorParams, rng) -> tuple[np.ndarray, np.ndarray]:
    """Ruin where the class is artefact, bouts and surges in some of the others; and the movement in all of that.

    A surge is a change of pressure: it moves the pulse, not the hand.
    """
    x, movement = pulse.copy(), np.zeros_like(pulse)
    moved = np.flatnonzero((kind != ARTEFACT) & (rng.random(len(kind)) < params.motion))
    movement[moved] = bouts(len(moved), SAMPLES, START_S, params, rng)
    x[moved] += movement[moved]
    surging = np.flatnonzero((kind != ARTEFACT) & (rng.random(len(kind)) < params.surge))
    x[surging] += surges(len(surging), SAMPLES, START_S, params, rng)
    ruined = np.flatnonzero(kind == ARTEFACT)
    x[ruined], movement[ruined] = ruin(pulse[ruined], START_S, params, rng)
    return x, movement


def wander(rhythm: Rhythm, sensor: Sensor, rng) -> np.ndarray:
    """Baseline (N, SAMPLES): breathing, and slow noise below about .15 Hz."""
    time = START_S + np.arange(SAMPLES) / FS
    breath = np.sin(2 * np.pi * rhythm.respiration_hz[:, None] * time + rhythm.respiration_phase[:, None])
    slow = smooth(rng.standard_normal((len(sensor.sign), SAMPLES)), 0.12)
    return sensor.respiration[:, None] * breath + sensor.baseline[:, None] * slow


def gain(n: int, params: SensorParams, rng) -> np.ndarray:
    """Gain (n, SAMPLES): 1; in some windows it swells and ebbs, or changes by up to a factor 2 within about a second.

    Vessels tighten and relax within seconds, a monitor adapts at once.
    """
    time = START_S + np.arange(SAMPLES) / FS
    step = np.log(2) * rng.uniform(-1, 1, (n, 1)) * (rng.random((n, 1)) < params.gain_change)
    depth = uniform(rng, params.swell_depth, (n, 1)) * (rng.random((n, 1)) < params.swell)
    swell = depth * smooth(rng.standard_normal((n, SAMPLES)), 0.25)
    return np.exp(swell) * np.exp(
        step / (1 + np.exp(-(time - rng.uniform(0, 10, (n, 1))) / rng.uniform(0.05, 0.5, (n, 1))))
    )


def clip(x, kind, params: SensorParams, rng) -> np.ndarray:
    """A converter out of range in some windows: the top or the foot of the pulse is cut flat."""
    n = len(x)
    low, high = np.percentile(x[:, ::5], [2, 98], axis=1)[:, :, None]
    cut = rng.uniform(0.05, 0.35, (n, 1)) * (high - low)
    chosen, top = rng.random((n, 1)) < params.clipped, rng.random((n, 1)) < 0.5
    upper = np.where(chosen & top, high - cut, np.inf)
    lower = np.where(chosen & ~top, low + cut, -np.inf)
    return np.clip(x, lower, upper)


def convert(x, rate_hz: float, sensor: Sensor, rng) -> np.ndarray:
    """Sample at the sensor's rate with shot noise and mains flicker, round to codes, back to 100 Hz."""
    slow = resample(x, FS, rate_hz)
    n, samples = slow.shape
    flicker_hz = rng.uniform(0.02, 1.0, (n, 1)) * rate_hz / 2
    hum = np.sin(2 * np.pi * flicker_hz * np.arange(samples) / rate_hz + rng.uniform(0, 6.3, (n, 1)))
    slow += sensor.shot_noise[:, None] * rng.standard_normal((n, samples)) + sensor.flicker[:, None] * hum
    codes = np.round(slow * sensor.levels[:, None] + sensor.offset[:, None])
    return resample(np.clip(codes, -CODE_LIMIT, CODE_LIMIT), rate_hz, FS)[:, :x.shape[1]]
