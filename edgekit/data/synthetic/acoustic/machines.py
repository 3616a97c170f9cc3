"""How five machines sound, close up, before the room: healthy or with one of their two faults.

Every function takes (unit, state, faults, samples, rng) and returns (M, L) at 16 kHz, healthy rms about 1.
"""

import numpy as np

from edgekit.data.synthetic.acoustic import faults as add
from edgekit.data.synthetic.acoustic import noise
from edgekit.data.synthetic.acoustic.params import FS, FaultParams
from edgekit.data.synthetic.acoustic.units import State, Unit

TONE_BAND_HZ = 15.625  # a tone of `tone_db` stands that far above the noise in a band of this width
SHAFT = 2.0 ** (-np.arange(1, 9) / 2)  # a_k ~ 2^(-k/2), k = 1..8


def sound(unit: Unit, state: State, faults: FaultParams, samples: int, rng: np.random.Generator) -> np.ndarray:
    """The machine's sound (M, samples), coloured by the resonances of its body."""
    dry = _MAKERS[unit.machine](unit, state, faults, samples, rng)
    body = noise.resonances(noise.frequencies(samples), unit.body_hz, unit.body_q, unit.body_db)
    return np.fft.irfft(np.fft.rfft(dry) * body, samples) * 10 ** (state.load_db[:, None] / 20)


