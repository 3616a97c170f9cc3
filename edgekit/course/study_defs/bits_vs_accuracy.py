"""What do few bits cost the pulse model: rounded, trained, ternary, binary?"""

from edgekit.course import few_bits
from edgekit.course.study_defs import Definition

BITS = (8, 4, 3, 2)
SUBJECTS, EPOCHS, LEARNING_RATE, BATCH_SIZE = 500, 3, 5e-3, 64


def cell(seed):
    """Quantize and fine-tune the shipped pulse model on people of this seed; score on the sealed test split."""
    import numpy as np

    from edgekit.nn import ppg, zoo
    from edgekit.nn.train import Recipe, train
    from edgekit.tasks.ppg import TASK as task

    x, y = ppg.training_windows(1 + seed, SUBJECTS)  # the shipped model knows the people of seed 0
    x = np.ascontiguousarray(x[..., None])
    recipe = Recipe(epochs=EPOCHS, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE)
    return few_bits.row(zoo.load(task.model), task, seed, lambda net, _: train(net, x, y, recipe, seed), BITS)


STUDY = Definition(
    question="How much macro-F1 does the pulse model keep with 8, 4, 3, 2 bits, ternary and binary weights?",
    cell=cell,
    seeds=range(5),
    tolerance=few_bits.tolerances(BITS),
    config={
        "start": "the shipped ppg-cnn, the same for every seed",
        "subjects": SUBJECTS,
        "windows_each": 12,
        "epochs": EPOCHS,
        "learning_rate": LEARNING_RATE,
        "batch_size": BATCH_SIZE,
        "calibration_windows": few_bits.CALIBRATION,
        "observer": few_bits.OBSERVER,
        "weight_observer": few_bits.WEIGHT_OBSERVER,
        "activations": "int8",
        "ternary_and_binary": "first and last layer 8 bits",
    },
    tried=4,
    files=("datasets/ppg/train.npz", "datasets/ppg/test.npz", "edgekit/nn/weights/ppg-cnn.edge"),
)
