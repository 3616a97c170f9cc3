"""How the camera models are trained: generated scenes, flips and lighting, one recipe for both tasks."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from edgekit.core.detection import grid_targets
from edgekit.data.synthetic.camera import training_scenes
from edgekit.nn.camera import build_pair
from edgekit.nn.train import seeded

SCENES = 8_000
DATA_SEED = 800_000  # far from the seeds of the embedded splits


@dataclass(frozen=True)
class CameraRecipe:
    """AdamW with a one-cycle learning rate; pictures are flipped and their brightness and contrast vary."""

    epochs: int = 14
    batch_size: int = 32
    learning_rate: float = 5e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.02
    light: float = 0.15  # of the range: largest change of brightness and contrast


RECIPE = CameraRecipe()


def train_camera(backbone, seed=0, scenes=SCENES, recipe=RECIPE, progress=None):
    """Return (presence network, detector) trained from scratch on generated scenes.

    `seed` draws the scenes, the weights and the order of the batches.
    """
    data = training_scenes(scenes, DATA_SEED + seed)
    presence, detector = seeded(lambda: build_pair(backbone), seed)
    fit(presence, detector, data, recipe, seed, progress)
    return presence, detector


def fit(presence, detector, data, recipe=RECIPE, seed=0, progress=None):
    """Train both networks, which share a backbone, in place on a camera `Dataset`; return the mean loss of
    every epoch.

    The boxes tell the backbone where to look, which a label for the whole picture does not: the presence
    network learns from far fewer scenes. `progress(epoch, epochs, loss)` is called after each epoch. Raises
    ValueError when the loss stops being finite.
    """
    draw = torch.Generator().manual_seed(seed)
    losses_of = _Presence(data, recipe), _Detect(data, recipe)
    parameters = {id(p): p for net in (presence, detector) for p in net.parameters()}.values()
    optimizer = torch.optim.AdamW(parameters, recipe.learning_rate, weight_decay=recipe.weight_decay)
    steps = -(-len(data) // recipe.batch_size) * recipe.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=steps)
    pictures, losses = torch.from_numpy(data.x), []

    def one_step(index):
        flip = torch.rand(len(index), generator=draw) < 0.5
        maps = presence.backbone(vary(to_input(pictures[index]), flip, recipe.light, draw))
        pairs = zip((presence, detector), losses_of, strict=True)
        loss = sum(loss_of(net.head(*maps), index, flip) for net, loss_of in pairs)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        return loss.item() * len(index)

    for epoch in range(recipe.epochs):
        presence.train()
        detector.train()
        batches = torch.randperm(len(data), generator=draw).split(recipe.batch_size)
        with torch.random.fork_rng(devices=[]):  # dropout draws from torch's global state
            torch.manual_seed(1000 * seed + epoch)
            losses.append(sum(map(one_step, batches)) / len(data))
        if not np.isfinite(losses[-1]):
            raise ValueError(
                f"camera.fit: the loss is {losses[-1]} in epoch {epoch + 1}; lower learning_rate"
            )
        if progress:
            progress(epoch + 1, recipe.epochs, losses[-1])
    presence.eval()
    detector.eval()
    return losses


@torch.no_grad()
def answers(model, pictures, batch_size=128):
    """What `model` answers in eval mode to uint8 pictures (N, 96, 96, 3), as NumPy with channels last."""
    model.eval()
    out = [model(to_input(part)) for part in torch.from_numpy(pictures).split(batch_size)]
    return torch.cat(out).movedim(1, -1).numpy()


def to_input(pictures):
    """uint8 pictures (N, H, W, 3) -> network input (N, 3, H, W) float32 in -1..1."""
    return pictures.permute(0, 3, 1, 2).float().div(127.5).sub(1.0)


def vary(x, flip, light, draw):
    """Mirror the pictures that `flip` names; change contrast and brightness of each by up to `light`."""
    x = torch.where(flip[:, None, None, None], x.flip(3), x)
    change = (torch.rand(2, len(x), 1, 1, 1, generator=draw) * 2 - 1) * light
    return ((x * (1 + 2 * change[0])) + 2 * change[1]).clamp(-1, 1)


class _Presence:
    """Cross entropy with label smoothing; a mirrored picture keeps its label."""

    def __init__(self, data, recipe):
        self.labels, self.smoothing = torch.from_numpy(data.y), recipe.label_smoothing

    def __call__(self, logits, index, flip):
        return functional.cross_entropy(logits, self.labels[index], label_smoothing=self.smoothing)


class _Detect:
    """Focal loss on the centres (Law and Deng 2018, equation 1) and 1 - IoU on the sides of the cells that
    hold one."""

    def __init__(self, data, recipe):
        targets = grid_targets(data.extras["boxes"], data.extras["kinds"])
        self.heat, self.sides, self.weight = (torch.from_numpy(part.astype(np.float32)) for part in targets)

    def __call__(self, answer, index, flip):
        heat, sides, weight = (part[index] for part in (self.heat, self.sides, self.weight))
        heat, sides, weight = (
            part.movedim(-1, 1) if part.ndim == 4 else part for part in (heat, sides, weight)
        )
        mirrored = sides.flip(3)[:, [2, 1, 0, 3]]  # left and right change places
        heat = torch.where(flip[:, None, None, None], heat.flip(3), heat)
        sides = torch.where(flip[:, None, None, None], mirrored, sides)
        weight = torch.where(flip[:, None, None], weight.flip(2), weight)
        count = weight.sum().clamp(min=1.0)
        classes = heat.shape[1]
        return (
            focal(answer[:, :classes], heat) + (overlap_loss(answer[:, classes:], sides) * weight).sum()
        ) / count


def focal(logits, heat):
    """Sum of -(1 - p)^2 log p where heat is 1, of -(1 - heat)^4 p^2 log(1 - p) elsewhere; p =
    sigmoid(logits)."""
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
