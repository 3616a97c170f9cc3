"""Views of scenes: moved, resized, mirrored, in another light, and answered by the teacher as they are seen."""

import numpy as np
import pytest
import torch

from edgekit import data
from edgekit.nn import camera_views, zoo
from edgekit.nn.graph_net import GraphNet
from edgekit.tasks.camera import front_end


def still(monkeypatch, **ways):
    """Turn all changes off but for those given."""
    for name in ("SHIFT", "ZOOM", "LIGHT", "TINT"):
        monkeypatch.setattr(camera_views, name, ways.get(name, 0))


def scenes(n):
    return data.load("camera", "train").x[:n]


def test_without_changes_a_view_is_the_front_ends_or_its_mirror_image(monkeypatch):
    still(monkeypatch)
    pictures = scenes(20)
    seen, plain = camera_views.view(torch.from_numpy(pictures), torch.Generator().manual_seed(0)), front_end(pictures)
    mirrored = [bool(np.array_equal(a, b[:, ::-1])) for a, b in zip(seen.numpy(), plain, strict=True)]
    assert [bool(np.array_equal(a, b)) for a, b in zip(seen.numpy(), plain, strict=True)] == [not m for m in mirrored]
    assert 3 < sum(mirrored) < 17


def test_rows_walk_once_over_the_picture_and_are_mirrored_beyond_it(monkeypatch):
    still(monkeypatch, SHIFT=6)
    rows = camera_views._walk(200, torch.Generator().manual_seed(1))
    shift = rows[:, 48] - 48
    assert shift.min() < -3
    assert shift.max() > 3
    for row, by in zip(rows, shift.tolist(), strict=True):
        line = np.arange(96) + by
        wanted = np.where(line < 0, -line, np.where(line > 95, 190 - line, line))
        np.testing.assert_array_equal(row, wanted)


def test_zoom_keeps_to_its_range_and_to_the_picture():
    rows = camera_views._walk(500, torch.Generator().manual_seed(2))
    assert rows.min() >= 0
    assert rows.max() <= 95
    scale = (rows[:, 64] - rows[:, 32]) / 32.0
    assert float(scale.min()) > np.exp(-0.12) - 0.05
    assert float(scale.max()) < np.exp(0.12) + 0.05
    assert float(scale.std()) > 0.03


def test_one_generator_gives_one_view_and_light_stays_in_range():
    pictures = torch.from_numpy(scenes(8))
    one, two = (camera_views.view(pictures, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, two)
    assert one.shape == (8, 96, 96, 3)
    assert float(one.abs().max()) <= 1
    assert not torch.equal(one, camera_views.view(pictures, torch.Generator().manual_seed(4)))


@pytest.mark.parametrize(("name", "size"), [("camera-presence-v1", 4), ("camera-detect-v1", 864)])
def test_the_teacher_answers_the_view_that_the_student_sees(name, size):
    graph, pictures, labels = zoo.load(name), torch.from_numpy(scenes(5)), torch.arange(5)
    seen, targets = camera_views.Asked(graph)(pictures, labels, torch.Generator().manual_seed(5))
    assert targets.shape == (5, 1 + size)
    assert targets[:, 0].tolist() == [0, 1, 2, 3, 4]
    wanted = GraphNet(graph)(seen).detach().flatten(1)
    torch.testing.assert_close(targets[:, 1:], wanted)


def test_draws_of_the_grid_have_the_curvature_of_its_loss():
    """Centres p (1 - p), each for itself; sides half of p, spread over four, by a quarter of a cell."""
    logits = torch.logit(torch.tensor([0.2, 0.6]))
    answers = torch.cat([logits, torch.zeros(4)]).repeat(20_000, 1, 1, 1)
    v = camera_views.grid_draws(answers, torch.Generator().manual_seed(6)).reshape(-1, 6).double()
    wanted = np.diag([0.16, 0.24, *[0.5 * 0.6 / 4 / 0.25] * 4])
    np.testing.assert_allclose(v.T @ v / len(v), wanted, atol=0.01)
