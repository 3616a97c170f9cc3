"""Structured pruning of shipped networks by us and by torch-pruning, healed in one and the same way.

    School(...)               which network, for which task, and how it is healed
    arms(name)                {"ours": graph, "theirs": graph}, at most macs / 2.5; ours has no more MACs than theirs
    compared(school, seed)    what both lose on the sealed test split, and how far ours is ahead

Both arms see the same views of the same examples in the same order, with the unpruned network as their teacher, the
same loss, optimizer, learning rate and number of epochs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from edgekit import tasks
from edgekit.course.against_torch_pruning import torch_pruned
from edgekit.course.paired import judge, standard_error
from edgekit.graph.channel_scores import through_scores, to_macs
from edgekit.graph.channels import couple, remove
from edgekit.graph.cost import macs
from edgekit.nn import acoustic, origins, ppg, zoo
from edgekit.nn.distill import Distillation, learn, taught
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.prune import TunableNet
from edgekit.nn.train import Recipe, outputs

FEWER_MACS = 2.5
DISTILLATION = Distillation(temperature=2.0, alpha=0.3)
PEOPLE, UNITS = 300, 60
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
    coupling = couple(graph)
    return {"ours": remove(coupling, to_macs(coupling, through_scores(coupling), macs(theirs))), "theirs": theirs}


def healed(school, seed):
    """Return {"ours", "theirs"}: the graphs of `arms` after the same training, drawn by `seed`."""
    teacher = GraphNet(zoo.load(school.network)).eval()
    lessons = taught(teacher, *school.examples(seed), views=school.views, seed=seed)
    nets = {arm: TunableNet(graph) for arm, graph in arms(school.network).items()}
    for net in nets.values():
        learn(net, lessons, school.recipe, school.loss, seed)
    return {arm: net.to_graph() for arm, net in nets.items()}


def compared(school, seed, split="test"):
    """Return the values of `TOLERANCE` in points of the task's metric; `_se`: standard error over the examples.

    `ours_macs`, `theirs_macs` say how many times fewer MACs the pruned networks take.
    """
    task = tasks.get(school.task)
    x, y = task.inputs(split, purpose="report" if split == "test" else "select")
    graphs = {"base": zoo.load(school.network), **healed(school, seed)}
    base, ours, theirs = (judge(task, x, y, outputs(GraphNet(graph), x)) for graph in graphs.values())
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
        "ours": "L2 norm of what makes a channel, batch norm included, times that of what reads it; one ratio for all",
        "theirs": "torch-pruning MagnitudePruner, GroupMagnitudeImportance(p=2); one ratio for all",
        "healing": {key: {"views": school.views, **vars(school.recipe)} for key, school in schools.items()},
        "teacher": "the unpruned network: distillation, or for the autoencoder squared distance to its answers",
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
