"""A thinned detector imitates the whole one: the loss is 0 at its answers and rises where a centre is."""

import numpy as np
import pytest
import torch

from edgekit import data
from edgekit.data.pictures import to_codes
from edgekit.nn import camera_healing
from edgekit.tasks.camera import front_end


def targets(p, side=1.0):
    """One picture: centres of the first kind with these chances in the first cells, all sides equal."""
    grid = torch.zeros(1, 12, 12, 6)
    grid[..., :2] = -20.0
    grid[0, 0, : len(p), 0] = torch.logit(torch.tensor(p))
    grid[..., 2:] = side
    return torch.cat([torch.zeros(1, 1), grid.flatten(1)], dim=1)


def test_the_loss_by_hand():
    theirs = targets([0.5])
    answers = theirs[:, 1:].clone()
    assert float(camera_healing.imitate_grid(answers, theirs)) == pytest.approx(0, abs=1e-6)
    moved = answers.reshape(1, 12, 12, 6).clone()
    moved[0, 0, 0, 2:] += 0.4  # sides of the one cell that holds half a centre: 0.5 x 0.5 x 0.4
    assert float(camera_healing.imitate_grid(moved.flatten(1), theirs)) == pytest.approx(0.1, abs=1e-5)
    moved = answers.reshape(1, 12, 12, 6).clone()
    moved[0, 5, 5, 2:] += 9.0  # sides of an empty cell
    assert float(camera_healing.imitate_grid(moved.flatten(1), theirs)) == pytest.approx(0, abs=1e-5)
    moved[0, 0, 0, 0] = np.log(3)  # says 3/4 where half is right: KL(1/2, 3/4)
    wanted = 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)
    assert float(camera_healing.imitate_grid(moved.flatten(1), theirs)) == pytest.approx(wanted, abs=1e-5)


def test_scenes_are_seen_as_the_front_end_shows_them(monkeypatch):
    few = data.load("camera", "train").subset(np.arange(6))
    monkeypatch.setattr(camera_healing, "_scenes", lambda seed: (few.x, few.y))
    x, y, see = camera_healing.pictures(3)
    seen, labels = see(torch.from_numpy(x), torch.from_numpy(y), torch.Generator().manual_seed(0))
    assert seen.shape == (6, 96, 96, 3)
    assert labels.tolist() == y.tolist()
    whole = torch.from_numpy(front_end(to_codes(x)))
    for one, plain in zip(seen, whole, strict=True):
        apart = [float(torch.corrcoef(torch.stack([one.flatten(), way.flatten()]))[0, 1]) for way in
                 (plain, plain.flip(1))]
        assert max(apart) > 0.9  # the picture or its mirror image, in another light
