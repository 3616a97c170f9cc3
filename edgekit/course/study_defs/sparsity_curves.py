"""How much of a network may go? Structures and schedules, judged on validation people: what the widget shows."""

from edgekit.course.sparsity import FIXED, STRUCTURES
from edgekit.course.study_defs import Definition

SPARSITIES, EPOCHS, LEARNING_RATE, BATCH_SIZE = (0.5, 0.8, 0.9), 2, 5e-3, 64
SCHEDULES = ("untrained", "once", "gradual")


def points():
    """Yield (schedule, structure, sparsity): every sparsity, or the one that a pattern has; gradual for "all" alone."""
    for structure in STRUCTURES:
        for sparsity in (FIXED[structure],) if structure in FIXED else SPARSITIES:
            for schedule in SCHEDULES if structure == "all" else SCHEDULES[:2]:
                yield schedule, structure, sparsity


def key(schedule, structure, sparsity):
    """The name of a value in the study."""
    return f"{schedule}_{structure}_{100 * sparsity:.0f}"


def cell(seed):
    """Prune the shipped pulse network in every way, and train it on briefly; `seed` orders the batches."""
    from edgekit.course.sparsity import kept, pruned
    from edgekit.nn import zoo
    from edgekit.nn.prune import MaskedNet, TunableNet
    from edgekit.nn.train import Recipe, outputs, train
    from edgekit.tasks.ppg import TASK as task

    graph, (x, y), (x_train, y_train) = zoo.load(task.model), task.inputs("val"), task.inputs("train")
    recipe = Recipe(epochs=EPOCHS, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE)

    def trained(net):
        train(net, x_train, y_train, recipe, seed)
        return task.score(y, x, outputs(net, x))

    found = {"float": task.score(y, x, outputs(MaskedNet(graph), x)), "tuned": trained(MaskedNet(graph))}
    for schedule, structure, sparsity in points():
        if schedule == "gradual":
            batches = EPOCHS * -(-len(x_train) // BATCH_SIZE)
            net = MaskedNet(graph).gradually(sparsity, batches, scope=structure, every=4, until=0.6)
        elif structure == "channels":
            net = TunableNet(pruned(graph, structure, sparsity))
        else:
            net = MaskedNet(graph, kept(graph, structure, sparsity))
        score = task.score(y, x, outputs(net, x)) if schedule == "untrained" else trained(net)
        found[key(schedule, structure, sparsity)] = score
    return found


STUDY = Definition(
    question="How much macro-F1 does the pulse model keep at each sparsity, by structure and schedule?",
    cell=cell,
    seeds=range(5),
    tolerance={"float": 0.01, "tuned": 0.03} | {key(*point): 0.03 if point[0] == "untrained" else 0.1
                                                for point in points()},
    config={
        "start": "the shipped ppg-cnn, the same for every seed",
        "seeds": "orders of the batches",
        "judged_on": "validation split",
        "trained_on": "training split",
        "epochs": EPOCHS,
        "learning_rate": LEARNING_RATE,
        "batch_size": BATCH_SIZE,
        "gradual": "cubic, done at 0.6 of the training",
    },
    files=("datasets/ppg/train.npz", "datasets/ppg/val.npz", "edgekit/nn/weights/ppg-cnn.edge"),
)
