"""The pulse generator: labels that hold, statistics of the table, legal ranges explored, same seed same windows."""

import time
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data.synthetic import accelerometer, ppg, pulse, rhythm, sensor
from edgekit.data.synthetic.params import AccelerometerParams, PpgParams, PulseParams, RhythmParams, SensorParams
from edgekit.data.synthetic.ppg import make_windows


@pytest.fixture(scope="module")
def many():
    return make_windows(100, 12, seed=9)


def intervals(data):
    return np.diff(data.extras["beats"], axis=1)


def variation(data):
    """CV and nRMSSD of the intervals of each window."""
    rr = intervals(data)
    mean = np.nanmean(rr, axis=1)
    return np.nanstd(rr, axis=1) / mean, np.sqrt(np.nanmean(np.diff(rr, axis=1) ** 2, axis=1)) / mean


def test_shapes_and_origin(many):
    assert many.x.shape == (1200, 1000)
    assert many.x.dtype == np.float32
    assert many.class_names == ("sinus", "bradycardia", "tachycardia", "atrial_fibrillation", "ectopic", "artefact")
    assert (many.fs, many.origin) == (100.0, "synthetic")
    assert np.ptp(many.x, axis=1).min() > 0


def test_classes_are_balanced_and_in_every_subject(many):
    """Two of each in a subject, but for windows whose true rate fell on the other side of 60 or 100."""
    assert all(abs(count - 200) <= 20 for count in many.counts().values())
    for subject in np.unique(many.group):
        assert (np.bincount(many.y[many.group == subject], minlength=6)[3:] == 2).all()


def test_bpm_is_sixty_over_the_mean_interval_of_the_beats(many):
    assert np.allclose(many.extras["bpm"], 60 / np.nanmean(intervals(many), axis=1))


def test_beats_ascend_inside_the_window(many):
    beats = many.extras["beats"]
    assert np.nanmin(beats) >= 0
    assert np.nanmax(beats) < 10
    assert np.nanmin(intervals(many)) > 0.2


def test_labels_follow_the_true_rate(many):
    bpm, y = many.extras["bpm"], many.y
    assert (bpm[y == rhythm.BRADYCARDIA] < 60).all()
    assert (bpm[y == rhythm.TACHYCARDIA] > 100).all()
    assert ((bpm[y == rhythm.SINUS] >= 60) & (bpm[y == rhythm.SINUS] <= 100)).all()


def test_label_at_the_boundaries_is_literal():
    bpm = np.array([59.9, 60.0, 100.0, 100.1, 30.0, 150.0, 80.0])
    kind = np.array([0, 1, 2, 0, 3, 4, 5])
    assert ppg.label(kind, bpm).tolist() == [1, 0, 0, 2, 3, 4, 5]


def test_premature_beats_are_early():
    """In an otherwise even rhythm each marked interval is .40-.92 of the normal one, or the floor of .3 s."""
    rng = np.random.default_rng(1)
    even = RhythmParams(sinus_cv=(0, 0), strong_sinus_arrhythmia=0.0, drift=(0, 0))
    made = rhythm.draw_rhythm(np.full(300, rhythm.ECTOPIC), rng.random(300), even, rng)
    normal = np.array([np.median(row[~early & ~np.roll(early, 1)]) if (~early & ~np.roll(early, 1)).any() else np.nan
                       for row, early in zip(made.rr, made.premature, strict=True)])
    part = (made.rr / normal[:, None])[made.premature & np.isfinite(normal)[:, None]]
    floor = (rhythm.FLOOR_S / normal)[:, None] * np.ones_like(made.rr)
    assert part.min() > 0.40
    assert (part <= np.maximum(0.92, floor[made.premature & np.isfinite(normal)[:, None]])).all()


def test_only_ectopic_windows_have_premature_beats(many):
    assert not many.extras["premature"][many.y != rhythm.ECTOPIC].any()
    assert many.extras["premature"][many.y == rhythm.ECTOPIC].any()  # often too weak to be felt but as a pause


