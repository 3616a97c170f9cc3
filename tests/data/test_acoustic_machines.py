"""Machines and faults: what is promised of their sound is in their sound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data.synthetic.acoustic import (
    CLASSES,
    FAULTS,
    MACHINES,
    AcousticParams,
    draw_scene,
    machines,
    noise,
    record,
    units,
)
from edgekit.data.synthetic.acoustic import faults as add
from edgekit.data.synthetic.acoustic.params import FS, FaultParams, MachineParams, MixParams, RoomParams

SAMPLES = 2 * FS


def sound(machine, fault, seed=0, level=(0.2, 0.2), **change):
    """Dry sound of one unit, (len(fault), SAMPLES), its unit and its state, at a steady speed."""
    rng = np.random.default_rng(seed)
    kind = replace(MachineParams(), speed_jitter=(0.0, 0.0), load_db=(0.0, 0.0), speed_spread=(0.0, 0.0))
    faults = replace(FaultParams(), level=level, **change)
    unit = units.draw_unit(machine, kind, faults, rng)
    state = units.draw_state(unit, np.asarray(fault), kind, faults, MixParams(), rng)
    return machines.sound(unit, state, faults, SAMPLES, rng), unit, state


def band_db(x, low, high):
    """Power between two frequencies, dB."""
    power = np.abs(np.fft.rfft(x)) ** 2
    f = np.fft.rfftfreq(x.shape[-1], 1 / FS)
    return 10 * np.log10(power[..., (f >= low) & (f <= high)].sum(axis=-1))


def test_fifteen_classes_three_of_each_machine():
    assert len(CLASSES) == 15
    assert CLASSES[:3] == ("fan_normal", "fan_unbalance", "fan_clog")
    assert {name.split("_")[0] for name in CLASSES} == set(MACHINES)


def test_bearing_rates_of_a_known_bearing():
    """SKF 6205: 9 balls of 7.94 mm on a pitch circle of 39.04 mm: BPFO 3.585, BPFI 5.415 per turn."""
    _, unit, _ = sound("bearing", [0])
    unit = replace(unit, balls=9, ball_ratio=7.94 / 39.04, contact_deg=0.0)
    assert units.impact_rates(unit) == (pytest.approx(3.585, abs=1e-3), pytest.approx(5.415, abs=1e-3))


@pytest.mark.parametrize(("fault", "place"), [(1, 0), (2, 1)])
def test_impacts_come_at_the_rate_of_their_race(fault, place):
    """The envelope of the impacts alone has its strongest line at BPFO or BPFI (inner: or f_r beside it)."""
    _, unit, _ = sound("bearing", [0])
    unit = replace(unit, slip=0.0)
    state = units.draw_state(unit, np.array([fault]), MachineParams(), FaultParams(), MixParams(),
                             np.random.default_rng(1))
    turns = (10.0 * np.arange(8 * FS) / FS)[None]
    x = add.impacts(unit, state, np.ones((1, 1)), turns, np.random.default_rng(2))[0]
    envelope = np.abs(np.fft.rfft(x ** 2))
    f = np.fft.rfftfreq(len(x), 1 / FS)
    near = (f > 15) & (f < 200)
    rate = 10.0 * units.impact_rates(unit)[place]
    strongest = f[near][np.argmax(envelope[near])]
    lines = [k * rate + side * 10.0 for k in (1, 2, 3, 4) for side in ((-1, 0, 1) if fault == 2 else (0,))]
    assert min(abs(strongest - line) for line in lines) < 0.5


def test_inner_race_swells_with_the_shaft_and_outer_does_not():
    _, unit, _ = sound("bearing", [0])
    turns = np.repeat((10.0 * np.arange(8 * FS) / FS)[None], 2, axis=0)
    state = units.draw_state(unit, np.array([1, 2]), MachineParams(), FaultParams(), MixParams(),
                             np.random.default_rng(1))
    x = add.impacts(unit, state, np.ones((2, 1)), turns, np.random.default_rng(2))
    power = np.abs(np.fft.rfft(x ** 2))
    line = power[:, 80] / power[:, 0]  # 10 Hz, relative to the mean
    assert line[1] > 0.5
    assert line[0] < 0.2


@pytest.mark.parametrize(("fault", "harmonic"), [(1, 1), (2, None)])
def test_unbalance_raises_the_first_harmonic_of_a_fan_by_what_is_asked(fault, harmonic):
    x, unit, _ = sound("fan", [0, fault] * 8, unbalance_db=(12.0, 12.0))
    change = [band_db(x[1::2], k * unit.speed_hz - 1, k * unit.speed_hz + 1).mean()
              - band_db(x[0::2], k * unit.speed_hz - 1, k * unit.speed_hz + 1).mean() for k in (1, 5)]
    if harmonic == 1:
        assert change[0] == pytest.approx(12, abs=4)
        assert change[0] > change[1] + 5
    else:
        assert abs(change[0]) < 6


def quiet_db(x, low, high):
    """Power between two frequencies in the quietest fifth of 32 ms frames: between the clicks of a valve, dB."""
    return np.percentile(band_db(x.reshape(len(x), -1, 500), low, high), 20, axis=1)


@pytest.mark.parametrize(("machine", "fault"), [("pump", 2), ("valve", 1)])
def test_leak_hisses_in_its_band_only(machine, fault):
    x, unit, _ = sound(machine, [0, fault] * 8)
    low, high = unit.leak_hz
    assert quiet_db(x[1::2], low, high).mean() - quiet_db(x[0::2], low, high).mean() > 3
    assert abs(quiet_db(x[1::2], 60, 300).mean() - quiet_db(x[0::2], 60, 300).mean()) < 2


def test_squeak_is_a_tone_near_its_pitch():
    x, unit, _ = sound("slider", [0, 1] * 6)
    low, high = 0.9 * unit.squeak_hz, 1.15 * unit.squeak_hz
    assert band_db(x[1::2], low, high).mean() - band_db(x[0::2], low, high).mean() > 5


@pytest.mark.parametrize("machine", MACHINES)
def test_level_zero_is_no_fault(machine):
    silent = dict.fromkeys(("unbalance_db", "misalignment_db", "rise_db", "weaker_db"), (0.0, 0.0))
    healthy, *_ = sound(machine, [0, 0, 0], level=(0.0, 0.0), **silent)
    ill, *_ = sound(machine, [0, 1, 2], level=(0.0, 0.0), **silent)
    assert np.allclose(healthy, ill, atol=1e-9)


def test_noise_falls_as_steeply_as_asked():
    f = np.array([2000.0, 4000.0])
    first, second = noise.falling(f, 100.0, -6.0)
    assert 20 * np.log10(second / first) == pytest.approx(-6.0, abs=0.05)


def test_more_than_twenty_seconds_of_sound_per_second():
    """Counted in processor time, so that other work on the machine does not matter."""
    import time
    params, rng = AcousticParams(), np.random.default_rng(0)
    scene = draw_scene("fan", params, rng, channels=1)
    start = time.process_time()
    record(scene, np.zeros(20, int), 2.0, params, rng)
    assert 40 / (time.process_time() - start) > 20


def legal(kind):
    """Any legal parameters of one class: each range drawn inside its legal limits."""
    def ends(item):
        low, high = item.metadata["legal"]
        number = st.integers(int(low), int(high)) if isinstance(item.default[0], int) else st.floats(low, high)
        return st.tuples(number, number).map(sorted).map(tuple)
    fields = kind.__dataclass_fields__
    return st.fixed_dictionaries({name: ends(item) if item.metadata["kind"] == "range" else st.floats(0, 1)
                                  for name, item in fields.items()}).map(lambda values: kind(**values))


@settings(max_examples=40)
@given(st.builds(AcousticParams, legal(MachineParams), legal(FaultParams), legal(RoomParams), legal(MixParams)),
       st.sampled_from(MACHINES), st.integers(0, 2 ** 32 - 1), st.integers(1, 4))
def test_any_legal_parameters_give_sound_in_range_with_consistent_labels(params, machine, seed, channels):
    rng = np.random.default_rng(seed)
    scene = draw_scene(machine, params, rng, channels)
    assert np.isfinite(scene.responses).all()
    takes = record(scene, np.array([0, 1, 2]), 0.5, params, rng, channels)
    assert takes.audio.shape == (3, channels, FS // 2)
    assert takes.audio.dtype == np.int16
    assert takes.audio.std() > 0
    low, high = params.fault.level
    assert takes.state.level[0] == 0
    assert ((takes.state.level[1:] >= low - 1e-12) & (takes.state.level[1:] <= high + 1e-12)).all()
    assert (takes.state.snr_db >= params.mix.snr_db[0]).all()


def test_first_channel_is_the_same_with_one_microphone_or_four():
    params = AcousticParams()
    for machine in MACHINES:
        heard = [record(draw_scene(machine, params, np.random.default_rng(3), channels), np.arange(3), 0.5, params,
                        np.random.default_rng(4), channels).audio[:, 0] for channels in (1, 4)]
        assert np.abs(heard[0].astype(int) - heard[1]).max() <= 1


@pytest.mark.parametrize(("call", "message"), [
    (lambda: draw_scene("drill", AcousticParams(), np.random.default_rng(0)), "unknown machine 'drill'"),
    (lambda: draw_scene("fan", AcousticParams(), np.random.default_rng(0), 5), "channels must be 1..4"),
    (lambda: record(draw_scene("fan", AcousticParams(), np.random.default_rng(0), 1), np.array([3]), 1.0,
                    AcousticParams(), np.random.default_rng(0)), "0 .healthy., 1 or 2"),
    (lambda: record(draw_scene("fan", AcousticParams(), np.random.default_rng(0), 1), np.array([0]), 0.01,
                    AcousticParams(), np.random.default_rng(0)), "seconds must be"),
    (lambda: MixParams(snr_db=(3.0, -3.0)), "snr_db must lie in"),
    (lambda: FaultParams(level=(0.0, 2.0)), "level must lie in"),
])
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_every_machine_has_two_faults():
    assert all(len(FAULTS[machine]) == 2 for machine in MACHINES)
