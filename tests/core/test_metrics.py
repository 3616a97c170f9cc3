"""Metrics against scikit-learn, and by hand where it has none."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from edgekit.core import metrics

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(LABELS, st.integers(5, 7))
def test_classification_equals_scikit_learn(pairs, num_classes):
    truth, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    labels = range(num_classes)
    assert metrics.accuracy(truth, predicted) == pytest.approx(sk.accuracy_score(truth, predicted), abs=1e-15)
    expected = sk.confusion_matrix(truth, predicted, labels=labels)
    assert np.array_equal(metrics.confusion(truth, predicted, num_classes), expected)
    expected = sk.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0)
    assert metrics.macro_f1(truth, predicted, num_classes) == pytest.approx(expected, abs=1e-14)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=80),
       st.sampled_from([None, 0.05, 0.1, 0.5, 0.999, 1]))
def test_auc_equals_scikit_learn_with_many_ties(pairs, max_fpr):
    truth, scores = (np.array(column) for column in zip(*pairs, strict=True))
    if truth.min() == truth.max():
        with pytest.raises(ValueError, match="auc: truth holds one class only"):
            metrics.auc(truth, scores)
        return
    expected = sk.roc_auc_score(truth, scores, max_fpr=max_fpr)
    assert metrics.auc(truth, scores, max_fpr) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=40))
def test_auc_is_the_chance_that_a_positive_wins(pairs):
    truth, scores = (np.array(column) for column in zip(*pairs, strict=True))
    if truth.min() == truth.max():
        return
    margins = scores[truth][:, None] - scores[~truth][None]
    assert metrics.auc(truth, scores) == pytest.approx(np.mean((np.sign(margins) + 1) / 2), abs=1e-12)


def test_errors_between_arrays():
    x, y = np.array([1.0, -2.0, 3.0]), np.array([1.0, -2.0, 2.0])
    assert metrics.mse(x, y) == pytest.approx(1 / 3)
    assert metrics.mae(x, y) == pytest.approx(1 / 3)
    assert metrics.sqnr_db(x, y) == pytest.approx(10 * np.log10(14))
    assert metrics.cosine(x, y) == pytest.approx(11 / np.sqrt(14 * 9))


def test_errors_of_zero_signals():
    zero, one = np.zeros(3), np.ones(3)
    assert metrics.sqnr_db(zero, zero) == float("inf") == metrics.sqnr_db(one, one)
    assert metrics.sqnr_db(zero, one) == float("-inf")
    assert (metrics.cosine(zero, zero), metrics.cosine(zero, one)) == (1.0, 0.0)


def test_small_integers_do_not_overflow():
    x, y = np.full(4, -128, np.int8), np.full(4, 127, np.int8)
    assert metrics.mse(x, y) == 255**2
    assert metrics.mae(x, y) == 255


@pytest.mark.parametrize(("call", "message"), [
    (lambda: metrics.mse([1.0], [1.0, 2.0]), r"mse: needs two arrays of one shape.*got \(1,\) and \(2,\)"),
    (lambda: metrics.sqnr_db([], []), "sqnr_db: needs two arrays"),
    (lambda: metrics.accuracy([0, 1], [0]), "accuracy: needs two lists"),
    (lambda: metrics.accuracy([0], np.array([[0.1, 0.9]])), "take argmax"),
    (lambda: metrics.accuracy([0.5], [0.5]), "labels must be integers"),
    (lambda: metrics.confusion([0, 3], [0, 1], 3), r"confusion: labels must be 0..2, got 0..3"),
    (lambda: metrics.macro_f1([-1], [0]), "got -1..0"),
    (lambda: metrics.auc([0, 1], [0.0, np.nan]), "auc: scores must be finite"),
    (lambda: metrics.auc([0, 2], [0.0, 1.0]), "auc: truth must hold 0 and 1"),
    (lambda: metrics.auc([0, 1], [0.0, 1.0], max_fpr=0), "auc: max_fpr"),
])
def test_errors_name_the_call(call, message):
    with pytest.raises(ValueError, match=message):
        call()