def test_every_ectopic_window_was_given_a_premature_beat_inside():
    rng = np.random.default_rng(0)
    made = rhythm.draw_rhythm(np.full(500, rhythm.ECTOPIC), rng.random(500), RhythmParams(), rng)
    assert (made.premature & (made.onset > 0.5) & (made.onset < 9.5)).any(axis=1).all()


def test_statistics_of_the_table(many):
    """DATA: sinus CV .018 (.008-.044), nRMSSD .022; fibrillation CV .21 (.12-.33), nRMSSD .30, no memory.

    Medians lie within a factor 1.6 of the table for sinus, whose tail of strong respiratory arrhythmia is wanted,
    and within 20 % for fibrillation.
    """
    cv, nrmssd = variation(many)
    sinus, af = many.y == rhythm.SINUS, many.y == rhythm.FIBRILLATION
    assert 0.018 / 1.6 < np.median(cv[sinus]) < 0.018 * 1.6
    assert 0.022 / 1.6 < np.median(nrmssd[sinus]) < 0.022 * 1.6
    assert np.percentile(cv[sinus], 95) > 0.044
    assert np.median(cv[af]) == pytest.approx(0.21, rel=0.2)
    assert np.median(nrmssd[af]) == pytest.approx(0.30, rel=0.2)
    assert np.median(nrmssd[af]) > 6 * np.median(nrmssd[sinus])


def test_fibrillation_intervals_are_independent_above_the_floor():
    rr = rhythm.fibrillation_intervals(np.full(400, 0.8), RhythmParams(), np.random.default_rng(0))
    centred = (rr - rr.mean(axis=1, keepdims=True)) / rr.std(axis=1, keepdims=True)
    lag_1 = (centred[:, 1:] * centred[:, :-1]).mean()
    assert abs(lag_1) < 0.03  # 4 / sqrt(400 * 63) + the bias -1/64
    assert rr.min() >= rhythm.FLOOR_S


def test_mean_intervals_of_the_table(many):
    """DATA: sinus .64-1.0 s, fibrillation .57-.93 s. Medians lie inside, and so do three quarters of the sinus windows
    and, since rates of fibrillation are spread wider on purpose, half of the others."""
    mean = np.nanmean(intervals(many), axis=1)
    for kind, low, high, share in ((rhythm.SINUS, 0.64, 1.0, 0.75), (rhythm.FIBRILLATION, 0.57, 0.93, 0.5)):
        values = mean[many.y == kind]
        assert low < np.median(values) < high
        assert ((values > low) & (values < high)).mean() > share


def test_premature_beats_of_the_table():
    """DATA: the interval x .55-.75, the pause x 1.2-1.5, the height x .2-.7: medians inside, most of each too.

    A reset pause, 1.0-1.2 in 45 % of the windows, is the exception that is wanted.
    """
    rng = np.random.default_rng(1)
    even = RhythmParams(sinus_cv=(0, 0), strong_sinus_arrhythmia=0.0, drift=(0, 0), ectopic_bpm=(60, 80))
    made = rhythm.draw_rhythm(np.full(1500, rhythm.ECTOPIC), rng.random(1500), even, rng)
    early = made.premature
    normal = 60 / np.where(early | np.roll(early, 1, axis=1), np.inf, 60 / made.rr).min(axis=1, keepdims=True)
    single = np.pad(early[:, 1:-1] & ~early[:, :-2] & ~early[:, 2:], ((0, 0), (2, 0)))
    felt = made.strength[early & (made.strength > 0)]
    part = made.rr / np.where(normal > 0, normal, np.nan)  # every second beat early: no normal interval to compare
    for values, low, high, share in ((part[early], 0.55, 0.75, 0.6), (part[single], 1.2, 1.5, 0.5),
                                     (felt, 0.2, 0.7, 0.7)):
        values = values[np.isfinite(values)]
        assert low < np.median(values) < high
        assert ((values >= low) & (values <= high)).mean() > share


