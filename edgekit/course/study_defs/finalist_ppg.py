"""Is the finalist of the pulse search cheaper than the hand-made network, and at least as good, both trained alike?

Tried, on validation people alone: random search and evolution, 100 evaluations each, judged by the shipped supernet,
at most 80 % of the latency of the hand-made network; then six finalists, trained with two seeds (`tried` counts all).
The one that was kept is the cheapest whose mean gain was a standard error above 0. It is the second attempt: the first,
study `searched_pulse`, trained the best of the judge alone, without finalists, and its test people are these.
"""

from edgekit.course import searched
from edgekit.course.study_defs import Definition

PEOPLE, EPOCHS, DATA_SEED = 400, 10, 100
FOUND = {
    "depth": 4, "stem": 16, "stem_kernel": 9, "width0": 40, "kernel0": 7, "stride": 4,
    "width1": 32, "width2": 32, "width3": 16, "width4": 40,
    "kernel1": 5, "kernel2": 5, "kernel3": 5, "kernel4": 5, "bits": 8,
}


def cell(seed, split="test"):
    """Train both on the same people from scratch; score them on the sealed test split."""
    from edgekit.search.trainings import people, train_pulse

    data = people(DATA_SEED + seed, PEOPLE)
    return searched.row("ppg", FOUND, lambda plan: train_pulse(plan, data, EPOCHS, DATA_SEED + seed), split)


STUDY = Definition(
    question="Is the finalist of the pulse search cheaper than the hand-made network, and at least as good?",
    cell=cell,
    seeds=range(5),
    tolerance=searched.tolerances(0.03),
    config={"found": FOUND, "people": PEOPLE, "windows_each": 12, "epochs": EPOCHS, "evaluations": 200,
            "finalists": 6, "attempt": 2},
    tried=206,
    files=("datasets/ppg/test.npz",),
)
