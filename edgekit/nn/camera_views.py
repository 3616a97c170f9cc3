"""Many views of few scenes, each answered by a teacher as it is drawn: how thinned camera networks are healed.

    x, y = camera_healing.pictures(seed)[:2];  train(student, x, y, recipe, vary=Asked(teacher), criterion=...)

A new scene costs ten times what one step of training on it costs, and a teacher needs no label. So every step draws a
new view, moved, resized, mirrored and in another light, and asks the unpruned network what is there.
Source: Beyer et al., "Knowledge distillation: A good teacher is patient and consistent", CVPR 2022, arXiv:2106.05237.
"""

import torch

from edgekit.nn import camera_healing
from edgekit.nn.quick_net import QuickNet

SIDE = 96
SHIFT = 6  # pixels
ZOOM = 0.12  # of the logarithm of the scale
LIGHT = 0.15  # of the range: contrast and brightness
TINT = 0.08  # of a colour, in -1..1
USUAL = 0.25  # cells by which a side is usually wrong


def view(pictures, draw):
    """uint8 pictures (N, 96, 96, 3) -> network input (N, 96, 96, 3), each seen in another way.

    What lies beyond a border is mirrored in; rows and columns are repeated or left out, not mixed.
    """
    n = len(pictures)
    down, right = _walk(n, draw), _walk(n, draw)
    right = torch.where(torch.rand(n, 1, generator=draw) < 0.5, right, right.flip(1))
    everyone = torch.arange(n)[:, None, None]
    x = pictures[everyone, down[:, :, None], right[:, None, :]].float() / 128 - 1
    contrast, brightness = _around(LIGHT, (2, n, 1, 1, 1), draw)
    return (x * (1 + 2 * contrast) + 2 * brightness + _around(TINT, (n, 1, 1, 3), draw)).clamp(-1, 1)


def _walk(n, draw):
    """Which rows (or columns) are seen, in order: (n, 96) integers."""
    middle = (SIDE - 1) / 2
    scale = torch.exp(_around(ZOOM, (n, 1), draw))
    at = (torch.arange(SIDE) - middle) * scale + middle + _around(SHIFT, (n, 1), draw)
    at = at.round().long().abs()
    return torch.where(at > SIDE - 1, 2 * (SIDE - 1) - at, at)


def _around(width, shape, draw):
    """Uniform numbers in -width..width."""
    return (torch.rand(shape, generator=draw) * 2 - 1) * width


class Asked:
    """A `vary` for `train`: a new view of each picture, and (N, 1 + C) targets, its label and the teacher's answer."""

    def __init__(self, graph):
        self.teacher = QuickNet(graph).eval()

    @torch.no_grad()
    def __call__(self, pictures, y, draw):
        seen = view(pictures, draw)
        return seen, torch.cat([y[:, None].float(), self.teacher(seen).flatten(1)], dim=1)


def grid_draws(answers, draw):
    """Return v (N, G, G, 6) with E[v v^T] about the curvature of `camera_healing.imitate_grid` before it is divided.

    Centres: v = p - b, b drawn from p. Sides: |d| has no curvature, so that of d^2 / (2 USUAL), a parabola of the same
    height at d = 2 USUAL, is taken: v = ± sqrt(SIDES p / (4 USUAL)), p the surer centre of the cell.
    """
    p = torch.sigmoid(answers[..., : camera_healing.KINDS])
    centres = p - (torch.rand(p.shape, generator=draw) < p).float()
    sides = answers[..., camera_healing.KINDS:]
    signs = torch.randint(2, sides.shape, generator=draw) * 2 - 1
    spread = (camera_healing.SIDES * p.amax(-1, keepdim=True) / (sides.shape[-1] * USUAL)).sqrt()
    return torch.cat([centres, spread * signs], dim=-1)
