"""2.5 times fewer MACs for the networks that hear machines: what is lost, by us and by torch-pruning?"""

from edgekit.course import pruned_nets
from edgekit.course.study_defs import Definition
from edgekit.nn.train import Recipe

SCHOOLS = {
    "fault": pruned_nets.School("acoustic-teacher", "acoustic-fault", pruned_nets.machines, Recipe(
        epochs=20, batch_size=64, learning_rate=3e-3, average=0.99), views=8),
    "anomaly": pruned_nets.School("acoustic-autoencoder", "acoustic-anomaly", pruned_nets.healthy, Recipe(
        epochs=40, batch_size=64, learning_rate=2e-3), views=8, loss=pruned_nets.imitate),
}


def cell(seed):
    """Prune in both ways, heal with machines of this seed, judge on the sealed test split."""
    return pruned_nets.row(SCHOOLS, seed)


STUDY = Definition(
    question="At 2.5 times fewer MACs, what do networks that hear faults and anomalies lose, and is torch-pruning "
             "better?",
    cell=cell,
    seeds=range(5),
    tolerance=pruned_nets.tolerance(SCHOOLS),
    config={**pruned_nets.config(SCHOOLS), "machines": pruned_nets.UNITS, "seeds": "other machines, views and orders"},
    tried=16,
    files=("datasets/acoustic/test.npz", *(f"edgekit/nn/weights/{school.network}.{kind}" for school in SCHOOLS.values()
                                           for kind in ("edge", "safetensors"))),
)
