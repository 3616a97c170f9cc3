"""What the studies of distillation compare: the same student, the same views, another loss."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.core.metrics import accuracy
from edgekit.course import teaching
from edgekit.nn.distill import Distillation, LabelsOnly, taught
from edgekit.nn.train import Recipe


class Sign(nn.Module):
    """A teacher that knows the rule: class 1 where the first number is positive."""

    def forward(self, x):
        first = x.reshape(len(x), -1)[:, 0]
        return torch.stack([-4 * first, 4 * first], dim=1)


def build():
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 2))


@pytest.fixture
def task():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(200, 1, 6, 1)).astype(np.float32)
    return SimpleNamespace(kind="class", inputs=lambda split, purpose: (x, (x[:, 0, 0, 0] > 0).astype(int)),
                           read=lambda x, z: z.argmax(axis=1), metric=accuracy)


def test_a_row_holds_what_is_declared_and_differences_are_those_of_its_scores(task):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 1, 6)).astype(np.float32)
    wrong = rng.integers(0, 2, 60)  # labels that say nothing: whoever learns the rule has it from the teacher
    data = taught(Sign(), x, wrong)
    recipe = Recipe(epochs=20, batch_size=20, learning_rate=0.1)
    row = teaching.row(task, Sign(), build, (1, 6), data, recipe, Distillation(2.0, 0.0), 3, 0.0, shorter=2)
    assert set(row) == set(teaching.tolerances(shorter=True))
    assert row["teacher"] == 1.0
    assert row["distilled"] > 0.9 > row["alone"]
    assert row["gain"] == pytest.approx(100 * (row["distilled"] - row["alone"]))
    assert row["gain_short"] == pytest.approx(100 * (row["distilled"] - row["alone_short"]))
    assert row["gap"] == pytest.approx(100 * (row["teacher"] - row["distilled"]))
    assert 0 < row["gain_se"] < 10
    without = teaching.row(task, Sign(), build, (1, 6), data, recipe, Distillation(2.0, 0.0), 3, 0.0)
    assert set(without) == set(teaching.tolerances())
    assert {key: row[key] for key in without} == without


def test_students_of_one_seed_start_alike_and_see_the_same(task):
    data = taught(Sign(), np.ones((8, 1, 6), np.float32), np.ones(8, int))
    recipe = Recipe(epochs=1, batch_size=8, learning_rate=1e-9, weight_decay=0.0)
    one, other = (teaching.student_of(build, data, recipe, loss, 4) for loss in (LabelsOnly(), Distillation()))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("shape", "x"), [((1, 6), (3, 1, 6, 1)), ((2, 4, 5), (3, 4, 5, 2))])
def test_inputs_of_the_task_are_turned_to_what_the_network_takes(shape, x):
    values = np.arange(np.prod(x), dtype=np.float32).reshape(x)
    found = teaching.answers(nn.Flatten(), shape, values)
    np.testing.assert_array_equal(found.reshape(3, *shape), np.moveaxis(values, -1, 1).reshape(3, *shape))
