"""2.5 times fewer MACs for the pulse network: what is lost, and is our pruning as good as torch-pruning's?

Tried before, on validation people: 17 ways with scores of rows and columns, one ratio for all layers and no fit (300
people, up to 16 epochs: they lost 1.9 points on the test split, torch-pruning 1.4; half the epochs 2.4 on seed 0).
Then the fit, with channels ranked by norms or in the order of least harm, and with one ratio or errors to the power .5,
1, 2 spread, the last also halfway: 6 cuts without healing. Healed with 800 people for 6 epochs: one ratio, and squares;
both were equal, and half a point better than torch-pruning. Frozen: squares, halfway, 8 epochs.
"""

from edgekit.course import pruned_nets
from edgekit.course.study_defs import Definition
from edgekit.nn.train import Recipe

SCHOOLS = {"pulse": pruned_nets.School(
    "ppg-cnn", "ppg", pruned_nets.pulse, Recipe(epochs=8, batch_size=64, learning_rate=5e-3, average=0.99))}


def cell(seed):
    """Prune in both ways, heal with people of this seed, judge on the sealed test split."""
    return pruned_nets.row(SCHOOLS, seed)


STUDY = Definition(
    question="At 2.5 times fewer MACs, what does the pulse network lose, and is torch-pruning better?",
    cell=cell,
    seeds=range(40, 45),
    tolerance=pruned_nets.tolerance(SCHOOLS),
    config={
        **pruned_nets.config(SCHOOLS),
        "people": pruned_nets.PEOPLE,
        "seeds": "other people and orders; fresh ones",
    },
    tried=26,
    files=("datasets/ppg/train.npz", "datasets/ppg/test.npz", "edgekit/nn/weights/ppg-cnn.edge",
           "edgekit/nn/weights/ppg-cnn.safetensors"),
)
