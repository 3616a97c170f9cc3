"""The problem of the whole kit: the cheapest model whose accuracy stays within delta of the original.

minimise cost(m)   subject to   value(m) >= value(baseline) - delta
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A model one could ship: its name, the metric's value, and its costs by name, such as `weight_bytes`."""

    name: str
    value: float
    costs: dict


def feasible(candidates, baseline, delta, budget=None):
    """Return the candidates with `value >= baseline - delta` whose costs keep the `budget` {name: most}."""
    if not delta >= 0:
        raise ValueError(f"feasible: delta must be >= 0, got {delta}; it is the accuracy one is ready to lose")
    budget = budget or {}
    return [
        c
        for c in candidates
        if c.value >= baseline - delta and all(c.costs[name] <= most for name, most in budget.items())
    ]


def cheapest(candidates, baseline, delta, cost="weight_bytes", budget=None):
    """Return the feasible candidate of least `cost`; among equals the one with the greater value.

    Raises ValueError when none is feasible, and says which condition the best one breaks.

    >>> shelf = [Candidate("float", 0.93, {"weight_bytes": 400}), Candidate("int8", 0.928, {"weight_bytes": 110}),
    ...          Candidate("2 bits", 0.61, {"weight_bytes": 40})]
    >>> cheapest(shelf, baseline=0.93, delta=0.01).name
    'int8'
    """
    allowed = feasible(candidates, baseline, delta, budget)
    if not allowed:
        best = max(candidates, key=lambda c: c.value, default=None)
        raise ValueError(
            f"cheapest: no candidate reaches {baseline - delta:.4g} within budget {budget}; the best is {best}; "
            "widen delta or the budget, or add candidates"
        )
    return min(allowed, key=lambda c: (c.costs[cost], -c.value))
