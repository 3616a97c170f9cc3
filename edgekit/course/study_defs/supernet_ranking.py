"""Does a supernet put pulse networks in the order that training each by itself gives?"""

from edgekit.course.study_defs import Definition

NETWORKS, SUBJECTS, EPOCHS, SUPERNET_EPOCHS, LEARNING_RATE = 20, 150, 10, 12, 6e-3
PROXIES = ("macs", "weight_bytes", "synflow", "grad_norm", "naswot")
KINDS = ("alone", "part", *PROXIES)


def cell(seed, split="test"):
    """Score twenty networks as parts of a supernet and trained alone on the same people; order by order."""
    from edgekit.core.rank import spearman
    from edgekit.nn.supernet import round_weights
    from edgekit.nn.train import Recipe, outputs, seeded, train
    from edgekit.search.evaluate import SupernetJudge, torch_layout

    chosen, codes = networks()
    judge = SupernetJudge(chosen, seed, SUBJECTS, Recipe(epochs=SUPERNET_EPOCHS, learning_rate=LEARNING_RATE))
    x_test, y_test = judge.task.inputs(split, purpose="report" if split == "test" else "select")
    columns = {kind: [] for kind in KINDS}
    for code in codes:
        net = seeded(lambda code=code: chosen.build(code), seed)
        for name, value in untrained(net, chosen.costs(code), judge.x, judge.y).items():
            columns[name].append(value)
        train(net, judge.x, judge.y, Recipe(epochs=EPOCHS), seed)
        answers = outputs(round_weights(net, 8), torch_layout(x_test))
        columns["alone"].append(judge.task.score(y_test, x_test, answers))
        columns["part"].append(judge(code))
    row = {f"{kind}{i:02}": value for kind in ("alone", "part") for i, value in enumerate(columns[kind])}
    return row | {f"rho_{kind}": spearman(columns[kind], columns["alone"]) for kind in KINDS[1:]}


def networks():
    """Return (the family of pulse networks, the codes of twenty of them, from few MACs to many)."""
    import numpy as np

    from edgekit.search.families import family, spread

    chosen = family("ppg")
    return chosen, spread(chosen, NETWORKS, np.random.default_rng(0), bits=8)


def untrained(net, costs, x, y):
    """Return {proxy: value} of a network before training; batches are of 64 training windows."""
    from edgekit.nn.proxies import PROXIES as measures

    found = {name: measure(net, x[:64], y[:64]) for name, measure in measures.items()}
    return {name: costs[name] if name in costs else found[name] for name in PROXIES}


STUDY = Definition(
    question="Does a supernet put twenty pulse networks in the order of their stand-alone training?",
    cell=cell,
    seeds=range(5),
    tolerance={f"{kind}{i:02}": 0.12 for kind in ("alone", "part") for i in range(NETWORKS)}
    | {f"rho_{kind}": 0.12 for kind in KINDS[1:]},
    config={
        "networks": NETWORKS,
        "subjects": SUBJECTS,
        "windows_each": 12,
        "epochs_alone": EPOCHS,
        "epochs_supernet": SUPERNET_EPOCHS,
        "learning_rate_supernet": LEARNING_RATE,
        "learning_rate_alone": 4e-3,
        "alone_is_scored_on": "the sealed test split",
        "parts_are_scored_on": "the validation split",
        "weights": "int8",
    },
    tried=2,
    files=("datasets/ppg/val.npz", "datasets/ppg/test.npz"),
)
