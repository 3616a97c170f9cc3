"""What the camera networks are trained to lower: cross entropy, focal loss on the centres, 1 - IoU on the boxes."""

import numpy as np
import torch
from torch.nn import functional

from edgekit.core.detection import grid_targets


def camera_loss(answers, boxes, label_smoothing=0.02):
    """Loss of (presence logits (N, 4), grid (N, 6, 12, 12)) against `boxes` (N, K, 5) as
    `core.detection.labelled` gives them."""
    logits, grid = answers
    presence = functional.cross_entropy(logits, presence_of(boxes), label_smoothing=label_smoothing)
    return presence + detection_loss(grid, boxes)


def presence_of(boxes):
    """The label of each picture from its boxes (N, K, 5): 0 empty, 1 person, 2 vehicle, 3 both."""
    return (boxes[..., 0] == 0).any(1).long() + 2 * (boxes[..., 0] == 1).any(1).long()


def detection_loss(grid, boxes):
    """Focal loss of the centres plus `overlap_loss` of the cells that hold one, per box, of a grid (N, C + 4, G, G)."""
    numbers = boxes.numpy()
    targets = grid_targets(numbers[..., 1:], numbers[..., 0], grid.shape[1] - 4)
    heat, sides, weight = (torch.from_numpy(part.astype(np.float32)) for part in targets)
    centres = focal(grid[:, :-4], heat.movedim(-1, 1))
    boxed = (overlap_loss(grid[:, -4:], sides.movedim(-1, 1)) * weight).sum()
    return (centres + boxed) / weight.sum().clamp(min=1.0)


def focal(logits, heat):
    """Sum of -(1 - p)^2 log p where heat is 1, of -(1 - heat)^4 p^2 log(1 - p) elsewhere; p = sigmoid(logits).

    Law and Deng 2018, CornerNet, equation 1.
    """
    p, positive = torch.sigmoid(logits), heat > 0.999
    there = (1 - p) ** 2 * functional.logsigmoid(logits)
    elsewhere = (1 - heat) ** 4 * p**2 * functional.logsigmoid(-logits)
    return -torch.where(positive, there, elsewhere).sum()


def overlap_loss(sides, true):
    """1 - IoU of two boxes around one point, (N, 4, H, W) distances left, top, right, bottom -> (N, H, W).

    Plus 0.1 |difference|, which pulls where the boxes do not meet.
    """
    reach = sides.clamp(min=0.02)
    low = torch.minimum(reach, true)
    both = ((low[:, 0] + low[:, 2]) * (low[:, 1] + low[:, 3])).clamp(min=0)
    area = (reach[:, 0] + reach[:, 2]) * (reach[:, 1] + reach[:, 3])
    union = area + (true[:, 0] + true[:, 2]) * (true[:, 1] + true[:, 3]) - both
    return 1 - both / union.clamp(min=1e-6) + 0.1 * (sides - true).abs().mean(1)
