"""The factory around the machine: noise from everywhere, tones that all recordings share, a clank now and then."""

import numpy as np

from edgekit.data.synthetic.acoustic import array, noise
from edgekit.data.synthetic.acoustic.params import FS, MixParams
from edgekit.data.synthetic.params import uniform

# mains hum, a compressor, a ventilation shaft: the same in every recording of every machine; level in dB
TONES_HZ = np.array([50.0, 100.0, 150.0, 300.0, 118.5, 237.0, 474.0, 641.0, 1282.0, 2310.0])
TONES_DB = np.array([-4.0, 0.0, -8.0, -10.0, -3.0, -6.0, -12.0, -8.0, -14.0, -18.0])


def background(mics: np.ndarray, rows: int, samples: int, params: MixParams, rng: np.random.Generator) -> np.ndarray:
    """(rows, channels, samples) of rms 1 at the first microphone; mics (channels, 3) in m.

    The first channel is the same whatever the number of channels.
    """
    frequency = noise.frequencies(samples)
    field = _everywhere(mics, rows, samples, params, rng)
    point = _tones(rows, samples, params, rng) + _clanks(rows, samples, params, rng)
    delay = array.far_delays(mics - mics[0], rng.uniform(0, 2 * np.pi, rows))
    shift = np.exp(-2j * np.pi * frequency * delay[..., None]) if len(mics) > 1 else np.ones((1, 1, 1))
    x = np.fft.irfft(field + np.fft.rfft(point)[:, None] * shift, samples)
    return x / noise.rms(x[:, :1])


def _everywhere(mics, rows, samples, params: MixParams, rng) -> np.ndarray:
    """Spectra (rows, channels, F) of diffuse noise, rms 1, with a slope of its own in each recording."""
    more = rng.spawn(1)[0]
    frequency = noise.frequencies(samples)
    slope, corner = uniform(rng, params.noise_slope_db, (rows, 1)), rng.uniform(80.0, 300.0, (rows, 1))
    gain = noise.falling(frequency, corner, slope)
    spectra = noise.white(rows, samples, rng)[:, None]
    if len(mics) > 1:
        others = noise.white(rows * (len(mics) - 1), samples, more).reshape(rows, len(mics) - 1, -1)
        mixing = array.diffuse_mixing(mics, frequency)
        spectra = np.einsum("fab,rbf->raf", mixing, np.concatenate([spectra, others], axis=1))
    power = np.sqrt(2 * np.sum(gain ** 2, axis=1, keepdims=True) / samples)
    return spectra * (gain / power)[:, None]


def _tones(rows, samples, params: MixParams, rng) -> np.ndarray:
    """The factory's tones (rows, samples); together `tones_db` relative to the noise, each 4 dB up or down."""
    time = np.arange(samples) / FS
    level = TONES_DB + uniform(rng, params.tones_db, (rows, 1)) + rng.uniform(-4, 4, (rows, len(TONES_HZ)))
    weight = 10 ** (level / 20) / np.sqrt(np.sum(10 ** (TONES_DB / 10)) / 2) \
        * np.exp(2j * np.pi * rng.random((rows, len(TONES_HZ))))
    return (weight @ np.exp(2j * np.pi * TONES_HZ[:, None] * time)).real


def _clanks(rows, samples, params: MixParams, rng) -> np.ndarray:
    """Metal on metal, somewhere, in some recordings: three partials that ring for a tenth of a second or so."""
    x = np.zeros((rows, samples))
    hit = np.flatnonzero(rng.random(rows) < params.clank)
    start = rng.random(rows)
    peak = 10 ** (uniform(rng, params.clank_db, rows) / 20)
    hz, decay_s = rng.uniform(500.0, 4000.0, (rows, 3)), rng.uniform(0.04, 0.2, rows)
    for row in hit:
        first = int(start[row] * samples)
        time = np.arange(samples - first) / FS
        x[row, first:] = peak[row] * np.exp(-time / decay_s[row]) * np.sin(2 * np.pi * hz[row][:, None] * time).sum(0)
    return x
