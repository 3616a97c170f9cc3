import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.tasks.beats import CELL_S, beat_times, rate


def marks_of(beats, spread=0.05):
    """What a perfect network would mark."""
    cells = (np.arange(125) + 0.5) * CELL_S
    return np.exp(-0.5 * (np.abs(cells[:, None] - np.asarray(beats)).min(axis=1) / spread) ** 2)


def test_beats_by_hand():
    marks = np.zeros(125)
    marks[[10, 22, 35]] = 0.9, 0.2, 0.8  # the second is too faint
    np.testing.assert_allclose(beat_times(marks), [10.5 * CELL_S, 35.5 * CELL_S])


def test_the_rate_counts_intervals_not_beats():
    assert rate([1.0, 2.0, 3.0]) == 60
    assert rate([0.5, 1.0]) == 120
    assert np.isnan(rate([1.0]))
    assert np.isnan(rate([]))


@given(interval=st.floats(0.4, 1.4), start=st.floats(0.1, 0.5))
def test_marked_beats_are_found_within_half_a_cell(interval, start):
    beats = np.arange(start, 9.9, interval)
    found = beat_times(marks_of(beats))
    assert len(found) == len(beats)
    assert np.abs(found - beats).max() <= CELL_S / 2
    assert rate(found) == pytest.approx(60 / interval, abs=60 / interval * CELL_S / (beats[-1] - beats[0]))


def test_two_equal_neighbours_are_one_beat():
    marks = np.zeros(125)
    marks[[40, 41]] = 0.8
    assert len(beat_times(marks)) == 1
