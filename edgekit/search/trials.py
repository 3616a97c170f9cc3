"""What a search did: every candidate that was evaluated, under a budget that cannot be stretched."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from edgekit import _atomic
from edgekit.core.pareto import front

SCHEMA = 1


@dataclass(frozen=True)
class Budget:
    """How many networks a search may evaluate. A network that it asks for again is answered from the record."""

    evaluations: int

    def __post_init__(self):
        if self.evaluations < 1:
            raise ValueError(f"Budget: evaluations must be at least 1, got {self.evaluations}")


@dataclass(frozen=True)
class Trial:
    """One evaluated network: its code, its score (more is better), its costs, and how long the evaluation took."""

    code: tuple
    value: float
    costs: dict
    seconds: float = 0.0


@dataclass(frozen=True)
class History:
    """A search: where it looked, by which strategy and seed, its budget, its trials in order.

    `rejected`: how many proposals the device card refused, without any evaluation.
    """

    space: str
    strategy: str
    seed: int
    budget: Budget
    limits: dict
    trials: tuple = ()
    rejected: int = 0
    notes: dict = field(default_factory=dict)

    @property
    def complete(self):
        """Whether the whole budget was used."""
        return len(self.trials) == self.budget.evaluations

    @property
    def best(self):
        """The trial of the highest value; among equals the one of fewest MACs."""
        if not self.trials:
            raise ValueError(f"History: {self.strategy} has no trial yet, so there is no best one")
        return max(self.trials, key=lambda trial: (trial.value, -trial.costs["macs"]))

    def first(self, count):
        """The search as it stood after `count` evaluations, with a budget of so many."""
        return replace(self, budget=Budget(count), trials=self.trials[:count])

    def best_so_far(self):
        """The highest value after each evaluation (N,)."""
        return np.maximum.accumulate([trial.value for trial in self.trials])

    def front(self, cost="macs"):
        """The trials that no other beats in value and `cost`, cheapest first."""
        kept = front([(trial.costs[cost], -trial.value) for trial in self.trials])
        return sorted((t for t, keep in zip(self.trials, kept, strict=True) if keep), key=lambda t: t.costs[cost])


def compare(histories):
    """Return {strategy: list of histories}, after making sure that they may be compared.

    Raises ValueError when two have other budgets, spaces or limits, when one did not use its budget, or one counts
    twice: more evaluations find better networks, whatever the strategy.
    """
    if not histories:
        raise ValueError("compare: no history was given")
    first, table = histories[0], {}
    for history in histories:
        for what in ("budget", "space", "limits"):
            one, other = getattr(first, what), getattr(history, what)
            if one != other:
                raise ValueError(f"compare: {first.strategy} had {what} {one}, {history.strategy} {other}; "
                                 "searches can only be compared when all had the same")
        if not history.complete:
            raise ValueError(f"compare: {history.strategy} (seed {history.seed}) used {len(history.trials)} of "
                             f"{history.budget.evaluations} evaluations; let it go on")
        same = table.setdefault(history.strategy, [])
        if any(other.seed == history.seed for other in same):
            raise ValueError(f"compare: {history.strategy} is there twice with seed {history.seed}")
        same.append(history)
    return table


class Journal:
    """Trials on disk: written whole after each one, so that a search killed at any moment goes on from there.

    `identity` is what makes two searches the same; a journal of another search is refused.
    """

    def __init__(self, path, identity):
        self.path, self.identity = Path(path), json.loads(json.dumps(identity))

    def read(self):
        """The trials so far; none where there is no file. Raises ValueError for a file of another search."""
        if not self.path.exists():
            return []
        found, trials = _parts(self.path)
        if found != self.identity:
            differs = [key for key in self.identity if not found or found.get(key) != self.identity[key]]
            raise ValueError(f"search: {self.path} belongs to another search (other {', '.join(differs) or 'format'}); "
                             "name another file, or remove it")
        return trials

    def write(self, trials):
        """Keep `trials`, at once."""
        rows = [{"code": list(t.code), "value": t.value, "costs": t.costs, "seconds": t.seconds} for t in trials]
        record = {"schema": SCHEMA, "identity": self.identity, "trials": rows}
        _atomic.write_text(self.path, json.dumps(record, indent=1) + "\n")


def stored(path):
    """Return the `History` in the journal at `path`, as if its budget had been what it used.

    How many proposals the device card refused does not stand in a journal.
    """
    identity, trials = _parts(Path(path))
    try:
        where = identity["space"], identity["strategy"], identity["seed"]
        return History(*where, Budget(len(trials)), identity["limits"], tuple(trials), notes=identity["notes"])
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(path, error) from None


def _parts(path):
    """(identity, trials) of a journal; the identity is None when the file is of another format."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        trials = [_trial(row) for row in record["trials"]]
        if len({trial.code for trial in trials}) < len(trials):
            raise ValueError("a network stands there twice")
        identity = record["identity"] if record["schema"] == SCHEMA else None
        if not isinstance(identity, dict | None):
            raise TypeError(f"its identity must be a table, got {identity!r}")
        return identity, trials
    except (ValueError, KeyError, TypeError, OverflowError, AttributeError) as error:
        raise _broken(path, error) from None


def _trial(row):
    """The `Trial` of a row of a journal. Raises ValueError or TypeError for what no search has written."""
    numbers = {"value": row["value"], "seconds": row["seconds"], **row["costs"]}
    for name, number in numbers.items():
        if type(number) not in (int, float) or not np.isfinite(float(number)):
            raise ValueError(f"{name} must be a finite number, got {number!r}")
    if not all(type(index) is int for index in row["code"]):
        raise ValueError(f"code must hold whole numbers, got {row['code']!r}")
    return Trial(tuple(row["code"]), float(row["value"]), row["costs"], row["seconds"])


def _broken(path, error):
    return ValueError(f"search: {path} is no journal of a search ({type(error).__name__}: {error}); remove it, or name "
                      "another file")
