"""At equal budgets, does any strategy find better pulse networks than chance?"""

from edgekit.course.study_defs import Definition
from edgekit.course.study_defs.supernet_ranking import LEARNING_RATE, SUBJECTS, SUPERNET_EPOCHS

STRATEGIES, BUDGET, MILESTONES = ("random", "evolution", "tpe", "nsga2"), 60, (10, 20, 40, 60)
CARD, LATENCY_MS = "cortex-m0+ small", 600.0
REFERENCE = 7.0, 0.0  # log10 of the MACs and the score, beyond which a network adds nothing to the volume


def cell(seed):
    """Search with every strategy on one supernet; return the best validation score after each milestone."""
    from functools import cache

    from edgekit.core.pareto import hypervolume
    from edgekit.nn.train import Recipe
    from edgekit.search.evaluate import SupernetJudge
    from edgekit.search.families import family
    from edgekit.search.run import search
    from edgekit.search.trials import Budget, compare

    judge = SupernetJudge(family("ppg"), seed, SUBJECTS, Recipe(epochs=SUPERNET_EPOCHS, learning_rate=LEARNING_RATE))
    score = cache(judge)  # a network has one score, whoever asks
    found = compare([search(judge.family, score, limits(), Budget(BUDGET), strategy, seed) for strategy in STRATEGIES])
    row = {}
    for strategy, (history,) in found.items():
        row |= {f"{strategy}{count:02}": float(history.best_so_far()[count - 1]) for count in MILESTONES}
        row[f"{strategy}_volume"] = hypervolume(points(history.trials), [REFERENCE[0], -REFERENCE[1]])
    return row


def limits():
    """What the pulse network may cost: a small device card and a latency below that of the hand-made network."""
    from edgekit.deploy.devices import device
    from edgekit.search.limits import Limits

    return Limits(device(CARD), LATENCY_MS)


def points(trials):
    """(log10 of the MACs, minus the score) of each trial."""
    import numpy as np

    return [(np.log10(trial.costs["macs"]), -trial.value) for trial in trials]


STUDY = Definition(
    question="At equal budgets, which strategy finds better pulse networks?",
    cell=cell,
    seeds=range(5),
    tolerance={f"{strategy}{count:02}": 0.1 for strategy in STRATEGIES for count in MILESTONES}
    | {f"{strategy}_volume": 0.2 for strategy in STRATEGIES},
    config={
        "judge": "a supernet trained anew for every seed, the same for all strategies",
        "subjects": SUBJECTS,
        "epochs_supernet": SUPERNET_EPOCHS,
        "budget": BUDGET,
        "device": CARD,
        "latency_ms": LATENCY_MS,
        "reference": list(REFERENCE),
    },
    tried=1,
    files=("datasets/ppg/val.npz",),
)
