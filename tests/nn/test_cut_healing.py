"""How the shipped seeing network and its cuts are trained on."""

import torch
from torch import nn

from edgekit.nn.cut_healing import Resized, Together, Upright, healed
from edgekit.nn.guided import resized
from edgekit.nn.train import Recipe, outputs


class Half(nn.Module):
    def forward(self, x):
        return x / 2


class Corner(nn.Module):
    """The mean colour of the upper left quarter."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(3, 4)

    def forward(self, x):
        side = x.shape[2] // 2
        return self.mix(x[..., :side, :side].mean((2, 3)))


def test_together_answers_the_mean():
    x = torch.randn(5, 4)
    assert torch.allclose(Together([nn.Identity(), Half()])(x), 0.75 * x)


def test_pictures_are_resized_in_the_layout_of_graphs():
    x = torch.randn(2, 96, 96, 3)
    upright = Upright(nn.Identity())
    assert torch.equal(Resized(upright, 80)(x), resized(x.movedim(-1, 1), 80).movedim(1, -1))
    assert torch.equal(Resized(upright, 96)(x), x)


def test_healing_learns_from_teachers_and_repeats():
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(64, 1, 8, 8, 3, generator=draw) / 4
    y = torch.arange(64) % 4
    x[torch.arange(64), 0, :4, :4, 0] += y[:, None, None].float()
    data = x, torch.cat([y[:, None, None].float(), 6.0 * nn.functional.one_hot(y)[:, None]], dim=2)
    recipe = Recipe(epochs=60, batch_size=16, learning_rate=5e-2)
    nets = [healed(torch.manual_seed(1) and Corner(), 8, data, seed, recipe) for seed in (0, 0, 1)]
    assert torch.equal(nets[0].mix.weight, nets[1].mix.weight)
    assert not torch.equal(nets[0].mix.weight, nets[2].mix.weight)
    assert (outputs(nets[0], x[:, 0].movedim(-1, 1)).argmax(1) == y.numpy()).mean() > 0.7
