"""From the best by a cheap judge to the one to keep: train a handful beside the hand-made network, and compare.

The judge of a search is cheap, and so cannot tell nearly equal networks apart. A few finalists of its front are
trained in full, on the data and for as long as the hand-made network is, with several seeds, and scored on validation
data. What is kept is the cheapest one that is at least as good. The sealed test split is for that one alone.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edgekit import _atomic, tasks
from edgekit.search.trainings import TRAININGS, scored


@dataclass(frozen=True)
class Finalist:
    """A network trained in full: its code (None: the hand-made one), its MACs, its score for every seed."""

    code: tuple | None
    macs: int
    scores: tuple

    def gain(self, baseline):
        """(mean, standard error) of the difference from `baseline` over the seeds, in the unit of the score."""
        differences = np.subtract(self.scores, baseline.scores)
        error = differences.std(ddof=1) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
        return float(differences.mean()), float(error)


def choose(history, count=5):
    """Return the codes of `count` trials, cheapest first: the dear end of the front, then of what lies behind it."""
    chosen, rest = [], list(history.trials)
    while rest and len(chosen) < count:
        front = replace(history, trials=tuple(rest)).front()
        chosen += front[::-1][: count - len(chosen)]
        rest = [trial for trial in rest if trial not in front]
    return [trial.code for trial in sorted(chosen, key=lambda trial: trial.costs["macs"])]


def train_all(family, codes, seeds=(0, 1, 2), size=None, epochs=None, journal=None, progress=None, how=None,
              judged=None):
    """Return [Finalist]: the hand-made network and one for each of `codes`, all trained alike, scored on validation.

    Each of `seeds` draws data and weights anew. `how` is the `Training` of the task; `size` and `epochs` are those of
    its full one, unless they are given. `judged` = (x, y) replaces the validation split. `journal` is a file that keeps
    every score: the same call goes on from there after a cut. `progress(code, seed, score)` is called after each
    training.
    """
    if not how and family.task not in TRAININGS:
        raise ValueError(f"finalists: no training is there for {family.task}, only for {', '.join(TRAININGS)}")
    how = how or TRAININGS[family.task]
    size, epochs = size or how.full[0], epochs or how.full[1]
    known = _Scores(journal, [family.task, size, epochs])
    x, y = judged or tasks.get(family.task).inputs("val")
    for seed in seeds:
        data = None
        for code in (None, *codes):
            if known.get(code, seed) is None:
                data, plan = data or how.data(seed, size), family.plan(code)
                known.put(code, seed, scored(family.task, plan, how.train(plan, data, epochs, seed), x, y))
            if progress:
                progress(code, seed, known.get(code, seed))
    return [Finalist(code, family.plan(code).costs["macs"], tuple(known.get(code, seed) for seed in seeds))
            for code in (None, *codes)]


def winner(finalists):
    """Return the cheapest finalist that is at least as good as the hand-made network, the first of the list.

    At least as good means: the mean difference on validation is one standard error or more above 0, so that a lucky
    one among several does not pass for good. It must be cheaper, too. None when there is no such finalist.
    """
    baseline, *others = finalists
    good = [other for other in others if other.macs < baseline.macs and _proven(*other.gain(baseline))]
    return min(good, key=lambda other: other.macs) if good else None


def _proven(mean, error):
    return mean >= error


class _Scores:
    """Scores by code and seed, kept in a file where there is one."""

    def __init__(self, path, identity):
        self.path, self.identity, self.rows = path and Path(path), identity, {}
        if self.path and self.path.exists():
            record = self._read()
            if record["identity"] != identity:
                raise ValueError(f"finalists: {self.path} is of {record['identity']}, expected {identity}; remove it, "
                                 "or name another file")
            self.rows = record["scores"]

    def _read(self):
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            if set(record) == {"identity", "scores"} and np.isfinite(list(record["scores"].values())).all():
                return record
        except (ValueError, TypeError, AttributeError):
            pass
        raise ValueError(f"finalists: {self.path} holds no scores of finalists; remove it, or name another file")

    def get(self, code, seed):
        return self.rows.get(_key(code, seed))

    def put(self, code, seed, score):
        self.rows[_key(code, seed)] = score
        if self.path:
            _atomic.write_text(self.path, json.dumps({"identity": self.identity, "scores": self.rows}, indent=1) + "\n")


def _key(code, seed):
    return f"{'hand-made' if code is None else list(code)} seed {seed}"
