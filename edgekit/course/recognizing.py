"""When two results are the same, and which known misconception a wrong answer holds."""

import numpy as np

CLOSE = 1e-6  # relative: float32 results of the same formula, ordered differently, agree to this
NEAR = 0.01  # relative: what is foretold is often rounded, so a known wrong value counts within this


def same(value, expected, tolerance=0.0, equal_nan=True) -> bool:
    """Whether `value` has the shape of `expected` and lies within `tolerance` of it (and 1e-6 relative) everywhere."""
    if isinstance(expected, tuple):
        fits = isinstance(value, (tuple, list)) and len(value) == len(expected)
        return fits and all(same(a, b, tolerance, equal_nan) for a, b in zip(value, expected, strict=True))
    try:
        value, expected = np.asarray(value, np.float64), np.asarray(expected, np.float64)
    except (TypeError, ValueError):
        return False
    if value.shape != expected.shape:
        return False
    return bool(np.allclose(value, expected, rtol=CLOSE, atol=tolerance, equal_nan=equal_nan))


def recognize(others, outcomes, failed) -> str | None:
    """The mutant that gives what the answer gave in the first failed case, and in the most cases of all.

    `others` maps its name to its outcomes and its failed cases. Of these the answer must share half, one of them by its
    value: who holds a misconception meets it wherever it matters, while errors and NaN have many causes.
    """
    best, best_score = None, 0
    for name, (other, wrong) in others.items():
        same_here = [(index not in failed and index not in wrong) or alike(*pair)  # both right, or wrong in one way
                     for index, pair in enumerate(zip(outcomes, other, strict=True))]
        shared = [index for index in wrong if same_here[index]]
        telling = 2 * len(shared) >= len(wrong) and any(_finite(outcomes[index]) for index in shared)
        if sum(same_here) > best_score and failed[0] in shared and (telling or all(same_here)):
            best, best_score = name, sum(same_here)
    return best


def alike(one, other) -> bool:
    """Whether two outcomes are the same value or the same kind of error."""
    if one.error is not None or other.error is not None:
        return type(one.error) is type(other.error) and not one.timed_out
    return one.changed == other.changed and same(one.value, other.value)


def nearest(answers, value) -> str | None:
    """The name of the wrong answer that lies nearest to a value foretold, within 1 %: it may be rounded, or not.

    >>> nearest({"root": 0.5**0.5, "half": 0.5}, 0.71)
    'root'
    """
    found = None, NEAR
    for name, answer in answers.items():
        if same(value, answer):
            return name
        if number(value) and np.isfinite(answer) and answer:
            found = min(found, (name, abs(float(value) / answer - 1)), key=lambda pair: pair[1])
    return found[0]


def number(value) -> bool:
    """Whether a value is one number.

    >>> [number(value) for value in (3, 0.5, "3", [3])]
    [True, True, False, False]
    """
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf"


def _finite(outcome):
    return outcome.error is None and same(outcome.value, outcome.value, equal_nan=False)
