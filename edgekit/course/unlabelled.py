"""Few labels, many recordings: the apprentice of `nn.apprentice` with a teacher that answers what nobody has labelled.

    teacher       what it scores itself
    distilled     labels of the first `labelled` machines, the teacher's answers to all `units`
    alone         the labels of the same first machines, at least as many steps
    alone_short   as alone, for `shorter` epochs: labels of few examples are learnt by heart when one trains for long
    labelled_300  beside them, the student that ships: one training with the labels of all 300 and the shipped teacher

Judged on machines that no study has asked (`fresh_machines`), and, `_test`, on the sealed test split.
"""

from dataclasses import asdict, dataclass, replace

from edgekit.course import apprenticeship, fresh_machines, teaching
from edgekit.course.paired import POINTS
from edgekit.nn import acoustic, apprentice, zoo
from edgekit.nn.distill import LabelsOnly
from edgekit.nn.own_teacher import own_teacher
from edgekit.nn.partly_labelled import PartlyLabelled, hide_labels
from edgekit.nn.train import Recipe

NETWORKS = "teacher", "distilled", "alone", "alone_short"


def shipped_teacher(seed, labelled):
    """The shipped acoustic teacher, whatever the arguments: it has heard the labels of 200 machines of its own."""
    return apprentice.teacher()


TEACHERS = {"the shipped acoustic-teacher, the same for every seed": shipped_teacher,
            "trained for every seed on the units with labels": own_teacher}
SHIPPED, OWN = TEACHERS
FILES = *apprenticeship.FILES, "edgekit/nn/weights/acoustic-student-distilled.safetensors"


@dataclass(frozen=True)
class Plan:
    """How it is done. `first`: the seed of the first row; `teacher`: a key of TEACHERS."""

    first: int
    labelled: int
    units: int
    views: int
    recipe: Recipe
    loss: PartlyLabelled
    label_smoothing: float
    shorter: int
    teacher: str = SHIPPED

    @property
    def longer(self):
        """Epochs of the labelled machines alone that make at least as many steps as the student has with all."""
        few, all_ = (-(-units * acoustic.TAKES // self.recipe.batch_size) for units in (self.labelled, self.units))
        return -(-self.recipe.epochs * all_ // few)

    def networks(self, seed):
        """Return {name: network} of NETWORKS; `seed` draws weights, views and order."""
        teacher = TEACHERS[self.teacher](seed, self.labelled)
        data = apprentice.training_views(teacher, seed, self.units, self.views)
        first = self.labelled * acoustic.TAKES
        few, labels = tuple(part[:first] for part in data), LabelsOnly(self.label_smoothing)

        def student(data, epochs, loss):
            return teaching.student_of(apprentice.fast, data, replace(self.recipe, epochs=epochs), loss, seed)

        return dict(zip(NETWORKS, (teacher, student(hide_labels(data, first), self.recipe.epochs, self.loss),
                                   student(few, self.longer, labels), student(few, self.shorter, labels)), strict=True))

    def row(self, seed):
        """Return what all networks score on both sets of machines, and their differences in points."""
        networks = self.networks(self.first + seed)
        networks["labelled_300"] = zoo.load_state(apprentice.build(), "acoustic-student-distilled.safetensors")
        return compared(networks, fresh_machines.fresh()) | compared(networks, fresh_machines.sealed(), "_test")

    def config(self):
        """What is held fixed, in JSON."""
        recipe = asdict(self.recipe)
        del recipe["label_smoothing"]  # the loss of `train` without a criterion
        return {
            "teacher": self.teacher,
            "student": "nn.apprentice, 27,918 parameters",
            "recordings": "24 takes of each unit, the same units for every seed",
            "judged_on": f"{fresh_machines.UNITS} fresh units, and the sealed test split",
            "seed": f"draws weights, views and their order, from {self.first} on",
            "units_with_labels": self.labelled,
            "units": self.units,
            "views": self.views,
            **recipe,
            "epochs_alone": self.longer,
            "epochs_alone_short": self.shorter,
            **asdict(self.loss),
            "label_smoothing": f"{self.label_smoothing} without the teacher",
        }


def compared(networks, heard, suffix=""):
    """Return {name + suffix: value}: macro F1 of each network on `heard`, `teaching.PAIRS` in points, and `_se`.

    `_se`: the standard error of a difference over machines.
    """
    judges = {name: heard.judge(network) for name, network in networks.items()}
    found = {name + suffix: one.whole() / POINTS for name, one in judges.items()}
    for name, (better, worse) in teaching.PAIRS.items():
        a, b = judges[better], judges[worse]
        found[name + suffix] = a.whole() - b.whole()
        found[f"{name}{suffix}_se"] = fresh_machines.machine_error(a, b, heard)
    return found


def tolerances():
    """Return {name: tolerance} for every value of a row: trainings differ on other processors."""
    return {name + end: value for end in ("", "_test") for name, value in (
        dict.fromkeys(NETWORKS, 0.03) | {"labelled_300": 0.005} | dict.fromkeys(teaching.PAIRS, 4.0)).items()} | {
        f"{name}{end}_se": 1.0 for end in ("", "_test") for name in teaching.PAIRS}
