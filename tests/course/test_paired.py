"""The standard error of a paired difference: against theory where there is one, and the judges against their tasks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit import tasks
from edgekit.core.metrics import accuracy
from edgekit.course.paired import Judge, interval, judge, standard_error
from edgekit.course.studies import Study
from edgekit.graph.run import predict
from edgekit.nn import zoo

COUNT = 400


def of(right):
    return Judge(len(right), lambda chosen: 100 * accuracy(np.ones(len(chosen), int), right[chosen].astype(int)))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.0, 0.2))
def test_the_error_is_that_of_the_mean_of_paired_differences(seed, flips):
    """For accuracy the difference is a mean of d in {-1, 0, 1}: its standard error is sd(d) / sqrt(n).

    The spread of 400 draws lies within 4 / sqrt(2 * 399) = 14 % of it, but once in 16,000.
    """
    rng = np.random.default_rng(seed)
    a = rng.random(COUNT) < 0.8
    b = a ^ (rng.random(COUNT) < flips)
    expected = 100 * (a.astype(float) - b).std() / np.sqrt(COUNT)
    assert standard_error(of(a), of(b), resamples=400) == pytest.approx(expected, rel=0.15, abs=1e-12)


def test_equal_answers_leave_no_doubt():
    right = np.arange(COUNT) % 3 > 0
    assert standard_error(of(right), of(right)) == 0


def test_judges_of_different_examples_are_refused():
    with pytest.raises(ValueError, match="same examples, got 3 and 4"):
        standard_error(of(np.ones(3)), of(np.ones(4)))


@pytest.mark.parametrize("name", [name for name in tasks.TASKS if tasks.get(name).shipped in zoo.names()])
def test_a_judge_gives_the_metric_of_its_task(name):
    task = tasks.get(name)
    x, y = task.inputs("val")
    few = len(x) if task.kind == "anomaly" else 80  # areas need both kinds in every unit
    x, y = x[:few], y[:few]
    answers = predict(zoo.load(task.shipped), x)
    judged = judge(task, x, y, answers)
    assert judged.whole() == pytest.approx(100 * task.score(y, x, answers), abs=1e-9)
    worse = judge(task, x, y, answers[::-1].copy())
    assert judged.whole() > worse.whole()
    assert standard_error(judged, worse, resamples=10) > 0


def study_of(values, errors):
    return Study("s", "?", "", tuple(range(len(values))), {"d": values, "d_se": errors}, {}, {}, 1, {}, {})


def test_the_interval_is_that_of_the_examples_when_all_seeds_agree():
    assert interval(study_of([0.5] * 5, [0.1] * 5), "d") == pytest.approx((0.5 - 0.196, 0.5 + 0.196))


def test_the_interval_covers_seeds_and_examples():
    """Seeds that share their examples: value = common error + own error. In 300 tries 95 % hold the truth, here 1."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        values = 1 + 0.2 * rng.standard_normal() + 0.1 * rng.standard_normal(5)
        low, high = interval(study_of(values.tolist(), [np.hypot(0.2, 0.1)] * 5), "d")
        held += low <= 1 <= high
    assert held >= 0.92 * 300  # 2.4 standard deviations below 95 %
