"""How the camera models are trained: generated scenes, flips and lighting, one recipe for both tasks."""

import hashlib
from dataclasses import dataclass
from functools import partial

import torch

from edgekit.core.detection import GRID, STRIDE, labelled
from edgekit.data.cache import cache_dir
from edgekit.data.synthetic.camera import training_scenes
from edgekit.nn.camera import Pair, build_pair
from edgekit.nn.camera_losses import camera_loss
from edgekit.nn.train import Recipe, seeded, train

SCENES = 24_000
DATA_SEED = 800_000  # far from the seeds of the embedded splits
SIDE = GRID * STRIDE


@dataclass(frozen=True)
class CameraRecipe(Recipe):
    """AdamW with a one-cycle learning rate; pictures are flipped and their brightness and contrast vary."""

    epochs: int = 16
    batch_size: int = 32
    learning_rate: float = 1e-2
    average: float = 0.998
    light: float = 0.15  # of the range: largest change of brightness and contrast


RECIPE = CameraRecipe()


def train_camera(backbone, seed=0, scenes=SCENES, recipe=RECIPE, progress=None):
    """Return (presence network, detector) trained from scratch on generated scenes.

    `seed` draws the scenes, the weights and the order of the batches. Scenes are kept in the user's cache, and so is
    the state after each epoch until the training ends: after a cut the same call goes on from there.
    """
    data = training_scenes(scenes, DATA_SEED + seed)
    presence, detector = seeded(lambda: build_pair(backbone), seed)
    key = hashlib.sha256(repr((backbone, seed, scenes, recipe)).encode()).hexdigest()[:16]
    state = cache_dir() / f"training-camera-{backbone}-{key}.safetensors"
    fit(presence, detector, data, recipe, seed, progress, state)
    state.unlink(missing_ok=True)
    return presence, detector


def fit(presence, detector, data, recipe=RECIPE, seed=0, progress=None, checkpoint=None):
    """Train both networks, which share a backbone, in place on a camera `Dataset`; return the mean loss of
    every epoch.

    The boxes tell the backbone where to look, which a label for the whole picture does not: the presence
    network learns from far fewer scenes. For the rest see `train`.
    """
    pair = Pair(presence, detector).to(memory_format=torch.channels_last)  # 1.6 times faster for such narrow layers
    criterion = partial(camera_loss, label_smoothing=recipe.label_smoothing)
    see = partial(vary, light=recipe.light)
    boxes = labelled(data.extras["boxes"], data.extras["kinds"])
    return train(pair, data.x, boxes, recipe, seed, progress, criterion, see, checkpoint)


@torch.no_grad()
def answers(model, pictures, batch_size=128):
    """What `model` answers in eval mode to uint8 pictures (N, 96, 96, 3), as NumPy with channels last."""
    model.eval()
    out = [model(to_input(part)) for part in torch.from_numpy(pictures).split(batch_size)]
    return torch.cat(out).movedim(1, -1).numpy()


def to_input(pictures):
    """uint8 pictures (N, H, W, 3) -> network input (N, 3, H, W) float32 in -1..1, as the task's front end."""
    return pictures.permute(0, 3, 1, 2).float().div(128.0).sub(1.0)


def vary(pictures, boxes, draw, light):
    """uint8 pictures and their boxes (N, K, 5) as `core.detection.labelled` gives them -> network input and boxes.

    Half of the pictures are mirrored; contrast and brightness of each change by up to `light`.
    """
    mirror = torch.rand(len(pictures), generator=draw) < 0.5
    x = to_input(torch.where(mirror[:, None, None, None], pictures.flip(2), pictures))
    change = (torch.rand(2, len(x), 1, 1, 1, generator=draw) * 2 - 1) * light
    x = (x * (1 + 2 * change[0]) + 2 * change[1]).clamp(-1, 1)
    return x, torch.where(mirror[:, None, None], mirrored(boxes), boxes)


def mirrored(boxes):
    """Boxes (N, K, 5) of kind, left, top, right, bottom after left and right changed places."""
    kind, left, top, right, bottom = boxes.unbind(-1)
    return torch.stack([kind, SIDE - right, top, SIDE - left, bottom], dim=-1)
