"""One training loop for every model of the lessons."""

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from edgekit.nn import checkpoint as store


@dataclass(frozen=True)
class Recipe:
    """How to train: AdamW with a one-cycle learning rate and label smoothing.

    average: the weights kept are a running mean over the steps, m += (1 - average) (w - m); 0 keeps the last ones.
    """

    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.02
    average: float = 0.0


def seeded(build, seed):
    """Return `build()` with weights drawn from `seed`; torch's global random state is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


@contextmanager
def one_thread():
    """Let torch compute in one thread inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(model, x, y, recipe=Recipe(), seed=0, progress=None, criterion=None, vary=None, checkpoint=None):
    """Train `model` in place on x (N, C, ...) float32 and y (N, ...); return the mean loss of every epoch.

    `criterion(outputs, targets)` is the loss; by default y (N,) holds class indices and the loss is cross-entropy.
    `vary(x, y, draw)` makes of a batch, as it is in x and y, what the network sees; x may then have any type.
    `checkpoint` is a file that each epoch writes: the same call goes on from there after a cut, to the same weights.

    `progress(epoch, epochs, loss)` is called after each epoch. The same seed gives the same batches in the same order,
    and one thread the same sums whatever the number of cores; for networks of this size it is no slower.
    Raises ValueError when the loss stops being finite.
    """
    with one_thread():
        return _train(model, x, y, recipe, seed, progress, criterion, vary, checkpoint)


def _train(model, x, y, recipe, seed, progress, criterion, vary, checkpoint):
    inputs, labels = torch.as_tensor(x, dtype=None if vary else torch.float32), torch.as_tensor(np.asarray(y))
    draw = torch.Generator().manual_seed(seed)
    batches = -(-len(inputs) // recipe.batch_size)
    optimizer = torch.optim.AdamW(
        model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=recipe.epochs * batches)
    criterion = criterion or nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
    models = {"model": model} | ({"mean": deepcopy(model)} if recipe.average else {})
    losses = store.read(checkpoint, models, optimizer, draw) if checkpoint else []
    schedule.last_epoch = len(losses) * batches

    def step(batch):
        seen = inputs[batch], labels[batch]
        value = _step(model, *(vary(*seen, draw) if vary else seen), criterion, optimizer, schedule)
        if recipe.average:
            done = schedule.last_epoch
            _approach(models["mean"], model, min(recipe.average, done / (done + 10)))  # soon forgets the first
        return value * len(batch)

    for epoch in range(len(losses), recipe.epochs):
        model.train()
        order = torch.randperm(len(inputs), generator=draw).split(recipe.batch_size)
        with _dropout_by(1000 * seed + epoch):
            losses.append(sum(map(step, order)) / len(inputs))
        if not np.isfinite(losses[-1]):
            raise ValueError(f"train: the loss is {losses[-1]} in epoch {epoch + 1}; lower learning_rate or check x")
        if checkpoint:
            store.write(checkpoint, models, optimizer, draw, losses)
        if progress:
            progress(epoch + 1, recipe.epochs, losses[-1])
    model.load_state_dict(list(models.values())[-1].state_dict())
    model.eval()
    return losses


@contextmanager
def _dropout_by(seed):
    """Let torch's global generator, which dropout draws from, start at `seed` inside the block."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _step(model, x, y, criterion, optimizer, schedule):
    optimizer.zero_grad(set_to_none=True)
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    schedule.step()
    return loss.item()


def _approach(mean, model, decay):
    """Move parameters and statistics of `mean` towards those of `model`: m += (1 - decay) (w - m)."""
    of = [list(chain(each.parameters(), each.buffers())) for each in (mean, model)]  # what is shared comes once
    get_ema_multi_avg_fn(decay)(*([value for value in values if value.is_floating_point()] for values in of), None)


@torch.no_grad()
def outputs(model, x, batch_size=512):
    """Return the outputs (N, ...) of `model` in eval mode on x (N, C, ...), as a NumPy array."""
    model.eval()
    return torch.cat([model(part) for part in torch.as_tensor(x, dtype=torch.float32).split(batch_size)]).numpy()
