"""What do 80 % of the weights cost when they go while the network trains, and how many bytes do they save?"""

from edgekit.course import unstructured
from edgekit.course.study_defs import Definition

SPARSITY, UNTIL, EVERY, BATCH_SIZE = 0.8, 0.5, 10, 64
TEMPERATURE = 3.0
PEOPLE, UNITS, TAKES, VIEWS, COLOUR_DB = 400, 60, 24, 6, 2.0
#: network: (task, epochs, learning rate, alpha: the weight of the labels beside the answers of the shipped network)
NETWORKS = {
    "ppg-cnn": ("ppg", 8, 1e-2, 0.5),
    "acoustic-teacher": ("acoustic-fault", 8, 1e-3, 0.0),
    "acoustic-student": ("acoustic-fault", 8, 5e-3, 0.0),
}


def cell(seed):
    """Train every network of `NETWORKS` on, pruned and not, on people and machines of this seed; judge on the test."""
    from edgekit import tasks
    from edgekit.nn import zoo

    found, examples = {}, {"ppg": people(seed), "acoustic-fault": machines(seed)}
    for name, (task, *how) in NETWORKS.items():
        graph = zoo.load(name)
        row = unstructured.row(graph, tasks.get(task), learner(graph, examples[task], *how, seed), SPARSITY, seed)
        found |= {f"{name}_{key}": value for key, value in row.items()}
    return found


def learner(graph, examples, epochs, rate, alpha, seed):
    """Return `learn(net, final)`: train a `MaskedNet` in place on what `graph` answers to `examples`."""
    from edgekit.nn import distill
    from edgekit.nn.graph_net import GraphNet
    from edgekit.nn.train import Recipe

    data = distill.taught(GraphNet(graph), **examples, seed=seed)
    recipe = Recipe(epochs=epochs, learning_rate=rate, batch_size=BATCH_SIZE)

    def learn(net, final):
        if final:
            net.gradually(final, epochs * -(-len(data[0]) // BATCH_SIZE), every=EVERY, until=UNTIL)
        distill.learn(net, data, recipe, distill.Distillation(TEMPERATURE, alpha), seed)

    return learn


def people(seed):
    """Pulse windows of people whom no shipped model knows, as `distill.taught` takes them."""
    from edgekit.nn import ppg

    x, y = ppg.training_windows(1 + seed, PEOPLE)  # the shipped model knows the people of seed 0
    return {"x": x[..., None].copy(), "y": y}


def machines(seed):
    """Recordings of machines that no shipped model knows, and how seconds are cut out of them."""
    from edgekit.data.synthetic.acoustic import training_set
    from edgekit.nn import acoustic

    def see(x, y, draw):
        return acoustic.seconds(x, draw, COLOUR_DB).movedim(1, -1), y

    data = training_set(UNITS, TAKES, acoustic.DATA_SEED + 1 + seed)
    return {"x": data.x, "y": data.y, "vary": see, "views": VIEWS}


#: too small for this sparsity, the student collapses: five seeds lie 7 points (standard deviation) apart, and another
#: processor, which rounds its sums otherwise, ends as far away (2 and 7 were seen) as another seed: three standard
#: deviations of a difference
COLLAPSED = 30.0

STUDY = Definition(
    question=f"What does {SPARSITY} sparsity cost after gradual pruning, and how many bytes does it save?",
    cell=cell,
    seeds=range(20, 25),
    tolerance={f"{name}_{key}": value for name in NETWORKS for key, value in unstructured.TOLERANCE.items()}
    | {f"acoustic-student_{key}": COLLAPSED for key in ("pruned", "drop", "cost", "int8")},
    config={
        "start": "the shipped networks, the same for every seed",
        "networks": {name: dict(zip(("task", "epochs", "learning_rate", "alpha"), how, strict=True))
                     for name, how in NETWORKS.items()},
        "people": PEOPLE,
        "windows_each": 12,
        "units": UNITS,
        "takes": TAKES,
        "views": VIEWS,
        "colour_db": COLOUR_DB,
        "batch_size": BATCH_SIZE,
        "schedule": f"cubic, all layers ranked together, done at {UNTIL} of the training",
        "loss": f"alpha cross-entropy + (1 - alpha) KL to the shipped network at temperature {TEMPERATURE}",
        "sparsity": SPARSITY,
        "bytes": "int8 codes, and all else that inference needs",
    },
    tried=12,
    files=("datasets/ppg/train.npz", "datasets/ppg/test.npz", "datasets/acoustic/train.npz",
           "datasets/acoustic/test.npz", *(f"edgekit/nn/weights/{name}.edge" for name in NETWORKS)),
)
