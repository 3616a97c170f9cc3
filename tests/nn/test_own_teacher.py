"""A teacher of its student's labels: which machines it hears, and that it learns them."""

import numpy as np
import pytest
import torch

from edgekit.nn import acoustic, apprentice, own_teacher
from edgekit.nn.train import outputs

SHORT = acoustic.AcousticRecipe(epochs=30, batch_size=6, label_smoothing=0.05)


@pytest.fixture
def small_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(acoustic, "TAKES", 12)
    monkeypatch.setattr(apprentice, "TAKES", 12)


def test_it_learns_the_first_machines_of_its_student_and_no_others(small_cache):
    teacher = own_teacher.own_teacher(3, 1, SHORT)
    assert sum(p.numel() for p in teacher.parameters()) == 280_047
    _, targets = apprentice.training_views(teacher, 3, units=2, views=1)
    right = (targets[:, 0, 1:].argmax(dim=1) == targets[:, 0, 0]).numpy()
    assert right[:12].mean() > 0.6
    assert right[12:].sum() == 0  # another kind of machine, whose labels it has never heard


def test_a_seed_gives_the_same_teacher_whatever_the_threads(small_cache):
    x, found, threads = torch.randn(2, *acoustic.INPUT_SHAPE), [], torch.get_num_threads()
    for count in (1, 2):
        torch.set_num_threads(count)
        found.append(outputs(own_teacher.own_teacher(0, 1, acoustic.AcousticRecipe(epochs=1)), x))
    torch.set_num_threads(threads)
    np.testing.assert_array_equal(*found)
