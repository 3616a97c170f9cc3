"""Ranks and their correlation against scipy and by hand."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from edgekit.core.rank import ranks, spearman

LISTS = st.lists(st.tuples(st.integers(-3, 3), st.floats(-1, 1, width=16)), min_size=2, max_size=12)


@pytest.mark.parametrize(("a", "b", "rho"), [
    ([1, 2, 3], [1, 2, 3], 1.0), ([1, 2, 3], [9, 8, 7], -1.0), ([1, 2, 3, 4], [1, 2, 4, 3], 0.8),
    ([1, 10, 100], [1, 2, 3], 1.0), ([1, 2, 3], [1, 3, 1], 0.0),
])
def test_by_hand(a, b, rho):
    assert spearman(a, b) == pytest.approx(rho, abs=1e-15)


@given(LISTS)
def test_as_scipy(pairs):
    a, b = np.array(pairs).T
    assert np.array_equal(ranks(a), stats.rankdata(a))
    assume(np.ptp(a) > 0 and np.ptp(b) > 0)
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


@pytest.mark.parametrize(("a", "b", "message"), [
    ([1], [1], "length >= 2"), ([1, 2], [1, 2, 3], "same length"), ([1, np.nan], [1, 2], "finite"),
    ([1, 1], [1, 2], "all values of one list are equal"),
])
def test_lists_without_an_order(a, b, message):
    with pytest.raises(ValueError, match=message):
        spearman(a, b)
