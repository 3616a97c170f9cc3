"""What the TemperatureExplorer shows of a teacher's answers and of a stored grid."""

import time
from types import SimpleNamespace

import numpy as np
import pytest

from edgekit.core.distill import softened
from edgekit.ui.style import ORANGE
from edgekit.ui.temperature import Cell, TemperatureExplorer, cells_of

CLIPS = {"a hum": ([3.0, 1.0, -2.0], 0), "a click": ([0.0, 0.5, 4.0], 1)}
NAMES = ["fan_normal", "fan_clog", "valve_leak"]


def grid():
    """At alpha 0 a gain that shrinks with T, at .5 a loss."""
    values = {f"t{t}_a{a}": [sign * 8 / t + shift for shift in (-0.2, -0.1, 0, 0.1, 0.2)]
              for t in (1, 4) for a, sign in ((0, 1), (50, -1))}
    values |= {"labels": [80.0] * 5}
    return cells_of(SimpleNamespace(
        values=values, interval=lambda key: (np.mean(values[key]) - 0.3, np.mean(values[key]) + 0.3)))


@pytest.fixture
def explorer():
    return TemperatureExplorer(CLIPS, NAMES, grid())


def test_cells_hold_what_the_study_holds():
    cells = grid()
    assert set(cells) == {(1, 0.0), (1, 0.5), (4, 0.0), (4, 0.5)}
    assert cells[4, 0.0].gains == (1.8, 1.9, 2.0, 2.1, 2.2)
    assert (cells[4, 0.0].mean, cells[4, 0.0].low) == pytest.approx((2.0, 1.7))
    with pytest.raises(ValueError, match="no values like t4_a25; it has labels"):
        cells_of(SimpleNamespace(values={"labels": [1.0]}))


def test_bars_are_the_softened_answer_and_the_true_class_has_its_own_colour(explorer):
    explorer.set(clip="a click", temperature=4)
    widths = [bar.get_width() for bar in explorer.figure.bars]
    np.testing.assert_allclose(widths, softened([CLIPS["a click"][0]], 4)[0])
    colours = {bar.get_facecolor() for i, bar in enumerate(explorer.figure.bars) if i != 1}
    assert explorer.figure.bars[1].get_facecolor() not in colours
    assert explorer.figure.line.get_color() == ORANGE
    assert [text.get_text().endswith("true") for text in explorer.figure.figures] == [False, True, False]


def test_every_line_is_named_without_its_colour(explorer):
    ax = explorer.figure.axes[1]
    names = {text.get_text() for text in ax.texts} | {text.get_text() for text in ax.get_legend().get_texts()}
    assert {"alpha 0", "alpha 0.5", "labels alone", "the chosen alpha", "95 % interval", "one seed"} <= names


def test_the_sentence_says_what_the_interval_allows(explorer):
    explorer.set(clip="a hum", temperature=1, alpha=0.0)
    said = explorer.headline.value
    assert "T = 1: the teacher says fan normal .88, fan clog .12, ...; with alpha 0 +8.0 points: better than" in said
    explorer.set(alpha=0.5)
    assert "-8.0 points: worse than labels alone" in explorer.headline.value
    shown = explorer.compute("a hum", 4, 0.5)
    unsure = SimpleNamespace(chosen=Cell(4, 0.5, (0.1,), 0.1, -0.2, 0.4))
    assert type(shown).verdict.fget(unsure) == "not to be told from labels alone"


def test_numbers_of_the_chosen_cell(explorer):
    explorer.set(clip="a hum", temperature=4, alpha=0.0)
    assert "1.7 to 2.3 points" in explorer.numbers.value
    assert "1.8 to 2.2 points" in explorer.numbers.value
    assert list(explorer.figure.interval.get_ydata()) == pytest.approx([1.7, 2.3])
    assert (list(explorer.figure.ring.get_xdata()), list(explorer.figure.ring.get_ydata())) == ([4], [pytest.approx(2)])
    assert list(explorer.figure.line.get_ydata()) == pytest.approx([8, 2])


def test_an_even_answer_is_spread_over_all_classes():
    even = TemperatureExplorer({"silence": ([0.0, 0.0, 0.0], 2)}, NAMES, grid())
    assert "3.0 of 3" in even.numbers.value
    sure = TemperatureExplorer({"certain": ([0.0, 2000.0, 0.0], 1)}, NAMES, grid())
    assert "1.0 of 3" in sure.numbers.value


def test_every_move_takes_less_than_a_tenth_of_a_second(explorer):
    for name, way in {"clip": ["a click", "a hum"], "temperature": [4, 1], "alpha": [0.5, 0.0]}.items():
        for value in way:
            start = time.process_time()  # of this process alone, however busy the machine
            explorer.set(**{name: value})
            assert time.process_time() - start < 0.1


@pytest.mark.parametrize(("clips", "cells", "words"), [
    ({}, grid(), r"clips must map words to \(3 logits, label\), at least one"),
    ({"short": ([1.0], 0)}, grid(), r"clips must map words to \(3 logits, label\)"),
    (CLIPS, {}, "every alpha at every temperature, at least one"),
    (CLIPS, {key: cell for key, cell in grid().items() if key != (4, 0.5)}, "every alpha at every temperature"),
])
def test_what_does_not_fit_is_named(clips, cells, words):
    with pytest.raises(ValueError, match=words):
        TemperatureExplorer(clips, NAMES, cells)
