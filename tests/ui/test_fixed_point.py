"""What the FixedPointExplorer shows of a product: exact fractions, ties, strays, and where its marks stand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.integer.fixed_point import requantize
from edgekit.ui.explorer import positions
from edgekit.ui.fixed_point import HALF, WORDS, product, table
from edgekit.ui.fixed_point_explorer import FixedPointExplorer
from edgekit.ui.roundings import roundings
from edgekit.ui.style import subplots

PRODUCTS = st.builds(product, st.integers(-(2**20), 2**20), st.floats(2.0**-12, 2.0, exclude_max=True))
TIES = st.builds(lambda odd, right: product((2 * odd + 1) << (right - 1), 2.0**-right), st.integers(-50, 50),
                 st.integers(2, 10))


@pytest.mark.parametrize(("acc", "real", "results", "tie"), [
    (-12, 0.125, {"A": -2, "B": -1, "C": -2, "D": -1, "E": -2}, True),
    (12, 0.125, {"A": 2, "B": 2, "C": 2, "D": 2, "E": 2}, True),
    (4, 0.125, {"A": 1, "B": 1, "C": 0, "D": 1, "E": 1}, True),
    (1, 0.25, {"A": 1, "B": 1, "C": 0, "D": 0, "E": 0}, False),  # a quarter is rounded to a half, and that to one
    (-1, 0.5, {"A": 0, "B": 0, "C": 0, "D": 0, "E": -1}, True),  # shift 0: the first rounding is the only one
    (5, 0.125, {"A": 1, "B": 1, "C": 1, "D": 1, "E": 1}, False),
])
def test_literal_products(acc, real, results, tie):
    assert product(acc, real).results == results
    assert product(acc, real).is_tie is tie


@given(PRODUCTS)
def test_multiplier_and_shift_hold_the_number_to_31_bits(one):
    multiplier, shift = one.fixed
    assert one.represented == Fraction(multiplier) * Fraction(2) ** (shift - 31)
    assert abs(one.relative_error) <= 2.0**-31
    assert sum(Fraction(2) ** place for place, bit in zip(one.places, one.bits, strict=True) if bit) == one.represented


@given(PRODUCTS)
def test_only_profiles_that_round_twice_can_stray_far_from_a_tie(one):
    """D and E err by the 31 bits of the multiplier or float64, C by float32; A and B by half a step of the first."""
    for profile in one.strays:
        bound = HALF * Fraction(2) ** min(one.fixed[1], 0) if profile in "AB" else 0
        bound += abs(one.exact) * Fraction(2) ** (-22 if profile == "C" else -30)
        assert abs(one.exact - one.floor - HALF) <= bound


@given(TIES)
def test_at_a_tie_nobody_strays_and_each_profile_keeps_its_direction(one):
    assert one.is_tie
    assert one.strays == ()
    up = one.floor + 1
    away = up if one.exact > 0 else one.floor
    even = up if up % 2 == 0 else one.floor
    assert one.results == {"A": away, "B": up, "C": even, "D": up, "E": away}


@given(PRODUCTS)
def test_groups_and_table_hold_what_requantize_gives(one):
    assert {p: y for y, names in one.groups.items() for p in names} == one.results
    for profile, y in table([one.acc, -one.acc], one.real).items():
        np.testing.assert_array_equal(y, requantize(np.array([one.acc, -one.acc]), one.real, profile))
    assert list(table([0], 1.0)) == list(WORDS)


@given(PRODUCTS)
def test_a_second_rounding_of_the_first_gives_profile_b(one):
    assert one.results["B"] == (one.first + HALF).__floor__()


@pytest.mark.parametrize(("acc", "real", "message"), [
    (1, 0.0, "real must be above 0"), (1, float("nan"), "real must be above 0"), (1, 2.0**30, "below 2"),
    (2**31, 0.5, "int32"), (0.5, 0.5, "whole number"),
])
def test_what_cannot_be_shown_is_named(acc, real, message):
    with pytest.raises(ValueError, match=message):
        product(acc, real)


def marks(scatter):
    return np.asarray(scatter.get_offsets()).tolist()


def test_marks_stand_where_the_profiles_round_to():
    explorer = FixedPointExplorer()
    line = explorer.figure.panels[1]
    assert marks(line.near) == [[0, 0], [1, -1], [0, -2], [1, -3], [0, -4]]
    assert line.tie.get_visible()
    assert [text.get_text() for text in line.ends] == ["-2", "-1"]
    explorer.set(real=0.25, acc=1)
    assert marks(line.stray) == [[1, 0], [1, -1]]
    assert marks(line.first) == [[0.5, 0], [0.5, -1]]
    assert not line.tie.get_visible()
    assert line.title.get_text() == "A and B stray"


def test_the_shift_moves_the_bits():
    explorer = FixedPointExplorer()
    bits = explorer.figure.panels[0]
    assert marks(bits.ones) == [[3, 0]]  # 0.125 is one bit, worth 2^-3
    explorer.set(real=0.5)
    assert marks(bits.ones) == [[1, 0]]
    assert len(marks(bits.zeros)) == 30


def test_headline_says_who_gives_what():
    explorer = FixedPointExplorer()
    assert "-12 × 0.125 = -1.5 is a tie: A, C, E give -2; B, D give -1" in explorer.headline.value
    explorer.set(acc=5)
    assert "5 × 0.125 = 0.625: all profiles give 1" in explorer.headline.value


def test_the_sliders_reach_ties_and_strays():
    explorer = FixedPointExplorer()
    reals = positions(explorer.controls["real"])
    assert [real for real in reals if real in (1.0, 0.5, 2.0**-10)] == [2.0**-10, 0.5, 1.0]
    found = [product(acc, real) for real in reals for acc in range(-20, 21)]
    assert any(one.is_tie for one in found)
    assert any(one.strays and one.real not in (0.25, 0.5) for one in found)


def test_the_plot_marks_every_cell_once_and_shades_the_ties():
    _, ax = subplots()
    roundings(ax, [-12, 3, 5, 12], 0.125)
    marked = {mark.get_label(): len(mark.get_offsets()) for mark in ax.collections}
    assert marked == {"tie rounded up": 7, "tie rounded down": 3, "nearest number": 8, "not the nearest": 2}
    assert [text.get_text() for text in ax.texts[:5]] == ["-2", "-1", "-2", "-1", "-2"]
    assert len(ax.patches) == 2
    assert [label.get_text() for label in ax.get_xticklabels()] == ["-1.5", "0.375", "0.625", "1.5"]
