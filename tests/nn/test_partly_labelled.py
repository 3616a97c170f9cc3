"""The loss of a batch in which some have no label: by hand, against core, and what no label can reach."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import distill as core
from edgekit.nn.distill import Distillation, LabelsOnly
from edgekit.nn.partly_labelled import NO_LABEL, PartlyLabelled, hide_labels


def drawn(seed, examples=7, classes=5):
    rng = np.random.default_rng(seed)
    student, teacher = 3 * rng.normal(size=(2, examples, classes))
    return student, teacher, rng.integers(0, classes, examples)


def rows(labels, teacher):
    return torch.tensor(np.column_stack([labels, teacher]))


def test_by_hand():
    """At T = 2 the teacher says 3/4 and 1/4 to both; the student cannot decide; one of the two has a label."""
    teacher = np.array([[2 * np.log(3), 0.0]] * 2)
    kl = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    value = PartlyLabelled(2.0, 0.25)(torch.zeros(2, 2, dtype=float), rows([0, NO_LABEL], teacher))
    assert value.item() == pytest.approx(0.25 * np.log(2) + 0.75 * 4 * kl)


@given(st.integers(0, 2**31), st.integers(0, 7), st.floats(0.0, 1.0), st.sampled_from([1.0, 2.5, 4.0]))
def test_labels_where_there_are_some_the_teacher_everywhere(seed, known, alpha, temperature):
    student, teacher, labels = drawn(seed)
    order = np.random.default_rng(seed).permutation(7)
    hidden = np.where(order < known, labels, NO_LABEL)
    hard = core.cross_entropy(labels[order < known], student[order < known]) if known else 0.0
    expected = alpha * hard + (1 - alpha) * temperature**2 * core.kl(teacher, student, temperature)
    value = PartlyLabelled(temperature, alpha)(torch.tensor(student), rows(hidden, teacher))
    assert value.item() == pytest.approx(expected, abs=1e-9)


def test_with_all_labels_it_is_distillation():
    student, teacher, labels = drawn(1)
    args = torch.tensor(student), rows(labels, teacher)
    torch.testing.assert_close(PartlyLabelled(3.0, 0.4)(*args), Distillation(3.0, 0.4)(*args))


def test_slopes_reach_the_student_alone_and_labels_only_their_own_rows():
    student, teacher, labels = drawn(2)
    labels[3:] = NO_LABEL
    z, targets = torch.tensor(student, requires_grad=True), rows(labels, teacher).requires_grad_()
    PartlyLabelled(4.0, 1.0)(z, targets).backward()
    assert (z.grad[:3] != 0).all()
    assert (z.grad[3:] == 0).all()
    assert targets.grad is None or (targets.grad == 0).all()


def test_hidden_labels_are_gone_the_rest_stays_and_so_does_the_original():
    views, targets = torch.arange(24.0).reshape(4, 2, 3), torch.arange(24.0).reshape(4, 2, 3)
    before = targets.clone()
    seen, hidden = hide_labels((views, targets), 3)
    assert seen is views
    assert hidden[..., 0].tolist() == [[0, 3], [6, 9], [12, 15], [NO_LABEL] * 2]
    torch.testing.assert_close(hidden[..., 1:], before[..., 1:])
    torch.testing.assert_close(targets, before)
    with pytest.raises(IndexError):  # who trains with labels alone must not be given rows without
        LabelsOnly()(torch.zeros(2, 2), hidden[3])


@pytest.mark.parametrize("first", [-1, 5])
def test_more_rows_than_there_are_is_refused(first):
    with pytest.raises(ValueError, match=f"first must be 0..4.* got {first}"):
        hide_labels((torch.zeros(4, 1, 3), torch.zeros(4, 1, 3)), first)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"a label and 3 logits .* got shape \(2, 3\)"):
        PartlyLabelled()(torch.zeros(2, 3), torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"PartlyLabelled: alpha must be 0..1, .* got 1.5"):
        PartlyLabelled(alpha=1.5)
