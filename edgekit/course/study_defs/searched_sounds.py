"""Is the listening network that was found cheaper than the hand-made one, and as good, when both are trained alike?"""

from edgekit.course import searched
from edgekit.course.study_defs import Definition

UNITS, EPOCHS, DATA_SEED = 60, 20, 50
FOUND = {}


def cell(seed, split="test"):
    """Train both on the same machines from scratch; score them on the sealed test split."""
    from edgekit.search.evaluate import sounds, train_sound

    data = sounds(DATA_SEED + seed, UNITS)
    return searched.row("acoustic-fault", FOUND, lambda family, code: train_sound(family, code, data, EPOCHS, seed),
                        split)


STUDY = Definition(
    question="Is the found listening network cheaper than the hand-made one, and at least as good?",
    cell=cell,
    seeds=range(5),
    tolerance=searched.tolerances(0.05),
    config={"found": FOUND, "units": UNITS, "takes": 24, "epochs": EPOCHS, "weights": "int8"},
    tried=1,
    files=("datasets/acoustic/test.npz",),
)
