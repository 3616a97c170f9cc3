"""One unit of a machine: what stays the same over all its recordings; and its state in each of them."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.acoustic.params import FaultParams, MachineParams, MixParams
from edgekit.data.synthetic.params import log_uniform, uniform

MACHINES = ("fan", "pump", "valve", "slider", "bearing")
FAULTS = {"fan": ("unbalance", "clog"), "pump": ("misalignment", "leak"), "valve": ("leak", "clog"),
          "slider": ("squeak", "misalignment"), "bearing": ("outer_race", "inner_race")}
CLASSES = tuple(f"{machine}_{state}" for machine in MACHINES for state in ("normal", *FAULTS[machine]))


@dataclass(frozen=True)
class Unit:
    """A machine of one kind with its own speed, size, resonances and wear. Speeds in Hz, levels in dB."""

    machine: str
    speed_hz: float
    blades: int
    slope_db: float
    corner_hz: float
    tone_db: float
    body_hz: np.ndarray
    body_q: np.ndarray
    body_db: np.ndarray
    click_hz: np.ndarray
    click_s: float
    balls: int
    ball_ratio: float
    contact_deg: float
    leak_hz: tuple
    squeak_hz: float
    ring_hz: float
    ring_damping: float
    slip: float
    duty: float


@dataclass(frozen=True)
class State:
    """M recordings of one unit: fault 0 (none), 1 or 2 as in FAULTS; level of the fault, 0 where there is none."""

    fault: np.ndarray
    level: np.ndarray
    grade: np.ndarray
    speed_hz: np.ndarray
    jitter: np.ndarray
    load_db: np.ndarray
    snr_db: np.ndarray
    gain_db: np.ndarray

    def take(self, index) -> "State":
        """The recordings that `index` picks."""
        return State(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def ill(self, which: int) -> np.ndarray:
        """The level of fault 1 or 2, (M, 1): 0 in the recordings that have another fault or none."""
        return np.where(self.fault == which, self.level, 0.0)[:, None]

    def rise_db(self, which: int, ends: tuple) -> np.ndarray:
        """ends[0] dB at the lowest fault level .. ends[1] dB at the highest, 0 dB without fault `which`: (M, 1)."""
        rise = ends[0] + (ends[1] - ends[0]) * self.grade
        return np.where(self.fault == which, rise, 0.0)[:, None]

    def added(self, which: int, ends: tuple) -> np.ndarray:
        """Rms (M, 1), in parts of what is there, of a sound that raises the whole by `rise_db`."""
        return np.sqrt(10 ** (self.rise_db(which, ends) / 10) - 1)


def draw_unit(machine: str, machines: MachineParams, faults: FaultParams, rng: np.random.Generator) -> Unit:
    """A unit of kind `machine`. Raises ValueError for an unknown kind."""
    if machine not in MACHINES:
        raise ValueError(f"draw_unit: unknown machine {machine!r}; known: {', '.join(MACHINES)}")
    peaks = 3
    blades = machines.pump_vanes if machine == "pump" else machines.fan_blades
    return Unit(
        machine=machine, speed_hz=float(log_uniform(rng, getattr(machines, f"{machine}_hz"), None)),
        blades=int(rng.integers(blades[0], blades[1] + 1)),
        slope_db=uniform(rng, getattr(machines, f"{machine}_slope_db"), None),
        corner_hz=float(log_uniform(rng, machines.corner_hz, None)), tone_db=uniform(rng, machines.tone_db, None),
        body_hz=log_uniform(rng, machines.body_hz, peaks), body_q=log_uniform(rng, machines.body_q, peaks),
        body_db=uniform(rng, machines.body_db, peaks), click_hz=log_uniform(rng, machines.valve_click_hz, 3),
        click_s=float(log_uniform(rng, machines.valve_click_s, None)),
        balls=int(rng.integers(machines.bearing_balls[0], machines.bearing_balls[1] + 1)),
        ball_ratio=uniform(rng, machines.bearing_ratio, None),
        contact_deg=uniform(rng, machines.bearing_contact_deg, None),
        leak_hz=(uniform(rng, faults.leak_low_hz, None), uniform(rng, faults.leak_high_hz, None)),
        squeak_hz=float(log_uniform(rng, faults.squeak_hz, None)),
        ring_hz=float(log_uniform(rng, faults.ring_hz, None)),
        ring_damping=float(log_uniform(rng, faults.ring_damping, None)), slip=uniform(rng, faults.slip, None),
        duty=rng.uniform(0.35, 0.65))


def draw_state(unit: Unit, fault: np.ndarray, machines: MachineParams, faults: FaultParams, mix: MixParams,
               rng: np.random.Generator) -> State:
    """How `unit` runs and is recorded, one row per entry of `fault` (M,); nothing but `level` depends on the fault."""
    rows = len(fault)
    grade = rng.random(rows)
    level = faults.level[0] + (faults.level[1] - faults.level[0]) * grade
    return State(fault=fault, level=np.where(fault > 0, level, 0.0), grade=grade,
                 speed_hz=unit.speed_hz * (1 + uniform(rng, machines.speed_spread, rows)),
                 jitter=log_uniform(rng, machines.speed_jitter, rows), load_db=uniform(rng, machines.load_db, rows),
                 snr_db=uniform(rng, mix.snr_db, rows), gain_db=uniform(rng, mix.gain_db, rows))


def impact_rates(unit: Unit) -> tuple[float, float]:
    """Impacts per turn of a defect on the outer and on the inner race (BPFO / f_r, BPFI / f_r).

    N / 2 (1 -+ d / D cos b), with N balls, d / D ball to pitch diameter, contact angle b.
    """
    share = unit.ball_ratio * np.cos(np.deg2rad(unit.contact_deg))
    return unit.balls / 2 * (1 - share), unit.balls / 2 * (1 + share)
