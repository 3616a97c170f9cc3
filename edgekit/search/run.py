"""Run a search: propose, check the device card, evaluate, count, keep."""

import time
from dataclasses import replace

import numpy as np

from edgekit.search.strategies import STRATEGIES
from edgekit.search.trials import Budget, History, Journal, Trial

PATIENCE = 500  # proposals in a row that are refused or known already


def search(family, evaluate, limits, budget, strategy="evolution", seed=0, journal=None, progress=None, notes=None):
    """Return the `History` of a search in the space of `family`.

    `evaluate(code)` returns the score of a network, more is better; it is called for networks that `limits` allow and
    that were not evaluated before, `budget.evaluations` times in all. `journal` is a file: the same call goes on from
    what stands in it, to the same result as without the cut. `notes` say what else makes the search what it is, such
    as how networks are evaluated. `progress(history)` is called after each evaluation.

    Raises ValueError for an unknown strategy, a journal of another search or of other costs, and when in 500 proposals
    the strategy finds nothing new that the device allows.
    """
    history = _begin(family, limits, budget, strategy, seed, notes or {})
    store = Journal(journal, _identity(history)) if journal else None
    costs = _Costs(family, limits)
    known = {trial.code: costs.checked(trial, journal) for trial in store.read()} if store else {}
    proposals = STRATEGIES[strategy](family.space, costs.allowed, np.random.default_rng(seed), seed)
    answer, patience, done = next(proposals), PATIENCE, {}
    while len(done) < budget.evaluations:
        code = answer
        if not patience:
            raise ValueError(f"search: {strategy} found {len(done)} of {budget.evaluations} networks that "
                             f"{limits.card.name} allows, and nothing new in {PATIENCE} proposals; widen the limits or "
                             "lower the budget")
        if not costs.allowed(code):
            history, patience = replace(history, rejected=history.rejected + 1), patience - 1
            answer = proposals.send(None)
            continue
        patience = PATIENCE if code not in done else patience - 1
        if code not in done:
            done[code] = known.get(code) or _evaluated(code, evaluate, costs.of(code))
            history = replace(history, trials=tuple(done.values()))
            if store and code not in known:
                store.write(history.trials)
            if progress:
                progress(history)
        answer = proposals.send((done[code].value, done[code].costs))
    return history


def _begin(family, limits, budget, strategy, seed, notes):
    if strategy not in STRATEGIES:
        raise ValueError(f"search: unknown strategy {strategy!r}; known: {', '.join(STRATEGIES)}")
    if not isinstance(budget, Budget):
        raise ValueError(f"search: budget must be a Budget, got {budget!r}; write Budget(evaluations={budget!r})")
    return History(family.space.name, strategy, seed, budget, {"device": limits.card.name, **limits.most}, notes=notes)


def _identity(history):
    """What makes two searches the same. The budget is no part of it: a longer search begins as a shorter one."""
    return {"space": history.space, "strategy": history.strategy, "seed": history.seed, "limits": history.limits,
            "notes": history.notes}


class _Costs:
    """The costs of codes, each counted once, and whether the limits allow them."""

    def __init__(self, family, limits):
        self.family, self.limits = family, limits

    def of(self, code):
        costs = self.family.costs(code)
        return costs | {"latency_ms": self.limits.card.latency(costs["macs"]).value}

    def checked(self, trial, journal):
        """Return a `trial` out of a journal, when its code is of this space and costs what stands there."""
        try:
            fits = self.family.space.canonical(trial.code) == trial.code
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"search: {journal} holds {trial.code}, which is no code of space "
                             f"{self.family.space.name!r}; remove it, or name another file")
        if trial.costs != self.of(trial.code):
            raise ValueError(f"search: {journal} says that {trial.code} costs {trial.costs}, it costs "
                             f"{self.of(trial.code)}; remove it, or name another file")
        return trial

    def allowed(self, code):
        return self.limits.allow(self.family.costs(code))


def _evaluated(code, evaluate, costs):
    start = time.perf_counter()
    value = float(evaluate(code))
    if not np.isfinite(value):
        raise ValueError(f"search: the evaluation of {code} gave {value}, expected a finite score")
    return Trial(code, value, costs, round(time.perf_counter() - start, 3))
