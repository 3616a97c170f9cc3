"""A wrong answer gets the name of a misconception only where it behaves as the misconception does."""

import numpy as np
import pytest

from edgekit.course.exercises import Case, Exercise, Mutant, examine
from edgekit.course.recognizing import nearest, number, same


def times(a, b):
    return a * b


CASES = (Case("literal", (2.0, 2.0), 4.0), Case("literal", (3.0, 5.0), 15.0), Case("property", (7.0, 2.0), 14.0),
         Case("property", (1.0, 6.0), 6.0), Case("edge", (0.0, np.inf), 0.0))
EXERCISE = Exercise("00/times", lambda a, b: times(a, b) if a else 0.0, CASES, {
    "added": Mutant("you add", lambda a, b: a + b if a else 0.0),
    "naive": Mutant("0 times infinity", times),
    "broken": Mutant("you divide by nothing", lambda a, b: 1 // 0),
}, ("a", "b", "c"))


@pytest.mark.parametrize(("misconception", "answer"), [
    ("added", lambda a, b: a + b if a else 0.0),
    ("added", lambda a, b: a + b),  # wrong besides where the mutant is right
    ("naive", lambda a, b: np.nan if a == 0 else b * a),  # all is alike, also where it is NaN
    (None, lambda a, b: np.nan if a == 0 else (a + b if a == 7 else a * b)),  # shares one of three: chance
    (None, lambda a, b: 1 / 0 if a == 3 else a * b),  # an error shared is no evidence
    (None, lambda a, b: np.nan if a == 0 else a - b),
])
def test_by_values_and_half_of_what_the_mutant_gets_wrong(misconception, answer):
    report = examine(EXERCISE, answer)
    assert not report.ok
    assert report.misconception == misconception, str(report)


@pytest.mark.parametrize(("value", "name"), [
    (54.6, "big"), (np.exp(4), "big"), (55, "big"), (56, None), (0.5, "half"), (0.503, "half"), (0.0, "none"),
    (1e-9, None), (np.inf, "endless"), (-0.5, None), ("half", None), ([0.5], None), (np.nan, None),
])
def test_what_is_foretold_may_be_rounded(value, name):
    assert nearest({"big": np.exp(4), "half": 0.5, "none": 0, "endless": np.inf}, value) == name


def test_numbers_and_sameness():
    assert [number(value) for value in (True, np.float32(1), np.array(2), "1", None, [1], 1j)] == 3 * [True] + 4 * [
        False]
    assert same(np.nan, np.nan)
    assert not same(np.nan, np.nan, equal_nan=False)
    assert same((1, [2.0]), (1, [2.0]))
    assert not same((1, 2), (1, 2, 3))
    assert not same(1.1, 1, 0.05)
