"""Plots of the lessons: what they draw is what they were given, names do not overlap, wrong input is named."""

import numpy as np
import pytest

from edgekit.core.affine import QParams, choose_qparams
from edgekit.graph.cost import Quantity
from edgekit.ui import plots

RNG = np.random.default_rng(7)
X = np.append(RNG.normal(0, 0.2, 500), [1.5, -1.1])


def drawn(plot, *arguments, **keywords):
    """Draw on fresh axes, check that the same axes come back, labelled, and that it renders."""
    fig, ax = plots.subplots()
    assert plot(ax, *arguments, **keywords) is ax
    fig.canvas.draw()
    assert ax.get_xlabel()
    return ax


def boxes(ax):
    """The pixels that each non-empty text of the axes covers."""
    texts = [text for text in ax.texts if text.get_text() and text.get_visible()]
    return [text.get_window_extent() for text in texts]


def overlaps(rectangles):
    return any(a.overlaps(b) for i, a in enumerate(rectangles) for b in rectangles[:i])


def test_signal_draws_time_in_seconds_and_beats_on_the_curve():
    ax = drawn(plots.signal, np.arange(200.0), 50.0, beats=[10, 150], prediction="sinus, 72 bpm", start=3.0)
    curve, beats = (line.get_xydata() for line in ax.get_lines())
    assert curve[[0, -1], 0].tolist() == [3.0, 3.0 + 199 / 50]
    assert beats.tolist() == [[3.2, 10.0], [6.0, 150.0]]
    assert "sinus, 72 bpm" in plots.facts(ax.figure)


@pytest.mark.parametrize("x", [np.zeros((2, 3)), np.zeros(0)])
def test_signal_takes_one_window(x):
    with pytest.raises(ValueError, match="signal: x must have shape"):
        drawn(plots.signal, x, 100)


@pytest.mark.parametrize("num_bits", [2, 4, 6, 7, 8, 16])
def test_histogram_counts_every_value_and_draws_the_grid(num_bits):
    qparams = choose_qparams(-0.7, 0.7, num_bits, "symmetric")
    ax = drawn(plots.histogram, X, qparams, bins=33)
    assert sum(bar.get_height() for bar in ax.containers[0]) == X.size
    grid = next(line for line in ax.get_lines() if line.get_label() == "grid").get_xdata()
    np.testing.assert_allclose(grid, plots.grid_points(qparams))
    clipped = np.mean(np.abs(X) > grid[-1] + qparams.scale / 2)
    assert f"{100 * clipped:.3g} % of the values are clipped" in ax.get_title()


def test_histogram_without_a_grid():
    assert drawn(plots.histogram, X).get_title() == ""


def test_a_grid_per_channel_is_refused():
    with pytest.raises(ValueError, match="one grid at a time"):
        plots.grid_points(QParams([0.1, 0.2], [0, 0], axis=0))


def test_rounding_error_parts_rounded_from_clipped_values():
    qparams = choose_qparams(-0.7, 0.7, 4, "symmetric")
    ax = drawn(plots.rounding_error, X, qparams)
    rounded, clipped = (
        np.asarray(points.get_offsets()) for points in ax.collections if points.get_label() in ("rounded", "clipped")
    )
    assert len(rounded) + len(clipped) == X.size
    assert np.abs(rounded[:, 1]).max() <= qparams.scale / 2 * (1 + 1e-6)
    assert np.abs(clipped[:, 0]).min() > 0.7


def test_error_histogram_has_its_bounds_at_half_a_step():
    ax = drawn(plots.error_histogram, X, QParams(0.5, 0))
    assert sorted(line.get_xdata()[0] for line in ax.get_lines()) == [-0.25, 0.25]


def test_sqnr_names_do_not_overlap_when_curves_end_together():
    bits = np.arange(2, 9)
    ax = drawn(plots.sqnr, bits, {"a": 6 * bits, "b": 6 * bits + 0.1, "c": 6 * bits - 0.1})
    assert {text.get_text() for text in ax.texts} == {"a", "b", "c", "6.02 dB per bit"}
    assert not overlaps(boxes(ax))


def test_sqnr_guide_rises_by_the_theory():
    ax = drawn(plots.sqnr, [2, 5, 8], {"a": [10.0, 20.0, 30.0]})
    guide = next(line for line in ax.get_lines() if "6.02" in line.get_label()).get_ydata()
    np.testing.assert_allclose(np.diff(guide), 3 * 6.02)


def test_confusion_shows_counts_and_shares_of_the_row():
    ax = drawn(plots.confusion, [[3, 1], [0, 0]], ["calm", "fast_pulse"])
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.75, 0.25], [0, 0]])
    assert [text.get_text() for text in ax.texts] == ["75 %\n3", "25 %\n1"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["calm", "fast\npulse"]


def test_confusion_needs_a_name_for_each_class():
    with pytest.raises(ValueError, match=r"confusion: matrix \(2, 2\) does not fit 3 class names"):
        drawn(plots.confusion, np.eye(2), ["a", "b", "c"])


def test_costs_are_shares_of_the_largest_and_write_their_kind():
    table = {
        name: {"weights": Quantity(size, "B", "measured", ""), "RAM": Quantity(7, "B", "modelled", "")}
        for name, size in (("float", 400), ("int8", 100))
    }
    ax = drawn(plots.costs, table)
    assert [[bar.get_width() for bar in bars] for bars in ax.containers] == [[1.0, 1.0], [0.25, 1.0]]
    assert "int8: 100 B (measured)" in [text.get_text() for text in ax.texts]
    assert not overlaps(boxes(ax))


def test_constraint_parts_allowed_from_not_allowed_and_draws_the_budget():
    points = {"float": (88e3, 0.952), "int8": (23e3, 0.950), "2-bit": (7e3, 0.70)}
    ax = drawn(plots.constraint, points, 0.952, 0.01, {"small": 32_768})
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert sorted(lines["allowed"].get_xdata()) == [23e3, 88e3]
    assert list(lines["not allowed"].get_xdata()) == [7e3]
    assert set(lines["small"].get_xdata()) == {32_768}
    np.testing.assert_allclose(lines["baseline − delta"].get_ydata(), 0.942)
    assert not overlaps(boxes(ax))


def test_constraint_of_a_single_point():
    drawn(plots.constraint, {"only": (10, 0.5)}, 0.5, 0.01)


def test_study_draws_every_seed_and_the_interval():
    seeds = {"float": [0.95, 0.96, 0.94, 0.95, 0.95], "int8": [0.94, 0.95, 0.94, 0.95, 0.94]}
    ax = drawn(plots.study, seeds, {"float": (0.945, 0.955), "int8": (0.94, 0.95)})
    assert [len(points.get_offsets()) for points in ax.collections] == [5, 5]
    assert ax.get_lines()[0].get_xdata().tolist() == [0.945, 0.955]
    assert not overlaps(boxes(ax))


def test_study_writes_its_means_as_it_is_told():
    seeds = {"pruned": [0.71, 0.84, 0.62, 0.95, 0.93]}
    for digits, words in (({}, "mean 0.81, 5 seeds"), ({"digits": ".1f"}, "mean 0.8, 5 seeds")):
        ax = drawn(plots.study, seeds, {"pruned": (0.4, 1.2)}, **digits)
        assert words in [text.get_text() for text in ax.texts]
