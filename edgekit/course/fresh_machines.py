"""Machines that no study has asked: a judge for what the sealed test split has been asked before.

    heard = fresh()                                   60 units, made by a seed of their own
    a, b = (heard.judge(network) for network in two)
    machine_error(a, b, heard)                        how far a - b would move with other machines

Sounds of one machine go together, so whole machines are drawn, not sounds.
Source: Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8 (hierarchical data).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from edgekit import data, tasks
from edgekit.course import paired, teaching
from edgekit.data.synthetic.acoustic import training_set
from edgekit.nn import acoustic
from edgekit.tasks.acoustic import front_end

UNITS, SEED = 60, 30_106  # beside the seeds of the embedded splits, 30_101 to 30_105
STATES = 3  # of each kind of machine


@dataclass(frozen=True)
class Heard:
    """Inputs x (N, 32, 40, 1), classes y (N,) and the machine of each, `unit` (N,)."""

    x: np.ndarray
    y: np.ndarray
    unit: np.ndarray

    def judge(self, network):
        """The `paired.Judge` of a torch `network` on these sounds."""
        answers = teaching.answers(network, acoustic.INPUT_SHAPE, self.x)
        return paired.judge(tasks.get("acoustic-fault"), self.x, self.y, answers)


def heard(recordings):
    """The `Heard` of a data set `acoustic`: the first second of every recording, as the test split has it."""
    return Heard(front_end(recordings.x, recordings.fs), recordings.y, recordings.group)


@cache
def fresh():
    """The fresh machines, 12 of each kind; made once, in half a minute, then read from the cache."""
    return heard(training_set(UNITS, acoustic.TAKES, SEED))


def sealed():
    """The machines of the sealed test split."""
    return heard(data.load("acoustic", "test", purpose="report"))


def machine_error(a, b, heard, resamples=200, seed=0):
    """Standard error of `a.value - b.value`, in points, over machines: as many of each kind drawn with replacement.

    a, b: judges of the sounds of `heard`.
    """
    if not a.count == b.count == len(heard.unit):
        raise ValueError(f"machine_error: both judges must know the {len(heard.unit)} sounds of heard, got {a.count} "
                         f"and {b.count}; make them with heard.judge")
    rng, kinds = np.random.default_rng(seed), {}
    for name in np.unique(heard.unit):
        own = np.flatnonzero(heard.unit == name)
        kinds.setdefault(heard.y[own[0]] // STATES, []).append(own)

    def difference():
        chosen = np.concatenate([kind[i] for kind in kinds.values() for i in rng.integers(len(kind), size=len(kind))])
        return a.value(chosen) - b.value(chosen)

    return float(np.std([difference() for _ in range(resamples)], ddof=1))
