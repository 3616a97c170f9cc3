"""What do few bits cost the network that hears anomalies, when it imitates itself in floats?

Its first and its last layer hold nearly all of its weights, so these are the ones that get few values; the two between
them keep 8 bits. Tried on validation machines, with 100 machines instead of 60: 20 epochs at 1e-3 (few values: 2e-3),
20 at 3e-3 (few values: 60 at 5e-3); then as here. Ternary and binary weights lost less than a quarter of a point each
time.
"""

from edgekit.course import few_bits
from edgekit.course.study_defs import Definition

MODEL, BITS = "acoustic-autoencoder", (8, 4, 3, 2)
UNITS, TAKES, VIEWS, BATCH_SIZE = 60, 24, 4, 64
FEW_VALUES = ("relu", "linear_3")  # outputs of the first and the last layer
PLAN = {"tuned": (10, 1e-3), "trained8": (10, 1e-3), "trained4": (10, 1e-3), "trained3": (10, 1e-3),
        "trained2": (10, 1e-3), "ternary": (30, 4e-3), "binary": (30, 4e-3)}


def cell(seed, split="test"):
    """Quantize and fine-tune the shipped autoencoder; the seed draws calibration, views and the order of batches."""
    from edgekit import tasks
    from edgekit.data.synthetic.acoustic import training_set
    from edgekit.nn import acoustic, distill, zoo
    from edgekit.nn.graph_net import GraphNet

    graph, recipes = zoo.load(MODEL), few_bits.recipes(PLAN, BATCH_SIZE)
    machines = training_set(UNITS, TAKES, acoustic.DATA_SEED)  # which the shipped network knows
    well = machines.y % 3 == 0
    sounds = machines.x[well] - machines.extras["reference"][well][:, None]
    seen = distill.taught(GraphNet(graph), sounds, machines.y[well], hear, VIEWS, seed)

    def learn(net, name):
        distill.learn(net, seen, recipes[name], distance, seed)

    return few_bits.row(graph, tasks.get("acoustic-anomaly"), seed, learn, BITS, split, layers=FEW_VALUES, gentle=True)


def hear(x, y, draw):
    """A second of each recording, as the graph takes it."""
    from edgekit.nn.acoustic import seconds

    return seconds(x, draw).movedim(1, -1), y


def distance(answers, targets):
    """The mean squared distance to what the float network answers."""
    return ((answers - targets[:, 1:]) ** 2).mean()


STUDY = Definition(
    question="How much AUC does the autoencoder keep with 8, 4, 3, 2 bits, ternary and binary weights?",
    cell=cell,
    seeds=range(100, 105),
    tolerance=few_bits.tolerances(BITS, rounded=0.01, trained=0.01),
    config={
        **few_bits.config(PLAN, BATCH_SIZE),
        "start": MODEL,
        "units": UNITS,
        "takes": TAKES,
        "views": VIEWS,
        "temperature": "none: the loss is the squared distance to what the float network answers",
        "ternary_and_binary": "the first and the last layer, which hold nearly all weights; the others 8 bits",
    },
    tried=3,
    files=("datasets/acoustic/train.npz", "datasets/acoustic/test.npz", "edgekit/nn/weights/acoustic-autoencoder.edge"),
)
