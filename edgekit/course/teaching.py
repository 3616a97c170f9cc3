"""What the studies of distillation share: one student trained with and without its teacher, all else the same.

    alone        cross-entropy with the labels
    distilled    the loss of `nn.distill`, on the same views of the same examples in the same order
"""

import numpy as np

from edgekit.course.paired import POINTS, judge, standard_error
from edgekit.nn.distill import LabelsOnly, learn
from edgekit.nn.train import outputs, seeded


def student_of(build, data, recipe, criterion, seed):
    """Return the network of `build()` after learning from `data`, which `taught` made; `seed` draws its weights."""
    student = seeded(build, seed)
    learn(student, data, recipe, criterion, seed)
    return student


def answers(network, input_shape, x):
    """What a torch `network` for inputs (N, *input_shape) answers to x (N, H, W, C), as the tasks give them."""
    return outputs(network, np.moveaxis(x, -1, 1).reshape(-1, *input_shape))


def row(task, teacher, build, input_shape, data, recipe, criterion, seed, label_smoothing=0.0):
    """Return what both students and the teacher score on the sealed test split, and their differences in points.

    gain: distilled - alone; gap: teacher - distilled; `_se`: standard errors over examples, see `paired`.
    """
    x, y = task.inputs("test", purpose="report")
    networks = {"teacher": teacher, "alone": student_of(build, data, recipe, LabelsOnly(label_smoothing), seed),
                "distilled": student_of(build, data, recipe, criterion, seed)}
    judges = {name: judge(task, x, y, answers(network, input_shape, x)) for name, network in networks.items()}
    whole = {name: one.whole() for name, one in judges.items()}
    return {name: value / POINTS for name, value in whole.items()} | {
        "gain": whole["distilled"] - whole["alone"],
        "gain_se": standard_error(judges["distilled"], judges["alone"]),
        "gap": whole["teacher"] - whole["distilled"],
        "gap_se": standard_error(judges["teacher"], judges["distilled"]),
    }


def tolerances(metric=0.03, points=4.0):
    """Return {name: tolerance} for every value of `row`: trainings differ on other processors."""
    names = dict.fromkeys(("alone", "distilled"), metric) | {"teacher": 0.005}
    return names | {"gain": points, "gain_se": 0.5, "gap": points, "gap_se": 0.5}
