"""A training of one network of a search is repeatable, and its score is that of its rounded weights."""

import pytest
import torch

from edgekit.nn.supernet import round_weights
from edgekit.nn.train import outputs
from edgekit.search.evaluate import torch_layout
from edgekit.search.families import family
from edgekit.search.trainings import TRAININGS, scored
from edgekit.tasks import get


@pytest.mark.parametrize("task", TRAININGS)
def test_the_same_seed_gives_the_same_weights_and_another_one_others(task):
    how, chosen = TRAININGS[task], family(task)
    code, data = chosen.space.code(), how.data(3, 2)
    one, again, other = (torch.cat([w.flatten() for w in how.train(chosen, code, data, 1, seed).parameters()])
                         for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_the_score_is_that_of_weights_of_the_bits_of_the_code():
    chosen, task = family("acoustic-fault"), get("acoustic-fault")
    code = chosen.space.code(bits=4)
    x, y = task.inputs("val")
    net = chosen.build(code).eval()
    score = scored(chosen, code, net, x, y)
    assert score == task.score(y, x, outputs(round_weights(net, 4), torch_layout(x)))