def flow(unit: Unit, rows: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Broadband noise of air, water or rolling: the unit's corner and slope, rms 1."""
    gain = noise.falling(noise.frequencies(samples), unit.corner_hz, unit.slope_db)
    return noise.shaped(rows, samples, gain, rng)


def tone_height(unit: Unit, hz) -> np.ndarray:
    """Amplitude of a tone at `hz` that stands `tone_db` above flow noise of rms 1."""
    grid = np.arange(0.0, FS / 2, TONE_BAND_HZ)
    density = noise.falling(np.asarray(hz), unit.corner_hz, unit.slope_db) ** 2
    share = density / np.sum(noise.falling(grid, unit.corner_hz, unit.slope_db) ** 2)
    return np.sqrt(2 * share * 10 ** (unit.tone_db / 10))


def shaft_tones(unit: Unit, turns, rise_1_db, rise_2_db, rng) -> np.ndarray:
    """Harmonics of the shaft: unbalance raises the 1x and a little the next two, misalignment the 2x, 4x, 6x, 8x."""
    rise = np.zeros((len(turns), len(SHAFT)))
    rise[:, 0:1] += rise_1_db
    rise[:, 1:3] += rise_1_db / 3
    rise[:, 1::2] += rise_2_db
    return noise.harmonics(turns, tone_height(unit, 2 * unit.speed_hz) * SHAFT * 10 ** (rise / 20), rng)


def blade_tones(unit: Unit, turns, rng) -> np.ndarray:
    """The blades or vanes pass: harmonics of N_b f_r."""
    hz = unit.blades * unit.speed_hz * np.arange(1, 7)
    return noise.harmonics(unit.blades * turns, tone_height(unit, hz) * 2.0 ** (-np.arange(6) / 2), rng)


def fan(unit: Unit, state: State, faults: FaultParams, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Air and blades. Unbalance: 1x, and everything swells once a turn. Clog: the flow stalls, in gusts, deeper."""
    rows = len(state.fault)
    turns = noise.turning(state.speed_hz, state.jitter, samples, rng)
    shaft = shaft_tones(unit, turns, state.rise_db(1, faults.unbalance_db), 0.0, rng)
    swell = 1 + 4 * state.ill(1) * np.cos(2 * np.pi * turns)
    stall = state.ill(2)
    gusts = 1 + 4 * stall * np.cos(2 * np.pi * 0.37 * turns + noise.wander(rows, samples, 0.5, 3.0, rng))
    hump = noise.shaped(rows, samples, noise.band(noise.frequencies(samples), 90.0, 260.0), rng)
    rest = (flow(unit, rows, samples, rng) + blade_tones(unit, turns, rng) * (1 - stall)) * np.maximum(swell, 0)
    return (rest + 2.5 * stall * hump) * gusts + 3 * shaft


def pump(unit: Unit, state: State, faults: FaultParams, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Water, vanes and a motor. Misalignment: 2x and 4x. Leak: hiss."""
    rows = len(state.fault)
    turns = noise.turning(state.speed_hz, state.jitter, samples, rng)
    shaft = shaft_tones(unit, turns, 0.0, state.rise_db(1, faults.misalignment_db), rng)
    surge = 1 + 0.1 * noise.wander(rows, samples, 1.0, 4.0, rng)
    body = flow(unit, rows, samples, rng) * surge + blade_tones(unit, turns, rng)
    return body + 6 * shaft + 2 * add.leak(unit, state.added(2, faults.rise_db), samples, rng)


def valve(unit: Unit, state: State, faults: FaultParams, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Two clicks a turn. Leak: hiss all the time. Clog: it whistles while open, shuts late and softly."""
    rows = len(state.fault)
    clog = state.ill(2) / 0.2
    softer = 10 ** (-state.rise_db(2, faults.weaker_db) / 20)
    turns = noise.turning(state.speed_hz, 3 * state.jitter, samples, rng)
    gain = noise.resonances(noise.frequencies(samples), unit.click_hz, 6.0, 22.0) \
        * noise.band(noise.frequencies(samples), 700.0, 5000.0)
    grain = noise.shaped(rows, samples, gain, rng)
    open_ = _burst(turns, 0.0, unit.click_s, state.speed_hz)
    shut = _burst(turns, unit.duty + 0.1 * clog, unit.click_s * (1 + 2 * clog), state.speed_hz)
    clicks = grain * (open_ + 0.9 * softer * shut)
    flowing = flow(unit, rows, samples, rng) + 1.5 * add.throttle(unit, state.added(2, faults.rise_db), rng, samples)
    blown = flowing * (0.1 + 0.2 * ((turns % 1.0) < unit.duty))
    return 3 * clicks + blown + 0.5 * add.leak(unit, state.added(1, faults.rise_db), samples, rng)


def slider(unit: Unit, state: State, faults: FaultParams, samples: int, rng: np.random.Generator) -> np.ndarray:
    """A carriage runs out and back, and rests between. Squeak: the belt chirps. Misalignment: it grates."""
    rows = len(state.fault)
    turns = noise.turning(state.speed_hz, 2 * state.jitter, samples, rng)
    stroke = np.clip(np.abs(np.sin(2 * np.pi * turns)) * 1.25 - 0.25, 0, 1)
    hz = unit.blades * 55.0
    whine = noise.harmonics(np.cumsum(hz * stroke, axis=1) / FS, tone_height(unit, hz) * SHAFT[:5], rng)
    rolling = flow(unit, rows, samples, rng) * (0.1 + 1.3 * stroke)
    extra = add.squeak(unit, state.added(1, faults.rise_db), stroke, rng) \
        + add.scrape(unit, state.added(2, faults.rise_db), turns, rng)
    return rolling + whine * (stroke > 0) + extra


def bearing(unit: Unit, state: State, faults: FaultParams, samples: int, rng: np.random.Generator) -> np.ndarray:
    """A slow geared shaft. Faults: a crack in the outer or in the inner race of its bearing."""
    rows = len(state.fault)
    turns = noise.turning(state.speed_hz, state.jitter, samples, rng)
    teeth = 7 + unit.blades
    mesh_hz = teeth * unit.speed_hz * np.arange(1, 6)
    mesh = noise.harmonics(teeth * turns, tone_height(unit, mesh_hz) * SHAFT[:5], rng)
    rolling = flow(unit, rows, samples, rng) * (1 + 0.08 * np.cos(2 * np.pi * turns))
    strength = state.added(1, faults.rise_db) + state.added(2, faults.rise_db)
    return rolling + mesh + shaft_tones(unit, turns, 0.0, 0.0, rng) + add.impacts(unit, state, strength, turns, rng)


def _burst(turns, place: float, length_s: float, speed_hz) -> np.ndarray:
    """Once a turn, at `place` (turns), a burst that rises within 1 ms and falls with e-time length / 3."""
    since_s = ((turns - place) % 1.0) / speed_hz[:, None]
    return (1 - np.exp(-since_s / 0.001)) * np.exp(-3 * since_s / length_s)


_MAKERS = {"fan": fan, "pump": pump, "valve": valve, "slider": slider, "bearing": bearing}
