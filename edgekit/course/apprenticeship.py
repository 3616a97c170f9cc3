"""The apprentice of `nn.apprentice` with and without its teacher: what the studies of it have in common."""

from dataclasses import asdict, dataclass

from edgekit import tasks
from edgekit.course import teaching
from edgekit.nn import acoustic, apprentice
from edgekit.nn.distill import Distillation
from edgekit.nn.train import Recipe

FILES = "datasets/acoustic/test.npz", "edgekit/nn/weights/acoustic-teacher.safetensors"


@dataclass(frozen=True)
class Plan:
    """How an apprentice is trained: once with labels, once with labels for `shorter` epochs, once with its teacher.

    `first`: the seed of the first row; the others follow it. `label_smoothing`: without the teacher.
    """

    first: int
    units: int
    views: int
    recipe: Recipe
    loss: Distillation
    label_smoothing: float
    shorter: int

    def row(self, seed):
        """Return `teaching.row` of the sealed test split for weights, views and order drawn by `first` + `seed`."""
        teacher, seed = apprentice.teacher(), self.first + seed
        data = apprentice.training_views(teacher, seed, self.units, self.views)
        return teaching.row(tasks.get("acoustic-fault"), teacher, apprentice.fast, acoustic.INPUT_SHAPE, data,
                            self.recipe, self.loss, seed, self.label_smoothing, self.shorter)

    def config(self):
        """What is held fixed, in JSON."""
        recipe = asdict(self.recipe)
        del recipe["label_smoothing"]  # the loss of `train` without a criterion
        return {
            "teacher": "the shipped acoustic-teacher, the same for every seed",
            "student": "nn.apprentice, 27,918 parameters",
            "recordings": "24 takes of units that the teacher was not trained on, the same for every seed",
            "seed": f"draws weights, views and their order, from {self.first} on",
            "units": self.units,
            "views": self.views,
            **recipe,
            "epochs_alone_short": self.shorter,
            **{name: getattr(self.loss, name) for name in ("temperature", "alpha")},
            "label_smoothing": f"{self.label_smoothing} without the teacher",
        }
