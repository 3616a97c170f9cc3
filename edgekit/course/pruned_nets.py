"""Structured pruning of shipped networks by us and by torch-pruning, healed in one and the same way.

    School(...)               which network, for which task, and how it is healed
    arms(name)                {"ours": graph, "theirs": graph}, at most macs / 2.5; ours has no more MACs than theirs
    cut(coupling, x, limit)   our graph: channels in the order of least harm, the budget spread, what is left fitted
    compared(school, seed)    what both lose on the sealed test split, and how far ours is ahead

Both arms see the same views of the same examples in the same order, with the unpruned network as their teacher, the
same loss, optimizer, learning rate and number of epochs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from edgekit import tasks
from edgekit.course.against_torch_pruning import torch_pruned
from edgekit.course.paired import judge, standard_error
from edgekit.graph.channel_budget import spread
from edgekit.graph.channel_scores import to_macs
from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.nn import acoustic, origins, ppg, zoo
from edgekit.nn.channel_order import drop_order
from edgekit.nn.distill import Distillation, learn, taught
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.prune import TunableNet
from edgekit.nn.refit import refit
from edgekit.nn.train import Recipe, outputs

FEWER_MACS = 2.5
DISTILLATION = Distillation(temperature=2.0, alpha=0.3)
PEOPLE, UNITS = 800, 60
SEEN = 256  # training inputs that order and fit look at
SHARE = 64  # examples at once when a teacher answers
#: every value of `compared`, and how far a second run may differ on another computer
TOLERANCE = {"base": 0.1, "ours_drop": 1.5, "ours_drop_se": 0.3, "theirs_drop": 1.5, "theirs_drop_se": 0.3,
             "ahead": 1.5, "ahead_se": 0.3, "ours_macs": 0.01, "theirs_macs": 0.01}


@dataclass(frozen=True)
class School:
    """How the shipped `network` is healed: `examples(seed)` gives (x, y, vary or None), `views` of each are drawn."""

    network: str
    task: str
    examples: Callable
    recipe: Recipe
    views: int = 1
    loss: Callable = DISTILLATION


@cache
def arms(name):
    """Return {"ours", "theirs"}: two graphs of the shipped network `name`, thinned and not yet healed."""
    graph, origin = zoo.load(name), origins.of(name)
    theirs = torch_pruned(origin.shipped()[name], origin.input_shape, macs(graph) / FEWER_MACS)
    x = np.concatenate(tasks.get(origin.tasks[name]).calibration_batches(SEEN))
    return {"ours": cut(couple(graph), x, macs(theirs)), "theirs": theirs}


def cut(coupling, x, limit):
    """Return the graph thinned to at most `limit` MACs and fitted on inputs x, without labels.

    Errors are squared before the budget is spread: one large error harms more than two of half its size. Each ratio
    then goes only half of the way from their mean: a layer that could be spared still gives room to the training.
    """
    scores, errors = drop_order(coupling, x)
    shares = spread(coupling, {name: error**2 for name, error in errors.items()}, limit)
    middle = float(np.mean(list(shares.values())))
    shares = {name: (share + middle) / 2 for name, share in shares.items()}
    return refit(coupling, to_macs(coupling, scores, limit, shares=shares), x)


def healed(school, seed):
    """Return {"ours", "theirs"}: the graphs of `arms` after the same training, drawn by `seed`."""
    teacher = flattened(GraphNet(zoo.load(school.network)).eval())
    lessons = taught(teacher, *school.examples(seed), views=school.views, seed=seed, batch_size=SHARE)
    nets = {arm: TunableNet(graph) for arm, graph in arms(school.network).items()}
    for net in nets.values():
        learn(flattened(net), lessons, school.recipe, school.loss, seed)
    return {arm: net.to_graph() for arm, net in nets.items()}


def flattened(net):
    """The same `net`; what it answers is flat from now on: (N, C), as lessons are kept."""
    net.register_forward_hook(lambda _, __, y: y.flatten(1))
    return net


def compared(school, seed, split="test"):
    """Return the values of `TOLERANCE` in points of the task's metric; `_se`: standard error over the examples.

    `ours_macs`, `theirs_macs` say how many times fewer MACs the pruned networks take.
    """
    task = tasks.get(school.task)
    x, y = task.inputs(split, purpose="report" if split == "test" else "select")
    graphs = {"base": zoo.load(school.network), **healed(school, seed)}
    base, ours, theirs = (judge(task, x, y, outputs(GraphNet(graph), x, SHARE)) for graph in graphs.values())
    return {
        "base": base.whole(),
        "ours_drop": base.whole() - ours.whole(), "ours_drop_se": standard_error(base, ours),
        "theirs_drop": base.whole() - theirs.whole(), "theirs_drop_se": standard_error(base, theirs),
        "ahead": ours.whole() - theirs.whole(), "ahead_se": standard_error(ours, theirs),
        **{f"{arm}_macs": macs(graphs["base"]) / macs(graphs[arm]) for arm in ("ours", "theirs")},
    }


def row(schools, seed):
    """One cell of a study: {"KEY_FIELD": value} for each of `schools`, {key: School}."""
    found = {key: compared(school, seed) for key, school in schools.items()}
    return {f"{key}_{field}": value for key, values in found.items() for field, value in values.items()}


def tolerance(schools):
    """How far a second run may differ, for every value of `row`."""
    return {f"{key}_{field}": value for key in schools for field, value in TOLERANCE.items()}


def config(schools):
    """What is held fixed, in JSON."""
    return {
        "networks": {key: school.network for key, school in schools.items()},
        "units": "points of the task's metric, on the sealed test split",
        "fewer_macs": FEWER_MACS,
        "ours": "channels go in the order of least harm after a fit; ratios halfway between one for all and MACs saved "
                f"where they cost least; layers fitted by least squares; all on {SEEN} training inputs without labels",
        "theirs": "torch-pruning MagnitudePruner, GroupMagnitudeImportance(p=2); one ratio for all",
        "healing": {key: {"views": school.views, **vars(school.recipe)} for key, school in schools.items()},
        "teacher": "the unpruned network: distillation; autoencoder: squared distance to its answers; detector: its "
                   "centres as soft labels, and distance to its sides where it sees a centre",
        "temperature": DISTILLATION.temperature,
        "alpha": DISTILLATION.alpha,
    }


def pulse(seed):
    """Windows of generated people."""
    x, y = ppg.training_windows(1 + seed, PEOPLE)  # the shipped model knows the people of seed 0
    return x[..., None], y, None


@lru_cache(1)
def _units(seed):
    return acoustic.training_set(UNITS, acoustic.TAKES, acoustic.DATA_SEED + 1 + seed)


def machines(seed):
    """Sounds of generated machines, cut and coloured."""
    return _units(seed).x, _units(seed).y, _coloured


def _coloured(x, y, draw):
    return acoustic.seconds(x, draw, acoustic.TEACHER_RECIPE.colour_db).movedim(1, -1), y


def healthy(seed):
    """The healthy machines of `machines`, each relative to its own sound."""
    units = _units(seed)
    chosen = units.y % 3 == 0
    return units.x[chosen] - units.extras["reference"][chosen][:, None], units.y[chosen], _plain


def _plain(x, y, draw):
    return acoustic.seconds(x, draw).movedim(1, -1), y


def imitate(answers, targets):
    """Squared distance to what the unpruned network answers."""
    return ((answers - targets[:, 1:]) ** 2).mean()
