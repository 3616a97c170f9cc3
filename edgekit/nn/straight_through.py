"""Rounding that gradients pass, and integer grids that learn their step.

    y = scale * (clip(round(x / scale) + zero_point, qmin, qmax) - zero_point)        forward
    dy/dx = 1 within the grid, 0 beyond                                               straight-through estimator
    dy/dscale = (y - x) / scale within the grid, the clipped code - zero_point beyond learned step size

Sources: Bengio et al., arXiv:1308.3432 (straight-through); Esser et al., ICLR 2020, arXiv:1902.08153 (learned step
size).
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from edgekit.core.integer.fixed_point import quantize_multiplier


def round_through(x):
    """Return round(x), half to even, whose gradient is that of x.

    >>> x = torch.tensor([0.4, 2.6], requires_grad=True)
    >>> round_through(x).sum().backward()
    >>> x.grad.tolist()
    [1.0, 1.0]
    """
    return x + (torch.round(x) - x).detach()


def steps(x, scale, zero_point=0, qmin=-128, qmax=127):
    """Return x in whole steps of the grid, clip(round(x / scale), qmin - zero_point, qmax - zero_point)."""
    return torch.clamp(round_through(x / scale), qmin - zero_point, qmax - zero_point)


def fake_quantize(x, scale, zero_point=0, qmin=-128, qmax=127):
    """Return x rounded to the grid scale * (q - zero_point), qmin <= q <= qmax; gradients as above.

    >>> fake_quantize(torch.tensor([0.3, 9.0]), torch.tensor(0.5), 0, -8, 7).tolist()
    [0.5, 3.5]
    """
    return scale * steps(x, scale, zero_point, qmin, qmax)


def round_twice(sums, real):
    """Return sums * real as profile A rounds it: the left shift, to whole numbers half up, the right shift half away.

        real = m * 2^(shift - 31), m of 31 bits;   left = 2^max(shift, 0), right = 2^min(shift, 0)
        high = floor(sums * left * m * 2^-31 + 1/2);   round(high * right)

    A factor of one or more shifts left, before the first rounding. float64, exact for |sums| < 2^21; the definition is
    `core.integer.fixed_point.requantize`, which ends at the largest int32 where this goes on.

    >>> round_twice(torch.tensor([-6.0, -2.0, 2.0, 6.0], dtype=torch.float64), torch.tensor(0.25)).tolist()
    [-2.0, -1.0, 1.0, 2.0]
    >>> round_twice(torch.tensor([-3.0, 1.0, 3.0], dtype=torch.float64), torch.tensor(1.5)).tolist()
    [-4.0, 2.0, 5.0]
    """
    m, shift = (torch.from_numpy(part) for part in map(np.array, quantize_multiplier(real.detach().numpy())))
    left, right = (torch.exp2(part.double()) for part in (shift.clamp(min=0), shift.clamp(max=0)))
    high = torch.floor(sums * (left * m * 2.0**-31) + 0.5) * right
    return torch.trunc(high + torch.copysign(torch.full_like(high, 0.5), high))


def scaled_gradient(x, factor):
    """Return x; its gradient is multiplied by `factor`."""
    return x * factor + (x * (1 - factor)).detach()


class Grid(nn.Module):
    """A learned integer grid: turns numbers into whole steps, and steps back into numbers.

    The step is its first value times exp(change): it stays positive, and weight decay pulls it to where it began. Its
    gradient is divided by sqrt(count * qmax), as learned step size does, where `count` numbers share the step. A fixed
    grid does not learn.
    """

    def __init__(self, qparams, fixed=False):
        super().__init__()
        self.register_buffer("first", torch.tensor(qparams.scale, dtype=torch.float32))
        self.change = nn.Parameter(torch.zeros_like(self.first), requires_grad=not fixed)
        self.qparams = qparams

    @property
    def scale(self):
        """The step, in float32."""
        return self.first * self.change.exp()

    def forward(self, x):
        """Return (whole steps, scale) of x; their product is x on the grid. Several scales lie along axis 0."""
        q = self.qparams
        factor = 1 / max(x.numel() / self.change.numel() * q.qmax, 1) ** 0.5
        scale = scaled_gradient(self.scale, factor) if self.training else self.scale  # to the last bit the learned one
        along = scale.reshape(-1, *[1] * (x.ndim - 1)) if scale.ndim else scale
        return steps(x, along.to(x.dtype), int(np.ravel(q.zero_point)[0]), q.qmin, q.qmax), scale

    def learned(self):
        """The `QParams` as they are now."""
        return replace(self.qparams, scale=self.scale.detach().numpy().astype(np.float32))
