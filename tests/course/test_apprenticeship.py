"""What both studies of the apprentice have in common: seeds that nobody used, and a config that says what is done."""

from edgekit.course import apprenticeship, teaching
from edgekit.course.study_defs import distillation_acoustic, distillation_first
from edgekit.nn import apprentice
from edgekit.nn.distill import Distillation
from edgekit.nn.train import Recipe

PLAN = apprenticeship.Plan(40, 7, 3, Recipe(5, 6, 0.01, 0.02, 0.5), Distillation(2.0, 0.25), 0.03, 2)


def test_a_row_trains_what_the_plan_says(monkeypatch):
    monkeypatch.setattr(apprentice, "training_views", lambda _, *drawn: drawn)
    monkeypatch.setattr(teaching, "row", lambda *given: given[4:])
    assert PLAN.row(2) == ((42, 7, 3), PLAN.recipe, PLAN.loss, 42, 0.03, 2)


def test_config_says_it_in_plain_values():
    said = PLAN.config()
    assert said["seed"].endswith("from 40 on")
    literal = {"units": 7, "views": 3, "epochs": 5, "batch_size": 6, "learning_rate": 0.01, "weight_decay": 0.02,
               "average": 0.0, "epochs_alone_short": 2, "temperature": 2.0, "alpha": 0.25,
               "label_smoothing": "0.03 without the teacher"}
    assert {name: said[name] for name in literal} == literal


def test_the_second_study_draws_what_the_first_did_not():
    drawn = [{one.PLAN.first + seed for seed in one.STUDY.seeds} for one in (distillation_first, distillation_acoustic)]
    assert not drawn[0] & drawn[1]
    assert min(map(min, drawn)) >= 100  # what was tuned used seeds below
