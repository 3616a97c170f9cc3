"""The accelerometer beside the pulse: gravity, the movement that disturbs the pulse and nothing else, a true grid."""

import numpy as np
import pytest

from edgekit.data.synthetic import accelerometer, sensor
from edgekit.data.synthetic.accelerometer import LIMIT, RATE_HZ, STEP_G, accelerate, delayed, directions
from edgekit.data.synthetic.params import AccelerometerParams, PpgParams, SensorParams
from edgekit.data.synthetic.ppg import make_windows

QUIET = {"rates_hz": (100.0,), "inverted": 0.0, "baseline": (0, 0), "respiration": (0, 0), "shot_noise": (0, 0),
         "flicker": (0, 0), "highpass": 0.0, "lowpass": 0.0, "damped": 0.0, "steep": 0.0, "clipped": 0.0,
         "gain_change": 0.0, "surge": 0.0, "swell": 0.0, "levels": (5000.0, 5000.0)}
SILENT = AccelerometerParams(noise_g=(0, 0))
ARTEFACT = 5


def accelerated(movement, params=SILENT, seed=0):
    return accelerate(movement, sensor.WINDOW, np.arange(len(movement)), params, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def moved():
    """The same windows with movement of .3-.6 pulse heights in each, and with none; the pulse itself is the same."""
    with_it, without = (make_windows(20, 12, 8, PpgParams(sensor=SensorParams(
        **QUIET, motion=1.0, motion_height=height))) for height in ((0.3, 0.6), (0, 0)))
    return with_it, without


def test_at_rest_it_reports_gravity_alone():
    """|mean| = 1 g within half a step on each of three axes; the axes do not move."""
    g = accelerated(np.zeros((50, sensor.SAMPLES)))
    assert g.shape == (50, 250, 3)
    assert (np.ptp(g, axis=1) == 0).all()
    assert np.abs(np.linalg.norm(g[:, 0], axis=1) - 1).max() <= 3 ** 0.5 * STEP_G / 2


def test_at_rest_the_noise_has_the_height_asked_for():
    """.05 g and a rounding of variance step^2 / 12: the spread over 37,500 samples is known to 4 / sqrt(75,000)."""
    g = accelerated(np.zeros((50, sensor.SAMPLES)), AccelerometerParams(noise_g=(0.05, 0.05)))
    wanted = (0.05 ** 2 + STEP_G ** 2 / 12) ** 0.5
    assert g.std(axis=1).mean() == pytest.approx(wanted, rel=4 / 75_000 ** 0.5 + 1 / 250)


def test_a_known_movement_appears_along_one_axis():
    """Without lag and second direction a sine of height 2 at .1 g per height swings .2 g about gravity."""
    time_s = sensor.START_S + np.arange(sensor.SAMPLES) / 100
    movement = np.tile(2 * np.sin(2 * np.pi * 1.5 * time_s), (20, 1))
    g = accelerated(movement, AccelerometerParams((0.1, 0.1), (0, 0), (0, 0), (0, 0)))
    centred = g - g.mean(axis=1, keepdims=True)
    along = np.linalg.svd(centred, full_matrices=False)[2][:, 0]
    swing = np.einsum("nta,na->nt", centred, along)
    sine = 0.2 * np.sin(2 * np.pi * 1.5 * np.arange(250) / RATE_HZ)
    sign = np.sign(swing @ sine)[:, None]
    assert np.abs(sign * swing - sine).max() < 3 ** 0.5 * STEP_G  # half a step per axis, and of the mean
    assert (np.linalg.svd(centred, compute_uv=False)[:, 1] < 250 ** 0.5 * STEP_G).all()  # all else is rounding


def test_range_and_grid_hold_for_violent_movement():
    rng = np.random.default_rng(3)
    g = accelerated(100 * rng.standard_normal((4, sensor.SAMPLES)), AccelerometerParams(noise_g=(0.2, 0.2)))
    assert np.abs(g).max() == LIMIT * STEP_G
    assert np.array_equal(g * 128, np.round(g * 128))


def explained(target, g):
    """R^2 of `target` (T,) by least squares on the three axes g (T, 3), each at lags of -5..5 samples."""
    columns = [np.roll(g[:, axis], lag) for axis in range(3) for lag in range(-5, 6)] + [np.ones(len(g))]
    columns = np.stack(columns, axis=1)[5:-5]
    rest = target[5:-5] - columns @ np.linalg.lstsq(columns, target[5:-5], rcond=None)[0]
    return 1 - rest.var() / target[5:-5].var()


def test_what_the_movement_did_to_the_pulse_is_in_the_acceleration(moved):
    """The difference between the pulse with and without movement, in bouts, is explained by the three axes for 80 % or
    more (33 numbers would explain 14 % of 240 samples of white noise), by another window's for less."""
    with_it, without = moved
    readable = np.flatnonzero(with_it.y != ARTEFACT)[:60]
    disturbance = sensor.resample(with_it.x - without.x, 100, 25)
    own = [explained(disturbance[i], with_it.extras["acc"][i]) for i in readable]
    foreign = [explained(disturbance[i], with_it.extras["acc"][j])
               for i, j in zip(readable, np.roll(readable, 7), strict=True)]
    assert np.median(own) > 0.8
    assert np.median(foreign) < 0.4
    assert np.median(own) > np.median(foreign) + 0.4


def test_it_moves_in_the_bouts_and_rests_between_them(moved):
    """Where the pulse is disturbed by over a tenth of its height the axes spread far more than where by under 1 %."""
    with_it, without = moved
    disturbance = np.abs(with_it.x - without.x) / 5000
    envelope = np.max([np.roll(disturbance, lag, axis=1) for lag in range(-40, 41, 8)], axis=0)[:, ::4]
    acc = with_it.extras["acc"] - np.median(with_it.extras["acc"], axis=1, keepdims=True)
    size = np.linalg.norm(acc, axis=2)
    readable = with_it.y != ARTEFACT
    bout, rest = size[readable][envelope[readable] > 0.1], size[readable][envelope[readable] < 0.01]
    assert len(bout) > 1000
    assert len(rest) > 1000
    assert np.sqrt((bout ** 2).mean()) > 4 * np.sqrt((rest ** 2).mean())
    assert np.percentile(rest, 99) < 4 * 3 ** 0.5 * (0.012 + STEP_G)  # noise of three axes, and the grid


def test_the_pulse_does_not_know_the_accelerometer():
    """Other accelerometers, the same pulse to the last bit."""
    one, other = (make_windows(3, 6, 5, PpgParams(accelerometer=a))
                  for a in (AccelerometerParams(), AccelerometerParams((0.5, 1.0), (0, 0), (0.1, 0.2), (0.1, 0.2))))
    assert np.array_equal(one.x, other.x)
    assert not np.array_equal(one.extras["acc"], other.extras["acc"])


def test_the_same_seed_gives_the_same_acceleration():
    one, two, other = (make_windows(3, 6, seed).extras["acc"] for seed in (5, 5, 6))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_delayed_is_exact_for_whole_samples():
    x = np.random.default_rng(0).standard_normal((3, 200))
    assert np.allclose(delayed(x, np.array([0.0, 0.01, 0.07])), [np.roll(x[i], n) for i, n in enumerate((0, 1, 7))])


def test_directions_have_length_one_and_no_favourite():
    """Each coordinate of a direction drawn evenly on the sphere has mean 0 and variance 1/3."""
    found = directions(3000, np.random.default_rng(1))
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert np.abs(found.mean(axis=0)).max() < 4 * (1 / 3 / 3000) ** 0.5
    assert np.abs((found ** 2).mean(axis=0) - 1 / 3).max() < 4 * (4 / 45 / 3000) ** 0.5


def test_rate_of_the_stored_axes():
    assert accelerometer.at_rate(np.zeros((1, sensor.SAMPLES)), sensor.WINDOW).shape == (1, 10 * RATE_HZ)
