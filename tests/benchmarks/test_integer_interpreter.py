"""The benchmark runs, and its network computes what LiteRT computes."""

import pytest

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")


def test_every_set_of_kernels_is_timed_on_equal_outputs():
    from benchmarks.integer_interpreter import compare

    times = compare(batch=2, repeats=2)
    assert set(times) == {"edgekit", "reference", "builtin", "xnnpack"}
    assert all(row.shape == (2,) and (row > 0).all() for row in times.values())
