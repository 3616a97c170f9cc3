"""Is the pulse network that was found cheaper than the hand-made one, and as good, when both are trained alike?"""

from edgekit.course import searched
from edgekit.course.study_defs import Definition

SUBJECTS, EPOCHS, DATA_SEED = 250, 10, 50
#: the best part of the shipped supernet in four searches of 100 evaluations, at most 600 ms on "cortex-m0+ small"
FOUND = {
    "depth": 4, "stem": 16, "stem_kernel": 9, "width0": 32, "kernel0": 7, "stride": 4,
    "width1": 32, "width2": 40, "width3": 32, "width4": 32,
    "kernel1": 5, "kernel2": 5, "kernel3": 5, "kernel4": 3, "bits": 8,
}


def cell(seed, split="test"):
    """Train both on the same people from scratch; score them on the sealed test split."""
    from edgekit.search.trainings import people, train_pulse

    data = people(DATA_SEED + seed, SUBJECTS)
    return searched.row("ppg", FOUND, lambda plan: train_pulse(plan, data, EPOCHS, seed), split)


STUDY = Definition(
    question="Is the found pulse network cheaper than the hand-made one, and at least as good?",
    cell=cell,
    seeds=range(5),
    tolerance=searched.tolerances(0.03),
    config={"found": FOUND, "subjects": SUBJECTS, "windows_each": 12, "epochs": EPOCHS, "weights": "int8"},
    tried=400,
    files=("datasets/ppg/test.npz",),
)
