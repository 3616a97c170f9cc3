"""A search space: named choices, and networks as tuples of chosen options.

A code holds one index for each choice. A choice that only matters when there are enough blocks is *active* only
then; in a code it is 0 otherwise, so that one network has one code, and codes can be counted and compared.
"""

import itertools
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """A decision: its `options`, least costly first. `needs` = (other choice, least value) says when it is active."""

    name: str
    options: tuple
    needs: tuple | None = None


@dataclass(frozen=True)
class Space:
    """The networks of one task. Choices that others need come before them.

    >>> space = Space("tiny", (Choice("depth", (1, 2)), Choice("width1", (8, 16)),
    ...                        Choice("width2", (8, 16, 24), needs=("depth", 2))))
    >>> space.size
    8
    >>> space.settings((0, 1, 2))
    {'depth': 1, 'width1': 16}
    >>> space.canonical((0, 1, 2))
    (0, 1, 0)
    """

    name: str
    choices: tuple

    def __post_init__(self):
        options = {choice.name: choice.options for choice in self.choices}
        if len(options) != len(self.choices):
            raise ValueError(f"Space {self.name!r}: two choices have one name; names: {', '.join(options)}")
        seen = set()
        for choice in self.choices:
            if len(set(choice.options)) != len(choice.options) or not choice.options:
                raise ValueError(f"Space {self.name!r}: {choice.name} needs different options, got {choice.options}")
            if choice.needs and choice.needs[0] not in seen:
                raise ValueError(f"Space {self.name!r}: {choice.name} needs {choice.needs[0]!r}, which must stand "
                                 "before it")
            seen.add(choice.name)

    @property
    def size(self):
        """The number of different networks, counted without listing them.

            sum over the choices that others need of the product of the options that are then active
        """
        leading = {choice.needs[0] for choice in self.choices if choice.needs}
        pivots = [choice for choice in self.choices if choice.name in leading]
        return sum(self._others(pivots, values) for values in itertools.product(*(p.options for p in pivots)))

    def _others(self, pivots, values):
        """How many codes have the `values` of the `pivots`; none when a pivot without effect has not its first."""
        fixed = {}
        for choice, value in zip(pivots, values, strict=True):
            if _active(choice, fixed):
                fixed[choice.name] = value
            elif value != choice.options[0]:
                return 0
        return math.prod(len(choice.options) for choice in self.choices
                         if choice not in pivots and _active(choice, fixed))

    def active(self, code):
        """Return the places in `code` that have an effect."""
        fixed, found = {}, []
        for place, choice in enumerate(self.choices):
            if _active(choice, fixed):
                fixed[choice.name] = choice.options[code[place]]
                found.append(place)
        return found

    def canonical(self, code):
        """Return `code` with 0 where it has no effect. Raises ValueError for a code that is not of this space."""
        code = tuple(int(index) for index in code)
        fits = len(code) == len(self.choices) and all(
            0 <= index < len(choice.options) for index, choice in zip(code, self.choices, strict=True))
        if not fits:
            raise ValueError(f"Space {self.name!r}: code must hold one index for each of {len(self.choices)} choices, "
                             f"below {[len(choice.options) for choice in self.choices]}, got {code}")
        active = set(self.active(code))
        return tuple(index if place in active else 0 for place, index in enumerate(code))

    def settings(self, code):
        """Return {name: option} of the active choices."""
        code = self.canonical(code)
        return {self.choices[place].name: self.choices[place].options[code[place]] for place in self.active(code)}

    def code(self, **settings):
        """Return the code of `settings`; a choice that is not named takes its first option."""
        unknown = set(settings) - {choice.name for choice in self.choices}
        if unknown:
            raise ValueError(f"Space {self.name!r}: no choice {sorted(unknown)[0]!r}; there are "
                             f"{', '.join(choice.name for choice in self.choices)}")
        wanted = [settings.get(choice.name, choice.options[0]) for choice in self.choices]
        for value, choice in zip(wanted, self.choices, strict=True):
            if value not in choice.options:
                raise ValueError(f"Space {self.name!r}: {choice.name} must be one of {choice.options}, got {value!r}")
        return self.canonical(choice.options.index(value) for value, choice in zip(wanted, self.choices, strict=True))

    def sample(self, rng):
        """Draw a code: every choice evenly. (Networks of few blocks come more often than their number says.)"""
        return self.canonical(rng.integers(len(choice.options)) for choice in self.choices)

    def mutate(self, code, rng):
        """Return a code that differs from `code` in one *active* choice: always another network."""
        code = list(self.canonical(code))
        places = [place for place in self.active(code) if len(self.choices[place].options) > 1]
        if not places:
            raise ValueError(f"Space {self.name!r}: mutate needs a choice with two options, there is none")
        place = places[rng.integers(len(places))]
        step = 1 + rng.integers(len(self.choices[place].options) - 1)
        code[place] = (code[place] + step) % len(self.choices[place].options)
        return self.canonical(code)

    def crossover(self, one, other, rng):
        """Return a code that has each index from one of two parents, by the toss of a coin."""
        pairs = zip(self.canonical(one), self.canonical(other), strict=True)
        return self.canonical(pair[rng.integers(2)] for pair in pairs)


def _active(choice, fixed):
    """Whether `choice` has an effect beside the options `fixed` {name: option} before it."""
    return choice.needs is None or (choice.needs[0] in fixed and fixed[choice.needs[0]] >= choice.needs[1])
