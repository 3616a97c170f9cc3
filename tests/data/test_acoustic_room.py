"""Rooms and microphones: what is measured in the sound equals the geometry."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data import doa
from edgekit.data.synthetic.acoustic import MACHINES, AcousticParams, array, draw_scene, record, room
from edgekit.data.synthetic.acoustic.params import FS, RoomParams

seeds = st.integers(0, 2 ** 32 - 1)


def plain_room(**change):
    """5 x 4 x 3 m, source 1 m from the first microphone."""
    mics = np.array([2.0, 2.0, 1.0]) + array.circle(0.04)
    values = {"size": np.array([5.0, 4.0, 3.0]), "rt60_s": 0.4, "source": np.array([3.04, 2.0, 1.0]), "mics": mics,
              "azimuth_deg": 0.0}
    return room.Room(**(values | change))


def test_images_equal_the_mirrors_one_by_one():
    """Mirror the source in the six walls by hand: the first reflections, with one wall each."""
    here = plain_room()
    positions, order = room.images(here, 30.0)
    for axis in range(3):
        for wall in (0.0, here.size[axis]):
            mirrored = here.source.copy()
            mirrored[axis] = 2 * wall - mirrored[axis]
            found = np.flatnonzero(np.abs(positions - mirrored).max(axis=1) < 1e-9)
            assert order[found].tolist() == [1]
    assert order[np.abs(positions - here.source).max(axis=1) < 1e-9].tolist() == [0]


def test_as_many_images_as_the_volume_says():
    here = plain_room()
    positions, _ = room.images(here, 30.0)
    expected = 4 / 3 * np.pi * 30.0 ** 3 / np.prod(here.size)
    assert len(positions) == pytest.approx(expected, rel=0.05)


def test_echo_between_two_samples_has_its_delay_and_strength():
    response = room.echoes(np.array([100.3 / FS]), np.array([0.5]), 400)
    spectrum = np.fft.rfft(response)
    k = np.arange(1, 100)  # up to 4 kHz
    phase = np.unwrap(np.angle(spectrum[k]))
    assert np.polyfit(-2 * np.pi * k / 400, phase, 1)[0] == pytest.approx(100.3, abs=0.01)
    assert np.allclose(np.abs(spectrum[k]), 0.5, atol=0.01)


@pytest.mark.parametrize("rt60_s", [0.25, 0.45])
def test_sound_decays_as_fast_as_asked(rt60_s):
    """Schroeder's backward integral, -5 to -25 dB, times three: within a fifth of RT60."""
    big = plain_room(rt60_s=rt60_s, size=np.array([8.0, 6.0, 4.0]))
    response = room.impulse_responses(big, 1, np.random.default_rng(0))[0]
    decay = 10 * np.log10(np.cumsum(response[::-1] ** 2)[::-1] / np.sum(response ** 2))
    at = [np.argmax(decay < level) / FS for level in (-5, -25)]
    assert 3 * (at[1] - at[0]) == pytest.approx(rt60_s, rel=0.2)


@settings(max_examples=25)
@given(seeds)
def test_everything_stands_inside_the_room(seed):
    here = room.draw_room(RoomParams(), np.random.default_rng(seed))
    for place in (here.source, *here.mics):
        assert (place > 0).all()
        assert (place < here.size).all()
    towards = here.source - here.mics.mean(axis=0)
    first = here.mics[0] - here.mics.mean(axis=0)
    angle = np.rad2deg(np.arctan2(towards[1], towards[0]) - np.arctan2(first[1], first[0])) % 360
    assert angle == pytest.approx(here.azimuth_deg, abs=1e-6)
    assert np.linalg.norm(first) == pytest.approx(np.linalg.norm(here.mics[2] - here.mics[0]) / 2)


@settings(max_examples=15)
@given(seeds)
def test_measured_delay_equals_geometry_within_half_a_sample(seed):
    """Direct sound of white noise: GCC-PHAT between all microphones and the first."""
    rng = np.random.default_rng(seed)
    here = room.draw_room(RoomParams(), rng)
    noise = rng.standard_normal(8000)
    heard = []
    for delay in here.delays:
        response = room.echoes(np.array([delay]), np.array([1.0]), 400)
        heard.append(np.fft.irfft(np.fft.rfft(noise) * np.fft.rfft(response, 8000), 8000))
    for channel in (1, 2, 3):
        measured = doa.delay_s(heard[channel], heard[0], longest_s=4e-4)
        assert abs(measured - (here.delays[channel] - here.delays[0])) * FS < 0.5


def test_delay_of_a_recorded_machine_in_a_room():
    """The same with the whole chain: a pump, echoes, quiet factory, converter."""
    base = AcousticParams()
    params = replace(base, mix=replace(base.mix, snr_db=(30.0, 30.0), clank=0.0),
                     room=replace(base.room, rt60_s=(0.2, 0.2), distance_m=(0.6, 1.0)))
    worst = 0.0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        scene = draw_scene("pump", params, rng)
        audio = record(scene, np.array([2]), 2.0, params, rng, channels=4).audio[0].astype(float)
        for channel in (1, 2, 3):
            measured = doa.delay_s(audio[channel], audio[0], longest_s=4e-4)
            worst = max(worst, abs(measured - (scene.room.delays[channel] - scene.room.delays[0])) * FS)
    assert worst < 0.5


def test_diffuse_noise_is_as_alike_as_theory_says():
    mics, frequency = array.circle(0.04), np.array([100.0, 1000.0, 2143.75, 4000.0])
    mixing = array.diffuse_mixing(mics, frequency)
    got = mixing @ mixing.transpose(0, 2, 1)
    distance = np.linalg.norm(mics[:, None] - mics, axis=-1)
    x = 2 * np.pi * frequency[:, None, None] * distance / 343.0
    assert np.allclose(got, np.where(x == 0, 1, np.sin(x) / np.where(x == 0, 1, x)), atol=1e-5)
    assert np.allclose(mixing[:, 0, 0], 1)


def test_direction_of_most_machines_is_found():
    base = AcousticParams()
    params = replace(base, mix=replace(base.mix, snr_db=(10.0, 10.0), clank=0.0))
    errors = []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        scene = draw_scene(MACHINES[seed % 5], params, rng)
        audio = record(scene, np.array([0]), 1.0, params, rng, channels=4).audio[0]
        radius = np.linalg.norm(scene.room.mics[0] - scene.room.mics.mean(axis=0))
        found = doa.azimuth_deg(audio, array.circle(radius), step_deg=3.0)
        errors.append(abs((found - scene.room.azimuth_deg + 180) % 360 - 180))
    assert np.median(errors) < 5


@pytest.mark.parametrize(("audio", "positions"), [
    (np.zeros((2, 2000)), array.circle(0.04)[:2]), (np.zeros((4, 2000)), array.circle(0.04)[:3]),
    (np.zeros((4, 500)), array.circle(0.04)),
])
def test_direction_refuses(audio, positions):
    with pytest.raises(ValueError, match="azimuth_deg"):
        doa.azimuth_deg(audio, positions)
