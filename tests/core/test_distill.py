"""The distillation loss by hand, its gradient by finite differences and by torch, and what temperature does."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import rel_entr
from torch.nn import functional

from edgekit.core import distill


def drawn(seed, examples=5, classes=4, spread=3.0):
    rng = np.random.default_rng(seed)
    teacher, student = spread * rng.normal(size=(2, examples, classes))
    return student, teacher, rng.integers(0, classes, examples)


FORMS = [(squared, soft) for squared in (True, False) for soft in (True, False)]
SEEDS, TEMPERATURES, ALPHAS = st.integers(0, 2**32 - 1), st.floats(0.5, 20), st.floats(0, 1)


def test_by_hand():
    """Teacher (3/4, 1/4) at T = 2, student undecided: KL = 3/4 ln(3/2) + 1/4 ln(1/2)."""
    teacher, student = np.array([[2 * np.log(3.0), 0.0]]), np.zeros((1, 2))
    divergence = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    assert distill.kl(teacher, student, 2.0) == pytest.approx(divergence, rel=1e-12)
    expected = 0.3 * np.log(2) + 0.7 * 4 * divergence
    assert distill.loss(student, teacher, np.array([0]), 2.0, 0.3) == pytest.approx(expected, rel=1e-12)
    unscaled = distill.loss(student, teacher, np.array([0]), 2.0, 0.3, squared=False)
    assert unscaled == pytest.approx(0.3 * np.log(2) + 0.7 * divergence, rel=1e-12)


def test_soft_labels_soften_the_student_in_the_cross_entropy():
    student = np.array([[2 * np.log(3.0), 0.0]])
    assert distill.loss(student, student, np.array([0]), 2.0, 1.0) == pytest.approx(np.log(10 / 9))
    assert distill.loss(student, student, np.array([0]), 2.0, 1.0, soft_labels=True) == pytest.approx(np.log(4 / 3))


@given(SEEDS, TEMPERATURES)
def test_kl_is_what_scipy_sums_and_zero_only_for_equals(seed, temperature):
    student, teacher, _ = drawn(seed)
    theirs, ours = (distill.softened(z, temperature) for z in (teacher, student))
    value = distill.kl(teacher, student, temperature)
    assert value == pytest.approx(rel_entr(theirs, ours).sum(axis=1).mean(), rel=1e-6, abs=1e-12)
    assert value >= 0
    assert distill.kl(teacher, teacher + 3.0, temperature) == pytest.approx(0, abs=1e-12)


@given(SEEDS, st.floats(0.5, 5), st.floats(1.05, 4))
def test_temperature_keeps_the_order_and_raises_entropy(seed, temperature, factor):
    z = drawn(seed)[0]
    cool, warm = distill.softened(z, temperature), distill.softened(z, temperature * factor)
    np.testing.assert_array_equal(np.argsort(cool), np.argsort(warm))
    entropy = lambda p: rel_entr(p, 1).sum(axis=1)  # noqa: E731 minus the entropy
    assert (entropy(warm) < entropy(cool)).all()


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20)
@given(seed=SEEDS, temperature=TEMPERATURES, alpha=ALPHAS)
def test_the_gradient_is_the_slope_of_the_loss(form, seed, temperature, alpha):
    """Central differences of step h: error h^2 f''' / 6 from the series, eps |L| / h from rounding."""
    student, teacher, labels = drawn(seed, 3, 3)
    value = lambda z: distill.loss(z, teacher, labels, temperature, alpha, *form)  # noqa: E731
    step, slope = 1e-5, np.zeros_like(student)
    for place in np.ndindex(student.shape):
        nudge = np.zeros_like(student)
        nudge[place] = step
        slope[place] = (value(student + nudge) - value(student - nudge)) / (2 * step)
    rounding = 8 * np.finfo(float).eps * (1 + value(student)) * 400 / step
    found = distill.gradient(student, teacher, labels, temperature, alpha, *form)
    np.testing.assert_allclose(found, slope, atol=rounding, rtol=1e-6)


@pytest.mark.parametrize("form", FORMS)
@given(seed=SEEDS, temperature=TEMPERATURES, alpha=ALPHAS)
def test_the_gradient_is_that_of_torch(form, seed, temperature, alpha):
    """Against the loss written with torch's functions in float64 here, not against `nn.distill`."""
    student, teacher, labels = drawn(seed)
    squared, soft = form
    z = torch.tensor(student, requires_grad=True)
    hard = functional.cross_entropy(z / temperature if soft else z, torch.tensor(labels))
    divergence = functional.kl_div(torch.log_softmax(z / temperature, 1),
                                   torch.softmax(torch.tensor(teacher) / temperature, 1), reduction="batchmean")
    total = alpha * hard + (1 - alpha) * (temperature**2 if squared else 1) * divergence
    total.backward()
    assert distill.loss(student, teacher, labels, temperature, alpha, *form) == pytest.approx(total.item(), rel=1e-9)
    found = distill.gradient(student, teacher, labels, temperature, alpha, *form)
    np.testing.assert_allclose(found, z.grad.numpy(), atol=1e-10)


def test_a_hot_student_regresses_logits():
    """T -> infinity: the soft part becomes ((z_S - mean) - (z_T - mean)) / (N C) (Hinton et al. 2015, section 2.1)."""
    student, teacher, labels = drawn(0)
    centred = [z - z.mean(axis=1, keepdims=True) for z in (student, teacher)]
    found = distill.gradient(student, teacher, labels, temperature=1e4, alpha=0.0)
    np.testing.assert_allclose(found, (centred[0] - centred[1]) / student.size, rtol=0, atol=1e-4)
    lost = distill.gradient(student, teacher, labels, temperature=1e4, alpha=0.0, squared=False)
    np.testing.assert_allclose(1e8 * lost, found, atol=1e-9)


def test_extreme_logits_stay_finite():
    z = np.array([[1e6, -1e6, 0.0]])
    assert np.isfinite(distill.loss(z, -z, np.array([1]), 0.5, 0.5))
    assert np.isfinite(distill.gradient(z, -z, np.array([1]), 0.5, 0.5)).all()


def test_relations_by_hand_ignore_scale_place_and_width():
    teacher = np.array([[0.0], [1.0], [4.0]])  # distances 1, 4, 3: mean 8/3
    student = np.array([[0.0, 0.0], [0.0, 2.0], [0.0, 4.0]])  # 2, 4, 2: mean 8/3
    expected = np.mean(np.square([3 / 8, 0.0, 3 / 8])) / 2
    assert distill.distance_relation(student, teacher) == pytest.approx(expected)
    assert distill.distance_relation(7 + 5 * student, teacher) == pytest.approx(expected)
    far = np.array([[0.0], [0.0], [0.0], [0.0], [9.0]])  # 6 distances of 0, 4 of 2.5; even ones of 1: 6 of 1, 4 of 1.5
    assert distill.distance_relation(far, np.eye(5)) == pytest.approx((6 * 0.5 + 4 * (1.5 - 0.5)) / 10)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: distill.softened([[1.0]], 0), "softened: temperature must be above 0 and finite, got 0; 1 leaves"),
    (lambda: distill.softened([1.0]), r"softened: logits must be finite numbers \(N, C\), got shape \(1,\); give what"),
    (lambda: distill.softened([[np.nan]]), "softened: logits must be finite"),
    (lambda: distill.cross_entropy([2], [[1.0, 2.0]]), r"cross_entropy: labels must be 0..1, got 2..2"),
    (lambda: distill.cross_entropy([0.0], [[1.0, 2.0]]), r"labels must be integers \(1,\), got float64 \(1,\)"),
    (lambda: distill.loss([[1.0]], [[1.0]], [0], alpha=1.5), r"loss: alpha must be 0..1, the weight of the labels"),
    (lambda: distill.gradient([[1.0]], [[1.0, 2.0]], [0]), r"gradient: teacher and student need one shape"),
    (lambda: distill.hint([[1.0]], [[1.0, 2.0]]), "hint: teacher and student need one shape.*linear adapter"),
    (lambda: distill.distance_relation([[1.0]], [[1.0]]), r"distance_relation: features must be \(N, C\) with N of 2"),
])
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
