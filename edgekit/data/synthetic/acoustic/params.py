"""The legal ranges of the machine-sound generator: what may vary, from where to where.

Each field is a range (low, high) or the chance 0..1 of something. Speeds in turns or events per second, levels in dB.
"""

from dataclasses import dataclass, field

from edgekit.data.synthetic.params import Checked, chance, span

FS = 16_000


@dataclass(frozen=True)
class MachineParams(Checked):
    """Five kinds of machine; what differs between units of one kind, and between two recordings of one unit."""

    fan_hz: tuple = span(6.0, 14.0, (3.0, 100.0))
    fan_blades: tuple = span(5, 11, (2, 24))
    pump_hz: tuple = span(16.0, 30.0, (5.0, 100.0))
    pump_vanes: tuple = span(4, 8, (2, 16))
    valve_hz: tuple = span(2.0, 5.0, (0.5, 10.0))
    valve_click_s: tuple = span(0.010, 0.050, (0.002, 0.1))
    valve_click_hz: tuple = span(1000.0, 4000.0, (300.0, 7000.0))
    slider_hz: tuple = span(1.0, 3.0, (0.3, 6.0))
    bearing_hz: tuple = span(4.0, 9.0, (2.0, 60.0))
    bearing_balls: tuple = span(7, 12, (5, 30))
    bearing_ratio: tuple = span(0.18, 0.32, (0.05, 0.6))
    bearing_contact_deg: tuple = span(0.0, 25.0, (0.0, 45.0))
    speed_spread: tuple = span(-0.06, 0.06, (-0.5, 0.5))
    speed_jitter: tuple = span(0.002, 0.010, (0.0, 0.1))
    load_db: tuple = span(-3.0, 3.0, (-12.0, 12.0))
    tone_db: tuple = span(8.0, 22.0, (0.0, 40.0))
    fan_slope_db: tuple = span(-5.5, -2.6, (-18.0, 0.0))
    pump_slope_db: tuple = span(-6.5, -4.5, (-18.0, 0.0))
    valve_slope_db: tuple = span(-8.0, -5.5, (-18.0, 0.0))
    slider_slope_db: tuple = span(-8.5, -5.0, (-18.0, 0.0))
    bearing_slope_db: tuple = span(-8.0, -5.5, (-18.0, 0.0))
    corner_hz: tuple = span(150.0, 500.0, (50.0, 2000.0))
    body_hz: tuple = span(250.0, 5500.0, (50.0, 7500.0))
    body_q: tuple = span(2.0, 6.0, (0.5, 50.0))
    body_db: tuple = span(1.0, 6.0, (0.0, 30.0))


@dataclass(frozen=True)
class FaultParams(Checked):
    """How far a fault has gone (`level`), and what it does at the lowest and the highest level.

    Where a fault adds a sound, `rise_db` is by how much the machine gets louder in the band of that sound, over the
    whole recording.
    """

    level: tuple = span(0.05, 0.20, (0.0, 1.0))
    unbalance_db: tuple = span(6.0, 15.0, (0.0, 40.0))
    misalignment_db: tuple = span(10.0, 20.0, (0.0, 40.0))
    rise_db: tuple = span(3.0, 10.0, (0.0, 40.0))
    weaker_db: tuple = span(6.0, 18.0, (0.0, 40.0))
    leak_low_hz: tuple = span(1800.0, 3500.0, (500.0, 6000.0))
    leak_high_hz: tuple = span(5500.0, 7900.0, (1000.0, 8000.0))
    squeak_hz: tuple = span(1800.0, 4200.0, (500.0, 6000.0))
    ring_hz: tuple = span(2000.0, 6000.0, (500.0, 7500.0))
    ring_damping: tuple = span(0.02, 0.10, (0.005, 0.5))
    slip: tuple = span(0.01, 0.02, (0.0, 0.1))


@dataclass(frozen=True)
class RoomParams(Checked):
    """A box-shaped room, a machine and a circle of microphones in it."""

    length_m: tuple = span(4.0, 10.0, (2.5, 40.0))
    width_m: tuple = span(3.0, 8.0, (2.5, 40.0))
    height_m: tuple = span(2.5, 4.0, (2.2, 15.0))
    rt60_s: tuple = span(0.2, 0.8, (0.1, 1.5))
    distance_m: tuple = span(0.5, 2.0, (0.2, 8.0))
    radius_m: tuple = span(0.032, 0.045, (0.01, 0.2))


@dataclass(frozen=True)
class MixParams(Checked):
    """The factory around the machine, and the recorder."""

    snr_db: tuple = span(-6.0, 0.0, (-40.0, 60.0))
    noise_slope_db: tuple = span(-9.6, -7.0, (-12.0, 0.0))
    tones_db: tuple = span(-14.0, -4.0, (-60.0, 20.0))
    clank: float = chance(0.3)
    clank_db: tuple = span(-6.0, 8.0, (-60.0, 20.0))
    level_dbfs: tuple = span(-34.0, -20.0, (-70.0, -10.0))
    gain_db: tuple = span(-3.0, 3.0, (-20.0, 10.0))
    self_noise_dbfs: tuple = span(-80.0, -70.0, (-120.0, -30.0))


@dataclass(frozen=True)
class AcousticParams:
    """All that the generator may vary."""

    machine: MachineParams = field(default_factory=MachineParams)
    fault: FaultParams = field(default_factory=FaultParams)
    room: RoomParams = field(default_factory=RoomParams)
    mix: MixParams = field(default_factory=MixParams)
