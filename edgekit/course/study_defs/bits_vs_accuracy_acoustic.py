"""What do few bits cost the small network that hears faults of machines?"""

from edgekit.course import few_bits
from edgekit.course.study_defs import Definition

BITS = (8, 4, 3, 2)
UNITS, TAKES, EPOCHS, LEARNING_RATE, BATCH_SIZE, COLOUR_DB = 60, 24, 16, 3e-3, 64, 2.0


def cell(seed):
    """Quantize and fine-tune the shipped student on machines of this seed; score on the sealed test split."""
    from edgekit import tasks
    from edgekit.data.synthetic.acoustic import training_set
    from edgekit.nn import acoustic, zoo
    from edgekit.nn.train import Recipe, train

    def see(x, y, draw):
        return acoustic.seconds(x, draw, COLOUR_DB).movedim(1, -1), y

    data = training_set(UNITS, TAKES, acoustic.DATA_SEED + 1 + seed)  # the shipped model knows the machines of seed 0
    recipe = Recipe(epochs=EPOCHS, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE)
    task = tasks.get("acoustic-fault")
    graph = zoo.load("acoustic-student")
    return few_bits.row(graph, task, seed, lambda net, _: train(net, data.x, data.y, recipe, seed, vary=see), BITS)


STUDY = Definition(
    question="How much macro-F1 does the listening student keep with 8, 4, 3, 2 bits, ternary and binary weights?",
    cell=cell,
    seeds=range(5),
    tolerance=few_bits.tolerances(BITS, rounded=0.03, trained=0.06),
    config={
        "start": "the shipped acoustic-student, the same for every seed",
        "units": UNITS,
        "takes": TAKES,
        "epochs": EPOCHS,
        "learning_rate": LEARNING_RATE,
        "batch_size": BATCH_SIZE,
        "colour_db": COLOUR_DB,
        "calibration_windows": few_bits.CALIBRATION,
        "observer": few_bits.OBSERVER,
        "weight_observer": few_bits.WEIGHT_OBSERVER,
        "activations": "int8",
        "ternary_and_binary": "first and last layer 8 bits",
    },
    tried=4,
    files=("datasets/acoustic/train.npz", "datasets/acoustic/test.npz", "edgekit/nn/weights/acoustic-student.edge"),
)
