"""Few labels, many recordings: who gets which rows, as many steps for the control, and what a row holds."""

import numpy as np
import pytest
import torch

from edgekit.core.metrics import macro_f1
from edgekit.course import fresh_machines, teaching, unlabelled
from edgekit.course.study_defs import distillation_acoustic, distillation_first, distillation_unlabelled
from edgekit.nn import acoustic, apprentice
from edgekit.nn.distill import LabelsOnly
from edgekit.nn.partly_labelled import NO_LABEL, PartlyLabelled
from edgekit.nn.train import Recipe

PLAN = unlabelled.Plan(40, 2, 6, 1, Recipe(5, 64, 0.01, 0.02), PartlyLabelled(2.0, 0.25), 0.03, 3)


@pytest.fixture
def seen(monkeypatch):
    """What each student is given, in place of its training."""
    given = []
    data = torch.rand(6 * acoustic.TAKES, 1, 4), torch.ones(6 * acoustic.TAKES, 1, 16)
    monkeypatch.setattr(apprentice, "training_views", lambda teacher, *drawn: (given.append(drawn), data)[1])
    monkeypatch.setattr(teaching, "student_of", lambda build, *rest: (given.append(rest), len(given))[1])
    return given


def test_labels_of_the_first_machines_and_no_others(seen):
    networks = PLAN.networks(41)
    drawn, distilled, alone, short = seen
    assert list(networks) == list(unlabelled.NETWORKS)
    assert drawn == (41, 6, 1)
    labels = distilled[0][1][..., 0]
    first = 2 * acoustic.TAKES
    assert (labels[:first] == 1).all()
    assert (labels[first:] == NO_LABEL).all()
    assert [len(one[0][0]) for one in (distilled, alone, short)] == [6 * acoustic.TAKES, first, first]
    assert [one[2] for one in (distilled, alone, short)] == [PLAN.loss, LabelsOnly(0.03), LabelsOnly(0.03)]
    assert [one[1].epochs for one in (distilled, alone, short)] == [5, PLAN.longer, 3]
    assert {one[3] for one in (distilled, alone, short)} == {41}


@pytest.mark.parametrize(("labelled", "units", "epochs", "longer"), [(2, 6, 5, 15), (100, 300, 13, 39), (6, 6, 4, 4)])
def test_the_control_has_at_least_as_many_steps(labelled, units, epochs, longer):
    """Rows are 24 a machine, batches 64: 48 rows are 1 batch, 144 are 3; 2,400 are 38, and 7,200 are 113."""
    plan = unlabelled.Plan(0, labelled, units, 1, Recipe(epochs, 64), PLAN.loss, 0.0, 1)
    assert plan.longer == longer


def test_a_row_holds_what_is_declared_and_differences_are_those_of_its_scores(monkeypatch):
    rng = np.random.default_rng(0)
    unit = np.repeat(np.arange(10), 9)
    y = 3 * (unit % 5) + np.arange(90) % 3
    heard = fresh_machines.Heard(rng.normal(size=(90, 32, 40, 1)).astype(np.float32), y, unit)
    right = {share: np.where(rng.random(90) < share, y, 0) for share in (0.9, 0.7, 0.5, 0.3)}
    answers = {share: np.eye(15, dtype=np.float32)[one] for share, one in right.items()}
    monkeypatch.setattr(teaching, "answers", lambda network, shape, x: answers.get(network, answers[0.9]))
    monkeypatch.setattr(unlabelled.Plan, "networks", lambda self, seed: dict(
        zip(unlabelled.NETWORKS, answers, strict=True)))
    monkeypatch.setattr(fresh_machines, "fresh", lambda: heard)
    monkeypatch.setattr(fresh_machines, "sealed", lambda: heard)
    row = PLAN.row(0)
    assert set(row) == set(unlabelled.tolerances())
    assert row["distilled"] == pytest.approx(macro_f1(y, answers[0.7].argmax(axis=1), 15))
    assert row["gain"] == pytest.approx(100 * (row["distilled"] - row["alone"]))
    assert row["gain_short"] == pytest.approx(100 * (row["distilled"] - row["alone_short"]))
    assert row["gap"] == pytest.approx(100 * (row["teacher"] - row["distilled"]))
    assert row["gap_se"] > 0
    assert all(row[name + "_test"] == row[name] for name in (*unlabelled.NETWORKS, *teaching.PAIRS))


def test_config_says_it_in_plain_values():
    said = PLAN.config()
    literal = {"teacher": unlabelled.SHIPPED, "units_with_labels": 2, "units": 6, "views": 1, "epochs": 5,
               "epochs_alone": 15, "epochs_alone_short": 3, "temperature": 2.0, "alpha": 0.25,
               "label_smoothing": "0.03 without the teacher"}
    assert {name: said[name] for name in literal} == literal
    assert said["seed"].endswith("from 40 on")


def test_both_teachers_are_asked_for_the_machines_with_labels(monkeypatch):
    monkeypatch.setitem(unlabelled.TEACHERS, unlabelled.OWN, lambda seed, labelled: (seed, labelled))
    assert unlabelled.TEACHERS[unlabelled.OWN](7, 2) == (7, 2)
    shipped = unlabelled.TEACHERS[unlabelled.SHIPPED](7, 2)
    for one, other in zip(shipped.parameters(), apprentice.teacher().parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_seeds_that_no_study_of_the_apprentice_has_drawn():
    others = {one.PLAN.first + seed for one in (distillation_first, distillation_acoustic) for seed in range(5)}
    drawn = {distillation_unlabelled.PLAN.first + seed for seed in distillation_unlabelled.STUDY.seeds}
    assert not drawn & others
    assert min(drawn) >= 100  # what was tuned used seeds below
