"""What a fixed-point multiplication does to one accumulator, in exact fractions. Pure computing, no drawing."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from edgekit.core.integer.fixed_point import quantize_multiplier, requantize

#: the profiles of one layer of 8 bits, in a few words
WORDS = {
    "A": "twice, away from 0",
    "B": "twice, up",
    "C": "float32, to even",
    "D": "once, up",
    "E": "float64, away from 0",
}
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Product:
    """The accumulator `acc` times the real number `real`, and what each profile makes of it."""

    acc: int
    real: float

    @cached_property
    def fixed(self):
        """Integers (multiplier, shift) with real ~ multiplier * 2^(shift - 31)."""
        return tuple(int(n) for n in quantize_multiplier(self.real))

    @cached_property
    def represented(self):
        """multiplier * 2^(shift - 31), exactly."""
        multiplier, shift = self.fixed
        return multiplier * Fraction(2) ** (shift - 31)

    @property
    def relative_error(self):
        """(represented - real) / real: at most 2^-31 in size, since the multiplier has 31 bits."""
        return float((self.represented - Fraction(self.real)) / Fraction(self.real))

    @property
    def bits(self):
        """The 31 binary digits of the multiplier, the largest first."""
        return tuple(int(digit) for digit in f"{self.fixed[0]:031b}")

    @property
    def places(self):
        """The power of two that each of `bits` stands for: the first is shift - 1."""
        return tuple(range(self.fixed[1] - 1, self.fixed[1] - 32, -1))

    @cached_property
    def exact(self):
        """acc * real, exactly."""
        return self.acc * Fraction(self.real)

    @property
    def floor(self):
        """The largest whole number that is not above `exact`."""
        return self.exact.__floor__()

    @property
    def is_tie(self):
        """Whether `exact` lies midway between two whole numbers."""
        return self.exact - self.floor == HALF

    @cached_property
    def first(self):
        """What the first of the two roundings of A and B leaves: a multiple of 2^-right, right = max(-shift, 0)."""
        multiplier, shift = self.fixed
        left, right = max(shift, 0), max(-shift, 0)
        high = ((self.acc << left) * multiplier + (1 << 30)) >> 31
        return Fraction(high, 1 << right)

    @cached_property
    def results(self):
        """{profile: whole number}, for A to E."""
        return {profile: int(requantize(np.array([self.acc]), self.real, profile)[0]) for profile in WORDS}

    @property
    def strays(self):
        """The profiles whose result is not a nearest whole number: their way led over a tie that was none."""
        return tuple(profile for profile, y in self.results.items() if abs(y - self.exact) > HALF)

    @property
    def groups(self):
        """{result: profiles that give it}, the results in rising order."""
        return {y: tuple(p for p, other in self.results.items() if other == y) for y in sorted(self.results.values())}


def product(acc, real):
    """Return the `Product` of a whole number and a real one. Raises ValueError unless 0 < real < 2^30 and acc is int32.

    >>> tie = product(-12, 0.125)
    >>> tie.fixed, tie.exact, tie.is_tie, tie.groups
    ((1073741824, -2), Fraction(-3, 2), True, {-2: ('A', 'C', 'E'), -1: ('B', 'D')})
    """
    if not 0 < real < 2**30:
        raise ValueError(f"product: real must be above 0 and below 2^30, got {real!r}")
    if int(acc) != acc or not -(2**31) <= acc < 2**31:
        raise ValueError(f"product: acc must be a whole number that fits in int32, got {acc!r}")
    return Product(int(acc), float(real))


def table(accs, real):
    """Return {profile: (n,) whole numbers} for several accumulators.

    >>> {profile: y.tolist() for profile, y in table([-12, 12], 0.125).items()}
    {'A': [-2, 2], 'B': [-1, 2], 'C': [-2, 2], 'D': [-1, 2], 'E': [-2, 2]}
    """
    return {profile: requantize(np.asarray(accs), real, profile) for profile in WORDS}
