"""Record a machine in its place: sound, room, factory, converter.

>>> rng = np.random.default_rng(1)
>>> scene = draw_scene("valve", AcousticParams(), rng)
>>> takes = record(scene, np.array([0, 1]), 1.0, AcousticParams(), rng, channels=4)
>>> takes.audio.shape, takes.audio.dtype, takes.state.level[0]
((2, 4, 16000), dtype('int16'), np.float64(0.0))
"""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.acoustic import machines, noise
from edgekit.data.synthetic.acoustic.factory import background
from edgekit.data.synthetic.acoustic.params import FS, AcousticParams
from edgekit.data.synthetic.acoustic.room import Room, draw_room, impulse_responses
from edgekit.data.synthetic.acoustic.units import State, Unit, draw_state, draw_unit
from edgekit.data.synthetic.params import uniform

WARM_UP_S = 0.25  # made and thrown away: the room must be full of sound when the recording begins
FULL_SCALE = 32767


@dataclass(frozen=True)
class Scene:
    """A unit in its room, with a recorder set to a level; responses (channels, K)."""

    unit: Unit
    room: Room
    responses: np.ndarray
    level_dbfs: float


@dataclass(frozen=True)
class Takes:
    """M recordings: audio (M, channels, L) int16, and how the unit ran in each."""

    audio: np.ndarray
    state: State


def draw_scene(machine: str, params: AcousticParams, rng: np.random.Generator, channels: int = 4) -> Scene:
    """A unit of kind `machine` in a room of its own. Raises ValueError for an unknown kind or bad channels."""
    if channels not in (1, 2, 3, 4):
        raise ValueError(f"draw_scene: channels must be 1..4, got {channels!r}")
    unit = draw_unit(machine, params.machine, params.fault, rng)
    room = draw_room(params.room, rng)
    level = uniform(rng, params.mix.level_dbfs, None)
    return Scene(unit, room, impulse_responses(room, channels, rng), level)


def record(scene: Scene, fault: np.ndarray, seconds: float, params: AcousticParams, rng: np.random.Generator,
           channels: int = 1) -> Takes:
    """One recording of `seconds` for each entry of `fault` (M,): 0 healthy, 1 or 2 the faults of the machine.

    Signal to noise ratio: rms of the healthy machine at nominal load over rms of the factory, both at the first
    microphone; a fault or more load adds to that. The first channel does not depend on the number of channels.
    Raises ValueError for illegal arguments.
    """
    fault = _checked(scene, fault, seconds, channels)
    samples, kept = round((seconds + WARM_UP_S) * FS), round(seconds * FS)
    # one healthy recording more, thrown away: the yardstick of the machine's loudness
    state = draw_state(scene.unit, np.append(fault, 0), params.machine, params.fault, params.mix, rng)
    state.load_db[-1] = 0.0
    dry = machines.sound(scene.unit, state, params.fault, samples, rng)
    wet = np.stack([noise.filtered(dry, response[:samples]) for response in scene.responses[:channels]], axis=1)
    wet, state = wet[:-1] / noise.rms(wet[-1, 0]), state.take(slice(0, -1))
    ratio = 10 ** (state.snr_db[:, None, None] / 20)
    factory = background(scene.room.mics[:channels], len(fault), samples, params.mix, rng)
    mixed = (wet * ratio + factory) / np.sqrt(1 + ratio ** 2)
    mixed *= 10 ** ((scene.level_dbfs + state.gain_db[:, None, None]) / 20)
    return Takes(_convert(mixed[..., samples - kept:], params, rng), state)


def _convert(x: np.ndarray, params: AcousticParams, rng: np.random.Generator) -> np.ndarray:
    """Microphone noise, then 16-bit codes; louder than full scale is cut."""
    more = rng.spawn(1)[0]
    hiss = 10 ** (uniform(rng, params.mix.self_noise_dbfs, (len(x), 1, 1)) / 20)
    own = np.concatenate([rng.standard_normal(x[:, :1].shape), more.standard_normal(x[:, 1:].shape)], axis=1)
    return np.clip(np.round((x + hiss * own) * FULL_SCALE), -FULL_SCALE, FULL_SCALE).astype(np.int16)


def _checked(scene: Scene, fault, seconds: float, channels: int) -> np.ndarray:
    fault = np.asarray(fault)
    if fault.ndim != 1 or len(fault) == 0 or fault.dtype.kind not in "iu" or not np.isin(fault, (0, 1, 2)).all():
        raise ValueError(f"record: fault must be a vector of 0 (healthy), 1 or 2, got {fault!r}")
    if not (np.isfinite(seconds) and 0.1 <= seconds <= 60):
        raise ValueError(f"record: seconds must be 0.1..60, got {seconds!r}")
    if not 1 <= channels <= len(scene.responses):
        raise ValueError(f"record: channels must be 1..{len(scene.responses)}, the microphones of the scene, "
                         f"got {channels!r}")
    return fault