@pytest.mark.parametrize(("name", "median", "low", "high"), [
    ("height_1", 0.41, 0.33, 0.52), ("height_2", 0.69, 0.60, 0.77), ("height_3", 0.62, 0.51, 0.69),
    ("centre_1", 0.168, 0.150, 0.185), ("centre_2", 0.30, 0.27, 0.35), ("centre_3", 0.564, 0.53, 0.62),
    ("width_1", 0.062, 0.053, 0.073), ("width_2", 0.107, 0.096, 0.121), ("width_3", 0.192, 0.16, 0.21)])
def test_pulse_shapes_of_the_table(name, median, low, high):
    """Usual vessels: median within 6 %, 10th and 90th percentile within 10 % of the fits to 50 patients."""
    shape = pulse.draw_vessels(3000, PulseParams(unusual=0.0), np.random.default_rng(1)).shape
    found = np.percentile(shape[:, pulse.SHAPE.index(name)], [10, 50, 90])
    assert found[1] == pytest.approx(median, rel=0.06)
    assert found[[0, 2]] == pytest.approx([low, high], rel=0.10)


def test_respiration_moves_frequency_height_and_baseline():
    """With breathing alone, the baseline swings at the respiratory rate (.2-.33 Hz and a little around), the beats'
    heights follow it by up to the 15 % asked for, and so do the intervals."""
    rng, n = np.random.default_rng(2), 60
    params = RhythmParams(sinus_cv=(0.02, 0.02), strong_sinus_arrhythmia=0.0, drift=(0, 0))
    made = rhythm.draw_rhythm(np.full(n, rhythm.SINUS), rng.random(n), params, rng)
    phase = 2 * np.pi * made.respiration_hz[:, None] * made.onset + made.respiration_phase[:, None]
    vessels = pulse.draw_vessels(n, PulseParams(filling=(0, 0), strength_jitter=(0, 0)), rng)
    height = pulse.beat_strength(made, vessels, np.full(n, 0.15), rng)
    assert np.allclose(height, 1 + 0.15 * np.sin(phase + 1.0))
    still = sensor.draw_sensors(n, SensorParams(baseline=(0, 0), respiration=(0.3, 0.3)), rng)
    frequency = np.fft.rfftfreq(sensor.SAMPLES * 8, 0.01)
    swing = sensor.wander(made, still, rng)
    peak = frequency[np.abs(np.fft.rfft(swing, sensor.SAMPLES * 8)).argmax(axis=1)]
    assert np.abs(peak - made.respiration_hz).max() < 1 / 16  # one bin of 16 s
    assert ((made.respiration_hz > 0.2) & (made.respiration_hz < 0.33)).mean() > 0.6
    time = 60 / np.median(60 / made.rr, axis=1)[:, None] * np.arange(rhythm.BEATS)  # the beats before any jitter
    breath = np.sin(2 * np.pi * made.respiration_hz[:, None] * time + made.respiration_phase[:, None])
    linked = [abs(np.corrcoef(a[1:-1], b[1:-1])[0, 1]) for a, b in zip(made.rr, breath, strict=True)]
    assert np.median(linked) > 0.5  # three of five parts in the mean; 0.1 Hz and chance are the others


def test_weak_perfusion_makes_a_noisy_pulse(many):
    """DATA: .5-4 % at the wrist. p = 1 / (s sqrt(L)): the logarithms of noise and perfusion run against each other."""
    perfusion = many.extras["perfusion"]
    assert perfusion.min() >= 0.005
    assert perfusion.max() <= 0.04
    assert all(len(set(perfusion[many.group == one].tolist())) == 1 for one in np.unique(many.group))
    noise = np.exp(np.random.default_rng(0).uniform(*np.log((0.002, 0.10)), 2000))
    drawn = sensor.draw_perfusion(noise, np.random.default_rng(1))
    light = 1 / (noise * drawn) ** 2
    assert (light > sensor.ELECTRONS[0] * 0.99).all()
    assert (light < sensor.ELECTRONS[1] * 1.01).all()
    assert np.corrcoef(np.log(noise), np.log(drawn))[0, 1] < -0.7
    assert sensor.draw_perfusion(np.zeros(3), np.random.default_rng(1)) == pytest.approx([0.04] * 3)


