"""The distilled student: a tenth of its teacher, taught with the answers to its own views, as the study says."""

import numpy as np
import pytest
import torch

from edgekit.course.study_defs import distillation_acoustic
from edgekit.nn import acoustic, apprentice
from edgekit.nn.distill import kl
from edgekit.nn.train import Recipe, outputs


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def test_a_tenth_of_the_teacher():
    assert 10 * parameters(apprentice.build()) <= parameters(acoustic.teacher())
    assert parameters(apprentice.build()) == 27_918


@pytest.fixture
def small_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))


def test_it_comes_to_answer_as_its_teacher_does(small_cache):
    losses, sizes = [], {"units": 3, "views": 2}
    recipe = Recipe(epochs=10, batch_size=12, learning_rate=6e-3)
    student = apprentice.train_apprentice(3, lambda *step: losses.append(step[2]), recipe, **sizes)
    assert losses[-1] < 0.6 * losses[0]
    assert all(weight.is_contiguous() for weight in student.parameters())
    views, targets = apprentice.training_views(apprentice.teacher(), 3, **sizes)
    assert views.shape == (3 * acoustic.TAKES, 2, *acoustic.INPUT_SHAPE)
    x, theirs = views[:, 0], targets[:, 0, 1:]
    np.testing.assert_allclose(outputs(apprentice.teacher(), x), theirs, atol=1e-4)
    far = kl(theirs, torch.as_tensor(outputs(apprentice.build(), x)), 4.0)
    assert kl(theirs, torch.as_tensor(outputs(student, x)), 4.0) < 0.6 * far


def test_what_ships_is_what_the_study_confirmed():
    plan = distillation_acoustic.PLAN
    assert (plan.recipe, plan.loss) == (apprentice.RECIPE, apprentice.LOSS)
    assert (plan.units, plan.views) == (apprentice.UNITS, apprentice.VIEWS)
