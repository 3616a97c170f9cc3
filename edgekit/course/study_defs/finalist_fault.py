"""Is the network that the fault search found cheaper than the hand-made one, and at least as good, both trained alike?

Tried, on machines of no test split. First attempt: evolution and random search, 44 evaluations each, 60 to 90 % of the
MACs, judged by 300 batches; after 1,080 batches three of its best were 4.3, 8.1 and 1.6 points behind the hand-made
network (one seed). Then `edgekit search acoustic-fault --close --strategy tpe --evaluations 22`, judged by 900
batches. There the hand-made network scored 75.1 and 71.7 with two seeds, the best of the search 72.6 with the first.
There was no time for finalists: frozen was that best. `tried` counts 110 evaluations and the three trainings.
"""

from edgekit.course import searched
from edgekit.course.study_defs import Definition

MACHINES, MACHINES_SEED, EPOCHS, FIRST = 240, 50, 14, 100
FOUND = {
    "depth": 4, "stem": 12, "stem_kernel": 3, "channels1": 12, "channels2": 32, "channels3": 24, "channels4": 24,
    "kernel1": 3, "kernel2": 3, "kernel3": 5, "kernel4": 5, "bits": 8,
}


def cell(seed, split="test"):
    """Train both on the same machines from scratch; score them on the sealed test split."""
    from edgekit.search.close import train_fast
    from edgekit.search.trainings import machines

    data = machines(MACHINES_SEED, MACHINES)
    return searched.row("acoustic-fault", FOUND, lambda plan: train_fast(plan, data, EPOCHS, FIRST + seed), split)


STUDY = Definition(
    question="Is the network that the fault search found cheaper than the hand-made one, and at least as good?",
    cell=cell,
    seeds=range(5),
    tolerance=searched.tolerances(0.03),
    config={"found": FOUND, "machines": MACHINES, "epochs": EPOCHS, "evaluations": 110, "finalists": 3, "attempt": 2,
            "seed": "draws weights, cuts and order, from 100 on; the machines are the same for every seed"},
    tried=113,
    files=("datasets/acoustic/test.npz",),
)
