"""Exercises as data: what is asked, the cases that judge an answer, and the misconceptions known by their results.

`examine(exercise, answer)` runs every case and returns a `Report`. A wrong answer is compared with the mutants,
functions that each hold one misconception: the one that gives the same results names what went wrong.
"""

import copy
import importlib
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edgekit.course.guard import TIME_LIMIT_S, call
from edgekit.course.recognizing import nearest, number, recognize, same
from edgekit.course.showing import shown


@dataclass(frozen=True)
class Rule:
    """A property that a result must have: `holds(result, *args)`, and `says` what it asks, as a phrase."""

    says: str
    holds: Callable


@dataclass(frozen=True)
class Case:
    """One call: `expected` is a value (numbers, a tuple of them), an exception class or a `Rule`."""

    kind: str  # literal, property or edge
    args: tuple
    expected: object
    tolerance: float = 0.0


@dataclass(frozen=True)
class Mutant:
    """A wrong answer with the misconception that leads to it."""

    says: str
    answer: object


@dataclass(frozen=True)
class Exercise:
    """A function to write, or with `predict` a value to foretell.

    `reference` answers it; `cases` judge; `mutants` maps a name to a `Mutant`; `hints` lead there in three steps.
    `integers` asks for integer types where an expected value is an integer, instead of whole floats.
    """

    name: str
    reference: object
    cases: tuple
    mutants: dict
    hints: tuple
    predict: bool = False
    integers: bool = False

    @cached_property
    def known(self):
        """What each mutant gives and the cases in which it is wrong, by its name."""
        found = {name: _outcomes(self, mutant.answer) for name, mutant in self.mutants.items()}
        return {name: (outcomes, list(_faults(self, outcomes))) for name, outcomes in found.items()}


@dataclass(frozen=True)
class Report:
    """What an examination found; `str(report)` is what the learner reads."""

    name: str
    passed: int
    total: int
    lines: tuple = ()
    misconception: str | None = None  # the name of the mutant

    @property
    def ok(self):
        """Whether every case passed."""
        return self.passed == self.total

    def __str__(self):
        head = f"check {self.name}: {self.passed} of {self.total} cases pass"
        return "\n".join([head, *(f"  {line}" for line in self.lines)])


def find(name: str) -> Exercise:
    """Return the exercise "NN/what". Raises ValueError when there is none."""
    try:
        exercises = importlib.import_module(f"edgekit.course.lesson{name.split('/')[0]}").EXERCISES
    except ModuleNotFoundError:
        raise ValueError(f"exercise: no lesson for {name!r}; a name is like 01/quantize") from None
    if name not in exercises:
        raise ValueError(f"exercise: no exercise {name!r}; there are: {', '.join(exercises)}")
    return exercises[name]


def examine(exercise: Exercise, answer) -> Report:
    """Run every case of an exercise on an answer: a function, or the value foretold."""
    if answer is None or answer is ... or (not exercise.predict and not callable(answer)):
        what = "a value" if exercise.predict else f"the function {_title(exercise)}"
        return Report(exercise.name, 0, len(exercise.cases), (f"Not written yet: give check {what}.",))
    outcomes = _outcomes(exercise, answer)
    raised = any(isinstance(outcome.error, NotImplementedError) for outcome in outcomes)
    if raised or all(outcome.unwritten for outcome in outcomes):
        line = "Not written yet: replace `raise NotImplementedError` by your own lines, the last a `return`."
        return Report(exercise.name, 0, len(exercise.cases), (line,))
    faults = _faults(exercise, outcomes)
    if not faults:
        return Report(exercise.name, len(outcomes), len(outcomes))
    failed = list(faults)
    name = _misconception(exercise, outcomes, failed)
    lines = _explain(exercise, failed[0], outcomes[failed[0]], faults[failed[0]])
    if name:
        lines += (f"This is what you get when {exercise.mutants[name].says}.",)
    lines += (f'Stuck? hint("{exercise.name}")',)
    return Report(exercise.name, len(outcomes) - len(failed), len(outcomes), lines, name)


def fault(exercise, case, outcome) -> str:
    """Say what was expected of an outcome that is not right; an empty string when it is."""
    expected = case.expected
    if isinstance(expected, type) and issubclass(expected, Exception):
        return "" if isinstance(outcome.error, expected) else f"a {expected.__name__} that says what is wrong"
    if outcome.changed:
        return "arguments that the function leaves as they were (work on a copy)"
    if isinstance(expected, Rule):
        right = outcome.error is None and _holds(expected, outcome.value, case.args)
        return "" if right else expected.says
    if outcome.error is not None or not same(outcome.value, expected, case.tolerance):
        return shown(expected)
    if exercise.integers and not _integer_like(outcome.value, expected):
        return f"{shown(expected)} as integers, not as floats: end with .astype(np.int8) or the like"
    return ""


def _misconception(exercise, outcomes, failed):
    if exercise.predict:
        return nearest({name: mutant.answer for name, mutant in exercise.mutants.items()}, outcomes[0].value)
    return recognize(exercise.known, outcomes, failed)


def _faults(exercise, outcomes):
    """What was expected instead, for each case that is not right."""
    found = [fault(exercise, case, outcome) for case, outcome in zip(exercise.cases, outcomes, strict=True)]
    return {index: text for index, text in enumerate(found) if text}


def _outcomes(exercise, answer):
    function = (lambda *args: answer) if exercise.predict else answer
    found = []
    for case in exercise.cases:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(call(function, copy.deepcopy(case.args)))
        if isinstance(found[-1].error, NotImplementedError) or found[-1].timed_out:
            break
    return found + [found[-1]] * (len(exercise.cases) - len(found))


def _holds(rule, value, args):
    try:
        return bool(rule.holds(np.asarray(value) if isinstance(value, list) else value, *args))
    except (TypeError, ValueError, IndexError, AttributeError):  # a result of another kind than asked for
        return False


def _integer_like(value, expected):
    if isinstance(expected, tuple):
        return all(_integer_like(a, b) for a, b in zip(value, expected, strict=True))
    return np.asarray(expected).dtype.kind not in "iu" or np.asarray(value).dtype.kind in "iu"


def _title(exercise):
    return f"{exercise.reference.__name__}{inspect.signature(exercise.reference)}"


def _explain(exercise, index, outcome, wanted):
    """The lines about the first failed case: the call, what came, what was expected."""
    if exercise.predict:
        wrong = "is not what happens." if number(outcome.value) else "is not a number: give one, such as 0.5."
        return (f"Your answer {shown(outcome.value)} {wrong}",)
    names = list(inspect.signature(exercise.reference).parameters)
    pairs = zip(names, exercise.cases[index].args, strict=False)  # what has a default may be left out
    arguments = ", ".join(f"{name}={shown(value)}" for name, value in pairs)
    came = outcome.describe(TIME_LIMIT_S) if outcome.error is not None else shown(outcome.value)
    return (f"call      {exercise.reference.__name__}({arguments})  [{exercise.cases[index].kind}]",
            f"came      {came}", f"expected  {wanted}")
