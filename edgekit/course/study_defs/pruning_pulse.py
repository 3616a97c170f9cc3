"""The pulse network once more, with twice the people: the recipe that validation had chosen, on fresh seeds.

The study `pruning_unstructured` trained it on fewer people than its tuning had, to save time, and lost more than a
point.
"""

from edgekit.course import unstructured
from edgekit.course.study_defs import Definition
from edgekit.course.study_defs.pruning_unstructured import SPARSITY, learner

PEOPLE, EPOCHS, LEARNING_RATE, ALPHA = 800, 6, 1e-2, 0.5


def cell(seed):
    """Train the shipped pulse network on, pruned and not, on people of this seed; judge on the sealed test split."""
    from edgekit.nn import ppg, zoo
    from edgekit.tasks.ppg import TASK as task

    x, y = ppg.training_windows(1 + seed, PEOPLE)  # the shipped model knows the people of seed 0
    graph = zoo.load(task.model)
    learn = learner(graph, {"x": x[..., None].copy(), "y": y}, EPOCHS, LEARNING_RATE, ALPHA, seed)
    return unstructured.row(graph, task, learn, SPARSITY, seed)


STUDY = Definition(
    question=f"What does {SPARSITY} sparsity cost the pulse network with the recipe as it was tuned?",
    cell=cell,
    seeds=range(30, 35),
    tolerance=unstructured.TOLERANCE,
    config={
        "start": "the shipped ppg-cnn, the same for every seed",
        "people": PEOPLE,
        "windows_each": 12,
        "epochs": EPOCHS,
        "learning_rate": LEARNING_RATE,
        "alpha": ALPHA,
        "sparsity": SPARSITY,
        "all_else": "as in the study pruning_unstructured",
    },
    tried=12,
    files=("datasets/ppg/train.npz", "datasets/ppg/test.npz", "edgekit/nn/weights/ppg-cnn.edge"),
)
