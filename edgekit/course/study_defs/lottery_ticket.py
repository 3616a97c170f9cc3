"""Is there a winning ticket: do the first weights matter, or the mask alone?"""

from edgekit.course import tickets
from edgekit.course.study_defs import Definition

#: of 95 % at random places five seeds end 6 points (standard deviation) apart, and another processor rounds its sums
#: otherwise and ends as far away as another seed: three standard deviations of a difference
CHAOTIC = {"shuffled95": 25.0}
SPARSITIES, ROUNDS, EPOCHS, LEARNING_RATE, BATCH_SIZE = (0.8, 0.9, 0.95), 4, 15, 3e-3, 64


def cell(seed):
    """Find tickets at every sparsity; `seed` draws the test digits, the first weights and the order of the batches."""
    from edgekit.nn.train import Recipe

    recipe, found = Recipe(epochs=EPOCHS, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE), {}
    for sparsity in SPARSITIES:
        accuracy = tickets.accuracies(seed, sparsity, ROUNDS, recipe)
        found["dense"] = accuracy.pop("dense")
        found |= {f"{way}{100 * sparsity:.0f}": value for way, value in accuracy.items()}
    return found


STUDY = Definition(
    question="Does a pruned network learn better from its first weights than from others, or with a shuffled mask?",
    cell=cell,
    seeds=range(5),
    tolerance={"dense": 1.0} | {f"{way}{100 * sparsity:.0f}": 8.0 if sparsity > 0.9 else 2.0
                                for way in tickets.WAYS for sparsity in SPARSITIES} | CHAOTIC,
    config={
        "data": "1,797 digits of 8 x 8 pixels, parted at random by the seed",
        "training_digits": tickets.TRAIN,
        "widths": tickets.WIDTHS,
        "rounds": ROUNDS,
        "epochs_each": EPOCHS,
        "learning_rate": LEARNING_RATE,
        "batch_size": BATCH_SIZE,
        "units": "% of the test digits",
    },
    tried=3,
)
