"""What the studies of distillation share: one student trained with and without its teacher, all else the same.

    alone        cross-entropy with the labels
    distilled    the loss of `nn.distill`, on the same views of the same examples in the same order
    alone_short  as alone, with fewer epochs: labels of few examples are learnt by heart when one trains for long
"""

from dataclasses import replace

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


def row(task, teacher, build, input_shape, data, recipe, criterion, seed, label_smoothing, shorter=None):
    """Return what both students and the teacher score on the sealed test split, and their differences in points.

    gain: distilled - alone; gap: teacher - distilled; `_se`: standard errors over examples, see `paired`. With
    `shorter`, the epochs that suit a student alone best, there is `alone_short`, and `gain_short` over it.
    """
    x, y = task.inputs("test", purpose="report")
    students = {"alone": (LabelsOnly(label_smoothing), recipe), "distilled": (criterion, recipe)}
    if shorter:
        students["alone_short"] = LabelsOnly(label_smoothing), replace(recipe, epochs=shorter)
    networks = {"teacher": teacher} | {
        name: student_of(build, data, how, loss, seed) for name, (loss, how) in students.items()}
    judges = {name: judge(task, x, y, answers(network, input_shape, x)) for name, network in networks.items()}
    found = {name: one.whole() / POINTS for name, one in judges.items()}
    for name, (better, worse) in PAIRS.items():
        if worse in judges:
            found[name] = judges[better].whole() - judges[worse].whole()
            found[f"{name}_se"] = standard_error(judges[better], judges[worse])
    return found


PAIRS = {"gain": ("distilled", "alone"), "gain_short": ("distilled", "alone_short"), "gap": ("teacher", "distilled")}


def tolerances(shorter=False, metric=0.03, points=4.0):
    """Return {name: tolerance} for every value of `row`: trainings differ on other processors."""
    names = dict.fromkeys(("alone", "distilled") + ("alone_short",) * shorter, metric) | {"teacher": 0.005}
    for name in PAIRS:
        if shorter or name != "gain_short":
            names |= {name: points, f"{name}_se": 0.5}
    return names