def test_filling_is_literal():
    """A(.8) = 1, A(0) = .45, A(.45) = .45 + .55 tanh 1 / tanh(16/9)."""
    found = pulse.filling(np.array([0.8, 0.0, 0.45]))
    assert np.allclose(found, [1.0, 0.45, 0.45 + 0.55 * 0.7615942 / 0.9444], atol=1e-4)


def test_drawing_equals_the_formula_beat_by_beat():
    """The vectorised drawing against the double loop of the equation, where pulses are cut off at 1.6 T."""
    rng = np.random.default_rng(3)
    onset = np.cumsum(rng.uniform(0.5, 1.1, (3, 12)), axis=1) - 1
    length, strength = rng.uniform(0.7, 1.0, (3, 12)), rng.uniform(0.3, 1, (3, 12))
    shape = pulse.draw_vessels(3, PulseParams(unusual=0.0), rng).shape
    found = pulse.draw_pulses(onset, length, strength, shape, 100.0, 0.0, 800)
    time_s, wanted = np.arange(800) / 100, np.zeros((3, 800))
    for n in range(3):
        for t_i, T, A in zip(onset[n], length[n], strength[n], strict=True):
            for a, mu, sigma in shape[n].reshape(3, 3).T:
                wanted[n] += A * a * np.exp(-(time_s - t_i - mu * T) ** 2 / (2 * (sigma * T) ** 2))
    assert np.abs(found - wanted).max() < 0.02


def test_seen_beats_are_where_the_wave_rises(many):
    """In quiet synthetic pulses the steepest slope lies within .12 s of every marked beat."""
    quiet = SensorParams(rates_hz=(100.0,), inverted=0.0, baseline=(0, 0), respiration=(0, 0), shot_noise=(0, 0),
                         flicker=(0, 0), highpass=0.0, lowpass=0.0, damped=0.0, steep=0.0, clipped=0.0,
                         gain_change=0.0, motion=0.0, surge=0.0, swell=0.0, levels=(5000.0, 5000.0))
    data = make_windows(10, 12, 4, PpgParams(pulse=PulseParams(unusual=0.0), sensor=quiet))
    for i in np.flatnonzero(data.y <= rhythm.TACHYCARDIA):
        slope = np.gradient(data.x[i])
        for beat in data.extras["beats"][i][np.isfinite(data.extras["beats"][i])]:
            near = slope[max(0, round(beat * 100) - 12):round(beat * 100) + 13]
            assert near.max() > 0.5 * np.percentile(slope, 98)


def test_own_rise_is_literal():
    """Two triangles: crests 1 at .5 s and .8 at 1.0 s with a trough of .4 between them, upstrokes at .4 and .9 s."""
    grid = np.arange(0, 400) / 100
    wave = np.interp(grid, [1.0, 1.5, 1.75, 2.0, 2.5], [0, 1, 0.4, 0.8, 0])[None]
    lift, fall = pulse.own_rise(wave, np.array([[0.2, 1.4, 1.9]]), 100.0, 0.0)
    assert lift[0, 1:].tolist() == pytest.approx([1.0, 0.4])
    assert fall[0, 1:].tolist() == pytest.approx([np.inf, 0.6])


def test_a_beat_that_the_wave_never_falls_before_is_not_seen():
    lift, fall = np.array([[1.0, 0.9, 1.0]]), np.array([[np.inf, 0.0, 0.5]])
    beats, early = ppg.seen_beats(np.array([[1.0, 1.3, 2.0]]), lift, fall, np.array([[False, True, True]]))
    assert beats[0, :2].tolist() == [1.0, 2.0]
    assert early.tolist() == [[False, True, False]]


