"""Units and their recordings, as sound or as log-mel codes: every state of a unit in equal number.

A unit tells its kind of machine, and nothing that it is recorded with (gain, noise, place) depends on its state.
"""

import numpy as np

from edgekit.data import logmel
from edgekit.data.synthetic.acoustic.params import AcousticParams
from edgekit.data.synthetic.acoustic.scene import Scene, Takes, draw_scene, record
from edgekit.data.synthetic.acoustic.units import MACHINES

SECONDS = 2.0
FRAMES = 64  # two windows of a second
REFERENCE_TAKES = 6  # healthy recordings of a unit, made when it is installed: what it sounds like when all is well
FULL_SCALE = 32768.0


def unit_takes(index: int, takes: int, seed: int, params: AcousticParams | None = None,
               channels: int = 1) -> tuple[Scene, Takes]:
    """`takes` recordings of 2 s of unit `index`, of machine kind index % 5, after REFERENCE_TAKES healthy ones.

    Every state in equal number, as far as it divides, in random order. The same seed and index give the same
    recordings. Raises ValueError for fewer than three takes.
    """
    if takes != int(takes) or takes < 3:
        raise ValueError(f"unit_takes: takes must be a whole number of at least 3, one per state, got {takes!r}")
    params = params or AcousticParams()
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
    scene = draw_scene(MACHINES[index % len(MACHINES)], params, rng, channels)
    fault = np.concatenate([np.zeros(REFERENCE_TAKES, int), rng.permutation(np.arange(takes) % 3)])
    return scene, record(scene, fault, SECONDS, params, rng, channels)


def make_unit(index: int, takes: int, seed: int, params: AcousticParams | None = None) -> dict[str, np.ndarray]:
    """The recordings of `unit_takes` as columns of a data set, `takes` rows each.

    x (takes, 64, 40) uint8 codes of log-mel; y index into CLASSES; group the unit; reference (takes, 40): the mean in
    dB of the unit's healthy recordings; azimuth_deg of the machine, snr_db, speed_hz, gain_db, level of the fault.
    """
    scene, recorded = unit_takes(index, takes, seed, params)
    codes = logmel.to_codes(logmel.power_db(recorded.audio[:, 0] / FULL_SCALE))[:, :FRAMES]
    state, kept = recorded.state, slice(REFERENCE_TAKES, None)
    reference = logmel.from_codes(codes[:REFERENCE_TAKES]).mean(axis=(0, 1))
    extras = {"reference": np.tile(reference, (takes, 1)), "azimuth_deg": np.full(takes, scene.room.azimuth_deg),
              "snr_db": state.snr_db[kept], "speed_hz": state.speed_hz[kept],
              "gain_db": scene.level_dbfs + state.gain_db[kept], "level": state.level[kept]}
    return {"x": codes[kept], "y": 3 * MACHINES.index(scene.unit.machine) + state.fault[kept],
            "group": np.full(takes, index), **{key: value.astype(np.float32) for key, value in extras.items()}}
