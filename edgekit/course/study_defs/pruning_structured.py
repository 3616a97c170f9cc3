"""2.5 times fewer MACs for the pulse network: what is lost, and is our pruning as good as torch-pruning's?"""

from edgekit.course import pruned_nets
from edgekit.course.study_defs import Definition
from edgekit.nn.train import Recipe

SCHOOLS = {"pulse": pruned_nets.School(
    "ppg-cnn", "ppg", pruned_nets.pulse, Recipe(epochs=16, batch_size=64, learning_rate=5e-3, average=0.99))}


def cell(seed):
    """Prune in both ways, heal with people of this seed, judge on the sealed test split."""
    return pruned_nets.row(SCHOOLS, seed)


STUDY = Definition(
    question="At 2.5 times fewer MACs, what does the pulse network lose, and is torch-pruning better?",
    cell=cell,
    seeds=range(10, 15),
    tolerance=pruned_nets.tolerance(SCHOOLS),
    config={
        **pruned_nets.config(SCHOOLS),
        "people": pruned_nets.PEOPLE,
        "seeds": "other people and orders; fresh ones, for half the epochs had lost 2.4 points on seed 0",
    },
    tried=17,
    files=("datasets/ppg/test.npz", "edgekit/nn/weights/ppg-cnn.edge", "edgekit/nn/weights/ppg-cnn.safetensors"),
)
