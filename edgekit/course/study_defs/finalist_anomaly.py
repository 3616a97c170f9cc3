"""Is the found autoencoder cheaper than the hand-made one, and at least as good, both trained alike?

Tried, on validation machines alone: random search and evolution, 60 evaluations each, judged by a training on 30
machines, at most 80 % of the latency of the hand-made network; then five finalists, trained with three seeds on 60
machines (`tried` counts all). The one that was kept is the cheapest whose mean gain was a standard error above 0.
"""

from edgekit.course import searched
from edgekit.course.study_defs import Definition

MACHINES, EPOCHS, DATA_SEED = 60, 40, 100
FOUND = {"depth": 1, "hidden": 24, "narrow": 8, "bits": 4}


def cell(seed, split="test"):
    """Train both on the same machines from scratch; score them on the sealed test split."""
    from edgekit.search.trainings import machines, train_autoencoder

    data = machines(DATA_SEED + seed, MACHINES)
    return searched.row("acoustic-anomaly", FOUND,
                        lambda plan: train_autoencoder(plan, data, EPOCHS, DATA_SEED + seed), split)


STUDY = Definition(
    question="Is the found autoencoder cheaper than the hand-made one, and at least as good?",
    cell=cell,
    seeds=range(5),
    tolerance=searched.tolerances(0.03),
    config={"found": FOUND, "machines": MACHINES, "epochs": EPOCHS, "evaluations": 120, "finalists": 5, "attempt": 1},
    tried=125,
    files=("datasets/acoustic/test.npz",),
)
