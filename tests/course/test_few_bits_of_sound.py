"""The study of few bits on sounds: ternary weights begin rounded together, and some layers keep 4 bits."""

import numpy as np
import pytest
import torch

from edgekit import tasks
from edgekit.course import few_bits, few_bits_of_sound
from edgekit.data import load
from edgekit.data.synthetic import acoustic as sounds
from edgekit.nn import rounded_start
from edgekit.nn.acoustic import seconds

FINE, BITS = ("relu_2",), (4,)


@pytest.fixture
def few_sounds(monkeypatch):
    """A few sounds to learn from, to calibrate on and to be judged by."""
    data, task = load("acoustic", "train").subset(np.arange(0, 600, 12)), tasks.get("acoustic-fault")
    x = task.front_end(data.x, data.fs)
    monkeypatch.setattr(sounds, "training_set", lambda units, takes, seed: data)
    monkeypatch.setattr(type(task), "calibration_batches", lambda self, count, seed: [x[:8]])
    monkeypatch.setattr(type(task), "inputs", lambda self, split, purpose: (x, data.y))


def test_ternary_weights_alone_begin_rounded_together(few_sounds, monkeypatch):
    begun, plain = [], rounded_start.begin_rounded
    monkeypatch.setattr(rounded_start, "begin_rounded", lambda net, batches: begun.append(net) or plain(net, batches))
    plan = {"tuned": (1, 1e-4), "trained4": (1, 1e-4), "ternary": (1, 1e-4), "binary": (1, 1e-4)}
    row = few_bits_of_sound.begun_row("acoustic-student", 0, BITS, plan, FINE)
    assert set(row) == set(few_bits.tolerances(BITS))
    assert [type(grid).__name__ for grid in begun[0].weight_grids.values()].count("Ternary") == 3
    assert len(begun) == 1


def test_a_layer_that_had_no_few_values_cannot_keep_more():
    with pytest.raises(ValueError, match="with_finer: relu_1 had no few values; layers that have: relu_2"):
        few_bits.with_finer({"layers": ["relu_2"], "others": {"relu_1": 4}}, ["relu_1"])


def test_a_view_is_a_second_heard_through_a_filter():
    x = torch.tensor(load("acoustic", "train").x[:3])
    y = torch.arange(3)
    heard, labels = few_bits_of_sound.hear(x, y, torch.Generator().manual_seed(1))
    wanted = seconds(x, torch.Generator().manual_seed(1), few_bits_of_sound.COLOUR_DB).movedim(1, -1)
    assert torch.equal(heard, wanted)
    assert torch.equal(labels, y)
