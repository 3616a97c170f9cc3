import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.nn import zoo
from edgekit.tasks.beats import CELL_SAMPLES, STEP_S, beat_times, fine_marks, rate

TIMES = np.arange(500) * STEP_S + CELL_SAMPLES / 200


def marks_of(beats, spread=0.05):
    """What a perfect network would mark."""
    return np.exp(-0.5 * (np.abs(TIMES[:, None] - np.asarray(beats)).min(axis=1) / spread) ** 2)


def test_beats_by_hand():
    marks = np.zeros(500)
    marks[[40, 90, 150]] = 0.9, 0.2, 0.8  # the second is too faint
    np.testing.assert_allclose(beat_times(marks, 0.3), TIMES[[40, 150]])


def test_the_rate_counts_intervals_not_beats():
    assert rate([1.0, 2.0, 3.0]) == 60
    assert rate([0.5, 1.0]) == 120
    assert np.isnan(rate([1.0]))
    assert np.isnan(rate([]))


@given(interval=st.floats(0.35, 1.4), start=st.floats(0.1, 0.5))
def test_marked_beats_are_found_within_half_a_step(interval, start):
    beats = np.arange(start, 9.9, interval)
    found = beat_times(marks_of(beats), 0.3)
    assert len(found) == len(beats)
    assert np.abs(found - beats).max() <= STEP_S / 2 + 1e-9
    assert rate(found) == pytest.approx(60 / interval, abs=60 / interval * STEP_S / (beats[-1] - beats[0]) + 1e-6)


def test_two_equal_neighbours_are_one_beat():
    marks = np.zeros(500)
    marks[[160, 161]] = 0.8
    assert len(beat_times(marks, 0.3)) == 1


def test_a_later_window_moves_the_marks_by_as_much():
    """The pulse 160 ms later is marked 8 steps later, away from the ends."""
    time = np.arange(1200) / 100
    pulse = np.exp(-0.5 * (((time / 0.8) % 1 - 0.3) / 0.1) ** 2) * 2 - 0.5
    graph = zoo.load("ppg-beats-int8")
    now, later = (fine_marks(graph, pulse[None, None, a : a + 1000, None].astype(np.float32)) for a in (16, 0))
    assert now.shape == (1, 500)
    np.testing.assert_allclose(now[0, 150:350], later[0, 158:358], rtol=0, atol=0.05)
