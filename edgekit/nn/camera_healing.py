"""How thinned camera networks are healed: generated scenes, mirrored and relit, and the unpruned network's answers.

    pictures(seed)              (scenes, labels, how to see them), as `pruned_nets.School` takes them
    imitate_grid(answers, targets)      the loss of the detector; no box is looked at
"""

from functools import lru_cache

import numpy as np
import torch
from torch.nn import functional

from edgekit import data
from edgekit.core.detection import GRID
from edgekit.data.synthetic.camera import training_scenes
from edgekit.nn import camera_train

SCENES = 800
KINDS = 2
SIDES = 0.5  # weight of the sides beside the centres


@lru_cache(1)
def _scenes(seed):
    """(pictures, labels): the embedded training split, and `SCENES` more; the shipped models know those of seed 0."""
    parts = data.load("camera", "train"), training_scenes(SCENES, camera_train.DATA_SEED + 1 + seed)
    return np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts])


def pictures(seed):
    """Scenes that no shipped network was trained on, what is in them, and how they are varied."""
    return *_scenes(seed), see


def see(pictures, y, draw):
    """Mirror half of the pictures and change their light, as in the first training: (N, 96, 96, 3) in -1..1."""
    boxes = torch.zeros(len(pictures), 1, 5)  # none is looked at
    return camera_train.vary(pictures, boxes, draw, camera_train.RECIPE.light)[0].movedim(1, -1), y


def imitate_grid(answers, targets):
    """Distance of flat answers (N, G G 6) to the teacher's, `targets` (N, 1 + G G 6) as `distill.taught` makes them.

    Centres: cross-entropy with the teacher's p = sigmoid(logit) as a soft label, less its own entropy. Sides: their
    absolute difference, where p is large. Both are summed over the cells and divided by the centres seen, sum of p.
    """
    ours, theirs = (flat.reshape(len(flat), GRID, GRID, -1) for flat in (answers, targets[:, 1:]))
    p = torch.sigmoid(theirs[..., :KINDS])
    centres = _cross_entropy(ours[..., :KINDS], p) - _cross_entropy(theirs[..., :KINDS], p)
    surest = p.amax(-1)
    sides = ((ours[..., KINDS:] - theirs[..., KINDS:]).abs().mean(-1) * surest).sum()
    return (centres + SIDES * sides) / surest.sum().clamp(min=1.0)


def _cross_entropy(logits, p):
    return functional.binary_cross_entropy_with_logits(logits, p, reduction="sum")
