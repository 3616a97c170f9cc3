"""The declared studies: one module each, found by its name, that defines `STUDY = Definition(...)`."""

from collections.abc import Callable
from dataclasses import dataclass, field

MINIMUM_SEEDS = 5


@dataclass(frozen=True)
class Definition:
    """What a study does: `cell(seed)` computes one row of values, for each of `seeds`.

    `tolerance` gives, for every value of a cell, how far a second run may differ on another computer.
    `config` says in JSON what was held fixed, `tried` how many configurations were tried before freezing this
    one. `files` are paths in the checkout, such as data manifests, on which the result depends too.

    >>> Definition("How far is it?", lambda seed: {"km": 1.0}, range(5), {"km": 0.1}).seeds
    (0, 1, 2, 3, 4)
    """

    question: str
    cell: Callable[[int], dict]
    seeds: tuple
    tolerance: dict
    config: dict = field(default_factory=dict)
    tried: int = 1
    files: tuple = ()

    def __post_init__(self):
        seeds = tuple(int(seed) for seed in self.seeds)
        if len(set(seeds)) != len(seeds) or len(seeds) < MINIMUM_SEEDS:
            raise ValueError(f"Definition: need at least {MINIMUM_SEEDS} different seeds, got {seeds}")
        if not self.tolerance or not all(float(value) >= 0 for value in self.tolerance.values()):
            raise ValueError("Definition: give every value of a cell a tolerance >= 0, "
                             f"got {self.tolerance}")
        if self.tried < 1:
            raise ValueError(f"Definition: tried counts the frozen configuration too, got {self.tried}")
        object.__setattr__(self, "seeds", seeds)
        object.__setattr__(self, "files", tuple(self.files))