def test_the_same_seed_gives_the_same_windows():
    one, two, other = (make_windows(3, 6, seed) for seed in (5, 5, 6))
    assert np.array_equal(one.x, two.x)
    assert not np.array_equal(one.x, other.x)


def test_three_hundred_windows_a_second():
    """Of processor time, since the machine may be busy."""
    make_windows(4, 6, 0)
    spent = []
    for _ in range(3):
        start = time.process_time()
        make_windows(50, 12, 1)
        spent.append(time.process_time() - start)
    assert 600 / min(spent) > 300


@pytest.mark.parametrize(("n", "per", "words"), [(0, 6, "n_subjects"), (2, 0, "windows_per"), (1.5, 6, "n_sub")])
def test_counts_below_one_are_refused(n, per, words):
    with pytest.raises(ValueError, match=words):
        make_windows(n, per, 0)


@pytest.mark.parametrize("make", [
    lambda: RhythmParams(sinus_bpm=(50, 90)), lambda: RhythmParams(sinus_cv=(0.2, 0.1)),
    lambda: PulseParams(unusual=1.2), lambda: SensorParams(motion=float("nan")),
    lambda: SensorParams(rates_hz=(5.0,)), lambda: SensorParams(rates_hz=())])
def test_parameters_outside_the_legal_ranges_are_refused(make):
    with pytest.raises(ValueError, match=r"(must lie in|must name rates)"):
        make()


def legal(kind):
    """A strategy for any legal value of the parameter class `kind`."""
    built = {}
    for item in fields(kind):
        if "legal" not in item.metadata:
            continue
        number = st.floats(*item.metadata["legal"])
        is_range = item.metadata["kind"] == "range"
        built[item.name] = st.tuples(number, number).map(lambda v: tuple(sorted(v))) if is_range else number
    return st.builds(kind, **built)


@settings(max_examples=25)
@given(legal(PulseParams), legal(RhythmParams), legal(SensorParams), legal(AccelerometerParams),
       st.integers(0, 2 ** 32 - 1))
def test_any_legal_parameters_give_finite_windows_and_true_labels(a, b, c, d, seed):
    data = make_windows(2, 6, seed, PpgParams(a, b, c, d))
    assert np.isfinite(data.x).all()
    assert np.abs(data.x).max() <= 2 * sensor.CODE_LIMIT  # resampling overshoots a clipped edge by less than that
    known = np.isfinite(data.extras["bpm"])
    assert np.array_equal(ppg.label(data.y, data.extras["bpm"])[known], data.y[known])
    assert np.abs(data.extras["acc"]).max() <= accelerometer.LIMIT * accelerometer.STEP_G
    assert ((data.extras["perfusion"] >= 0.005) & (data.extras["perfusion"] <= 0.04)).all()


@settings(max_examples=25)
@given(legal(RhythmParams), st.integers(0, 2 ** 32 - 1))
def test_beats_are_where_the_intervals_say(params, seed):
    """onset[k] - onset[k - 1] = rr[k], none below the floor, and the ten seconds are covered, whatever is legal."""
    rng = np.random.default_rng(seed)
    made = rhythm.draw_rhythm(np.arange(12) % 6, rng.random(12), params, rng)
    assert np.allclose(np.diff(made.onset, axis=1), made.rr[:, 1:])
    assert made.rr.min() >= rhythm.FLOOR_S
    assert (made.onset[:, 0] <= -rhythm.WARM_UP_S).all()
    assert (made.onset[:, -1] > 10).all()
    assert not made.premature[np.arange(12) % 6 != rhythm.ECTOPIC].any()


def test_parameters_are_frozen():
    with pytest.raises(AttributeError):
        PpgParams().pulse.unusual = 0.0
    assert replace(PulseParams(), unusual=0.0).unusual == 0.0
