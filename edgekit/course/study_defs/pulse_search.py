"""May a supernet judge pulse networks, and does any strategy find better ones than chance, at equal budgets?"""

from edgekit.course.study_defs import Definition

SUBJECTS, EPOCHS, SUPERNET_EPOCHS = 120, 10, 10
NETWORKS = 20
PROXIES = ("macs", "weight_bytes", "synflow", "grad_norm", "naswot")
KINDS = ("alone", "part", *PROXIES)
STRATEGIES, BUDGET, MILESTONES = ("random", "evolution", "tpe", "nsga2"), 40, (10, 20, 30, 40)
CARD, LATENCY_MS = "cortex-m0+ small", 600.0
REFERENCE = 7.0, 0.0  # log10 of the MACs and the score, beyond which a network adds nothing to the volume


def cell(seed, split="test"):
    """Train a supernet on people of this seed; compare its order with stand-alone training, and search in it."""
    from dataclasses import replace

    from edgekit.nn.supernet import RECIPE
    from edgekit.search.evaluate import SupernetJudge
    from edgekit.search.families import family

    judge = SupernetJudge(family("ppg"), seed, SUBJECTS, replace(RECIPE, epochs=SUPERNET_EPOCHS))
    return order(judge, seed, split) | searches(judge, seed)


def order(judge, seed, split):
    """Scores of twenty networks as parts and trained alone on the same people, and the rank correlations of both."""
    from edgekit.core.rank import spearman
    from edgekit.nn.train import outputs
    from edgekit.search.evaluate import torch_layout
    from edgekit.search.trainings import train_pulse

    x, y = judge.task.inputs(split, purpose="report" if split == "test" else "select")
    columns = {kind: [] for kind in KINDS}
    for code in networks(judge.family):
        for name, value in untrained(judge, code, seed).items():
            columns[name].append(value)
        net = train_pulse(judge.family.plan(code), (judge.x, judge.y), EPOCHS, seed)
        columns["alone"].append(judge.task.score(y, x, outputs(net, torch_layout(x))))
        columns["part"].append(judge(code))
    row = {f"{kind}{i:02}": value for kind in ("alone", "part") for i, value in enumerate(columns[kind])}
    return row | {f"rho_{kind}": spearman(columns[kind], columns["alone"]) for kind in KINDS[1:]}


def networks(family):
    """Return the codes of twenty networks, from few MACs to many."""
    import numpy as np

    from edgekit.search.families import spread

    return spread(family, NETWORKS, np.random.default_rng(0), bits=8)


def untrained(judge, code, seed):
    """Return {proxy: value} of a network before training; what needs data sees 64 training windows."""
    from edgekit.nn.proxies import PROXIES as measures
    from edgekit.nn.train import seeded

    net, costs = seeded(lambda: judge.family.build(code), seed), judge.family.costs(code)
    found = {name: measure(net, judge.x[:64], judge.y[:64]) for name, measure in measures.items()}
    return {name: (costs | found)[name] for name in PROXIES}


def searches(judge, seed):
    """The best validation score of every strategy after each milestone, and the volume behind its front."""
    from functools import cache

    from edgekit.core.pareto import hypervolume
    from edgekit.search.run import search
    from edgekit.search.trials import Budget, compare

    score, row = cache(judge), {}  # a network has one score, whoever asks
    found = compare([search(judge.family, score, limits(), Budget(BUDGET), strategy, seed) for strategy in STRATEGIES])
    for strategy, (history,) in found.items():
        row |= {f"{strategy}{count:02}": float(history.best_so_far()[count - 1]) for count in MILESTONES}
        row[f"{strategy}_volume"] = hypervolume(points(history.trials), [REFERENCE[0], -REFERENCE[1]])
    return row


def limits():
    """What a pulse network may cost: a small device card, and a latency below that of the hand-made network."""
    from edgekit.deploy.devices import device
    from edgekit.search.limits import Limits

    return Limits(device(CARD), LATENCY_MS)


def points(trials):
    """(log10 of the MACs, minus the score) of each trial."""
    from math import log10

    return [(log10(trial.costs["macs"]), -trial.value) for trial in trials]


STUDY = Definition(
    question="Does a supernet order pulse networks as training each alone does, and does a strategy beat chance in it?",
    cell=cell,
    seeds=range(5),
    tolerance={f"{kind}{i:02}": 0.15 for kind in ("alone", "part") for i in range(NETWORKS)}
    | {f"rho_{kind}": 0.15 for kind in KINDS[1:]}
    | {f"{strategy}{count:02}": 0.1 for strategy in STRATEGIES for count in MILESTONES}
    | {f"{strategy}_volume": 0.2 for strategy in STRATEGIES},
    config={
        "networks": NETWORKS,
        "subjects": SUBJECTS,
        "windows_each": 12,
        "epochs_alone": EPOCHS,
        "epochs_supernet": SUPERNET_EPOCHS,
        "alone_is_scored_on": "the sealed test split",
        "parts_are_scored_on": "the validation split",
        "budget": BUDGET,
        "device": CARD,
        "latency_ms": LATENCY_MS,
        "reference": list(REFERENCE),
    },
    tried=3,
    files=("datasets/ppg/val.npz", "datasets/ppg/test.npz"),
)
