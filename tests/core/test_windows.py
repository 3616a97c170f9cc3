"""Cutting the copied windows into parts changes nothing."""

import numpy as np
import pytest

from edgekit.core import windows


@pytest.mark.parametrize("chunk", [1, 100, 1000, 10**7])
@pytest.mark.parametrize("groups", [1, 2])
def test_parts_of_images_and_of_rows_give_the_whole(chunk, groups, monkeypatch):
    """Whole numbers: every order of summing is exact."""
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 9, (5, 9, 8, 4)).astype(np.float32)
    w = rng.integers(-9, 9, (6, 3, 2, 4 // groups)).astype(np.float32)
    whole = windows.correlate(x, w, (2, 1), (1, 2), groups)
    monkeypatch.setattr(windows, "CHUNK", chunk)
    assert np.array_equal(windows.correlate(x, w, (2, 1), (1, 2), groups), whole)
    covered = np.zeros((5, 4), int)
    for images, lines in windows._parts(5, 4, 48):
        covered[images, lines] += 1
    assert (covered == 1).all()
