"""One training loop for every model of the lessons."""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True)
class Recipe:
    """How to train: AdamW with a one-cycle learning rate and label smoothing."""

    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.02


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


def train(model, x, y, recipe=Recipe(), seed=0, progress=None, criterion=None):
    """Train `model` in place on x (N, C, ...) float32 and y (N, ...); return the mean loss of every epoch.

    `criterion(outputs, targets)` is the loss; by default y (N,) holds class indices and the loss is cross-entropy.

    `progress(epoch, epochs, loss)` is called after each epoch. The same seed gives the same batches in the same order,
    and one thread the same sums whatever the number of cores; for networks of this size it is no slower.
    Raises ValueError when the loss stops being finite.
    """
    with one_thread():
        return _train(model, x, y, recipe, seed, progress, criterion)


def _train(model, x, y, recipe, seed, progress, criterion):
    inputs, labels = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(np.asarray(y))
    shuffle = torch.Generator().manual_seed(seed)
    batches = -(-len(inputs) // recipe.batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=recipe.epochs * batches)
    criterion = criterion or nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
    losses = []
    for epoch in range(recipe.epochs):
        order = torch.randperm(len(inputs), generator=shuffle).split(recipe.batch_size)
        losses.append(_epoch(model, inputs, labels, order, criterion, optimizer, schedule))
        if not np.isfinite(losses[-1]):
            raise ValueError(f"train: the loss is {losses[-1]} in epoch {epoch + 1}; lower learning_rate or check x")
        if progress:
            progress(epoch + 1, recipe.epochs, losses[-1])
    model.eval()
    return losses


def _epoch(model, inputs, labels, order, criterion, optimizer, schedule):
    model.train()
    total = 0.0
    for batch in order:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(inputs[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item() * len(batch)
    return total / len(inputs)


@torch.no_grad()
def outputs(model, x, batch_size=512):
    """Return the outputs (N, ...) of `model` in eval mode on x (N, C, ...), as a NumPy array."""
    model.eval()
    return torch.cat([model(part) for part in torch.as_tensor(x, dtype=torch.float32).split(batch_size)]).numpy()
