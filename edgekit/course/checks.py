"""What a learner calls in a lesson: `check` an answer, ask for a `hint`."""

import os
from collections import Counter

from edgekit.course.build import STRICT
from edgekit.course.exercises import examine, find

_given = Counter()  # hints given in this session


class CheckFailed(AssertionError):
    """A solution of the kit's own lesson that its check refuses; learners never see it."""


def check(name, answer):
    """Run the cases of exercise `name` on `answer` and print the report.

    A wrong answer does not raise, so that "Run All" goes on. While a lesson is built it does: there every
    answer is the kit's own.
    """
    report = examine(find(name), answer)
    print(report)
    if os.environ.get(STRICT) and not report.ok:
        raise CheckFailed(str(report))


def hint(name, level=None):
    """Print the next of three hints for exercise `name`, or that of `level` 1 to 3."""
    hints = find(name).hints
    if level is None:
        level = min(_given[name] + 1, len(hints))
    if level not in range(1, len(hints) + 1):
        raise ValueError(f"hint: level must be 1..{len(hints)}, got {level!r}")
    _given[name] = level
    print(f"hint {level} of {len(hints)} for {name}: {hints[level - 1]}")
