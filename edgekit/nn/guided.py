"""A network that names what is there, taught where it is: boxes beside labels, at any resolution."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional

from edgekit.core.detection import GRID, labelled
from edgekit.nn.camera import CenterNet
from edgekit.nn.camera_losses import camera_loss
from edgekit.nn.camera_train import RECIPE, vary
from edgekit.nn.train import seeded, train


class Guided(nn.Module):
    """A `PresenceNet` for pictures of `side` pixels and a detector on its maps, which goes when training ends.

    Pictures x (N, 3, 96, 96) are made smaller first; then the two maps of the backbone are brought to 12 x 12 and
    6 x 6, the grids of the boxes. With `side` 96 neither changes anything, and this is `nn.camera.Pair`.
    """

    def __init__(self, presence, side):
        super().__init__()
        self.presence, self.detector, self.side = presence, CenterNet(presence.backbone), side

    def forward(self, x):
        fine, coarse = self.presence.backbone(resized(x, self.side))
        grids = resized(fine, GRID), resized(coarse, GRID // 2)
        return self.presence.head(fine, coarse), self.detector.head(*grids)


def resized(x, side):
    """Maps (N, C, H, H) as (N, C, side, side): bilinear, and low-passed where they become smaller."""
    if x.shape[-1] == side:
        return x
    return functional.interpolate(x, (side, side), mode="bilinear", antialias=True, align_corners=False)


def resized_pictures(x, side):
    """`resized` for NumPy: pictures (N, 3, H, H) as (N, 3, side, side)."""
    return resized(torch.as_tensor(x), side).numpy()


def train_guided(build, side, data, recipe=RECIPE, seed=0, progress=None):
    """Return `build()`, a `PresenceNet`, trained on a camera `Dataset` as the kit's pair of networks is."""
    guided = seeded(lambda: Guided(build(), side), seed).to(memory_format=torch.channels_last)
    boxes = labelled(data.extras["boxes"], data.extras["kinds"])
    train(guided, data.x, boxes, recipe, seed, progress, partial(camera_loss, label_smoothing=recipe.label_smoothing),
          partial(vary, light=recipe.light))
    return guided.presence.eval()
