"""Networks that listen: a large teacher, a small student, an autoencoder; and how each is trained.

Classifiers take (N, 1, 32, 40): a second of log-mel, mean taken away, in units of 10 dB.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from edgekit.data import logmel
from edgekit.data.synthetic.acoustic import training_set
from edgekit.nn.blocks import ConvBlock2d, Separable
from edgekit.nn.train import seeded

INPUT_SHAPE = (1, logmel.WINDOW_FRAMES, logmel.BANDS)
DATA_SEED = 900_000  # far from the seeds of the embedded splits
UNITS, TAKES = 200, 24


class FaultNet(nn.Module):
    """Blocks, global average, dropout, classes: (N, 1, 32, 40) -> (N, 15) logits."""

    def __init__(self, blocks, width, classes=15, dropout=0.2):
        super().__init__()
        self.features = blocks
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(width, classes)

    def forward(self, x):
        return self.classify(self.dropout(torch.flatten(self.pool(self.features(x)), 1)))


def teacher():
    """Standard convolutions, 280,047 parameters."""
    return FaultNet(nn.Sequential(
        ConvBlock2d(1, 32, kernel=5, stride=2), ConvBlock2d(32, 64, stride=2), ConvBlock2d(64, 64),
        ConvBlock2d(64, 128, stride=2), ConvBlock2d(128, 128)), 128)


def student():
    """Depthwise separable convolutions, 4,103 parameters."""
    return FaultNet(nn.Sequential(
        ConvBlock2d(1, 8, kernel=5, stride=2), Separable(8, 16, stride=2), Separable(16, 24),
        Separable(24, 32, stride=2), Separable(32, 32)), 32, dropout=0.05)


class Autoencoder(nn.Module):
    """A window through a bottleneck and back: (N, 1, 32, 40) -> (N, 1280).

    Dense layers with batch norm, as the baseline of DCASE 2020 task 2 has them (Koizumi et al. 2020).
    """

    def __init__(self, hidden=64, narrow=4):
        super().__init__()
        size = int(np.prod(INPUT_SHAPE))
        widths = (size, hidden, narrow, hidden)
        self.layers = nn.Sequential(*(DenseBlock(*pair) for pair in itertools.pairwise(widths)))
        self.back = nn.Linear(hidden, size)

    def forward(self, x):
        return self.back(self.layers(torch.flatten(x, 1)))


class DenseBlock(nn.Sequential):
    """Dense layer, batch norm, ReLU: (N, in) -> (N, out)."""

    def __init__(self, in_features, out_features):
        super().__init__(nn.Linear(in_features, out_features, bias=False), nn.BatchNorm1d(out_features), nn.ReLU())


@dataclass(frozen=True)
class AcousticRecipe:
    """AdamW with a one-cycle learning rate on seconds cut at random moments out of recordings of two.

    `colour_db`: every piece is heard through another smooth filter of about that rms, as if its machine stood
    elsewhere.
    """

    epochs: int = 24
    batch_size: int = 64
    learning_rate: float = 4e-3
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    colour_db: float = 0.0


TEACHER_RECIPE = AcousticRecipe(epochs=30, weight_decay=5e-2, colour_db=2.0)
STUDENT_RECIPE = AcousticRecipe(epochs=30, learning_rate=6e-3, label_smoothing=0.02, colour_db=2.0)
AUTOENCODER_RECIPE = AcousticRecipe(epochs=40, learning_rate=2e-3, weight_decay=1e-4)


def train_teacher(seed=0, units=UNITS, recipe=TEACHER_RECIPE, progress=None):
    """Return a `teacher` trained from scratch; `seed` draws the machines, the weights, the order and the cuts."""
    return _train_classifier(teacher, seed, units, recipe, progress)


def train_student(seed=0, units=UNITS, recipe=STUDENT_RECIPE, progress=None):
    """Return a `student` trained from scratch, without the teacher."""
    return _train_classifier(student, seed, units, recipe, progress)


def train_autoencoder(seed=0, units=UNITS, recipe=AUTOENCODER_RECIPE, progress=None):
    """Return an `Autoencoder` trained on healthy machines alone, each relative to its own healthy spectrum."""
    data = training_set(units, TAKES, DATA_SEED + seed)
    healthy = data.y % 3 == 0
    x = data.x[healthy] - data.extras["reference"][healthy][:, None]
    model = seeded(Autoencoder, seed)
    fit(model, x, np.zeros(len(x), int), lambda x, output, _: functional.mse_loss(output, torch.flatten(x, 1)),
        recipe, seed, progress)
    return model


def _train_classifier(build, seed, units, recipe, progress):
    data = training_set(units, TAKES, DATA_SEED + seed)
    model = seeded(build, seed)
    fit(model, data.x, data.y, lambda _, logits, y: functional.cross_entropy(
        logits, y, label_smoothing=recipe.label_smoothing), recipe, seed, progress)
    return model


def fit(model, x, y, loss_of, recipe, seed=0, progress=None):
    """Train `model` in place on recordings x (N, T >= 32, 40) in dB; return the mean loss of every epoch.

    `loss_of(input, output, labels)` is the loss of a batch. `progress(epoch, epochs, loss)` is called after each
    epoch. The same seed gives the same batches. Raises ValueError when the loss stops being finite.
    """
    draw = torch.Generator().manual_seed(seed)
    x, y = torch.from_numpy(np.asarray(x, np.float32)), torch.from_numpy(np.asarray(y))
    steps = -(-len(x) // recipe.batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=recipe.epochs * steps)
    losses = []
    for epoch in range(recipe.epochs):
        model.train()
        with torch.random.fork_rng(devices=[]):  # dropout draws from torch's global state
            torch.manual_seed(1000 * seed + epoch)
            total = sum(_step(model, seconds(x[batch], draw, recipe.colour_db), y[batch], loss_of, optimizer, schedule)
                        for batch in torch.randperm(len(x), generator=draw).split(recipe.batch_size))
        losses.append(total / len(x))
        if not np.isfinite(losses[-1]):
            raise ValueError(f"acoustic.fit: the loss is {losses[-1]} in epoch {epoch + 1}; lower learning_rate")
        if progress:
            progress(epoch + 1, recipe.epochs, losses[-1])
    model.eval()
    return losses


def _step(model, x, y, loss_of, optimizer, schedule):
    loss = loss_of(x, model(x), y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    schedule.step()
    return loss.item() * len(x)


def seconds(x, draw, colour_db=0.0):
    """One second at a random moment of each recording (N, T, 40) -> network input (N, 1, 32, 40)."""
    start = torch.randint(0, x.shape[1] - logmel.WINDOW_FRAMES + 1, (len(x), 1), generator=draw)
    index = (start + torch.arange(logmel.WINDOW_FRAMES))[..., None].expand(-1, -1, x.shape[2])
    piece = torch.gather(x, 1, index)
    if colour_db:
        piece = piece + colour_db * colours(len(x), x.shape[2], draw)[:, None]
    return ((piece - piece.mean(dim=(1, 2), keepdim=True)) / 10.0)[:, None]


def colours(count, bands, draw, waves=5):
    """Smooth random courses over the bands (count, bands), rms about 1: cosines of up to `waves` half periods."""
    half_periods = torch.arange(1, waves + 1)[:, None]
    shapes = torch.cos(torch.pi * half_periods * (torch.arange(bands) + 0.5) / bands) * (2 / waves) ** 0.5
    return torch.randn(count, waves, generator=draw) @ shapes
