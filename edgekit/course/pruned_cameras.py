"""Structured pruning of the networks that see, cut by what harms their answers and healed on many views of few scenes.

    arms(network, draws, apart)   {"ours": graph, "theirs": graph}, not yet healed; ours takes no more MACs
    compared(school, seed)        what both lose before and after healing, and how far ours is ahead

Both arms see the same views in the same order, with the unpruned network as their teacher, the same loss, optimizer,
learning rate and number of epochs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from edgekit import tasks
from edgekit.course.against_torch_pruning import torch_pruned
from edgekit.course.paired import judge, standard_error
from edgekit.course.pruned_nets import FEWER_MACS, SEEN, SHARE, TOLERANCE, flattened
from edgekit.graph.channel_budget import spread
from edgekit.graph.channel_scores import to_macs
from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.graph.fold import fold
from edgekit.nn import camera_healing, origins, zoo
from edgekit.nn.answer_order import answer_order, curvature
from edgekit.nn.camera_views import Asked
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.quick_net import QuickNet, remeasured
from edgekit.nn.refit import refit
from edgekit.nn.train import Recipe, outputs, train

POWER = 1.5  # of the errors, before the budget is spread: one large error harms more than two of half its size
SETS = 5  # of scenes, which take longer to draw than to learn from; seeds beyond see them in other views and orders
#: every value of `compared`, and how far a second run may differ; `_cut_drop`: before healing, where no seed enters
FIELDS = {**TOLERANCE, "ours_cut_drop": 1.0, "theirs_cut_drop": 1.0}


@dataclass(frozen=True)
class School:
    """How the shipped `network` is cut (`draws` and `apart` as `curvature` takes them) and healed with `loss`."""

    network: str
    task: str
    recipe: Recipe
    loss: Callable
    draws: Callable
    apart: float


@cache
def arms(network, draws, apart):
    """Return {"ours", "theirs"}: two thinned graphs of a shipped network; theirs with its batch norms measured anew."""
    graph, origin = zoo.load(network), origins.of(network)
    x = np.concatenate(tasks.get(origin.tasks[network]).calibration_batches(SEEN))
    theirs = torch_pruned(origin.shipped()[network], origin.input_shape, macs(graph) / FEWER_MACS)
    return {"ours": cut(graph, x, draws, apart, macs(theirs)), "theirs": remeasured(theirs, x)}


def cut(graph, x, draws, apart, limit):
    """Return the graph thinned to at most `limit` MACs and fitted on inputs x, without labels."""
    coupling = couple(graph)
    scores, errors = answer_order(coupling, x, curvature(graph, x, draws, apart=apart))
    shares = spread(coupling, {name: error**POWER for name, error in errors.items()}, limit)
    return refit(coupling, to_macs(coupling, scores, limit, shares=shares), x)


def healed(graph, school, seed):
    """Return the graph after a training on views of the scenes of `seed`, answered by the unpruned network."""
    net = flattened(QuickNet(graph))
    pictures, labels, _ = camera_healing.pictures(seed % SETS)
    train(net, pictures, labels, school.recipe, seed, criterion=school.loss, vary=Asked(fold(zoo.load(school.network))))
    return net.to_graph()


@cache
def unhealed(school, split):
    """Return {"base", "ours_cut", "theirs_cut": judge} of what no seed changes."""
    cuts = arms(school.network, school.draws, school.apart)
    return _judged(school, split, {"base": zoo.load(school.network), "ours_cut": cuts["ours"],
                                   "theirs_cut": cuts["theirs"]})


def compared(school, seed, split="test"):
    """Return the values of `FIELDS`, in points of the task's metric; `_se`: standard error over the examples."""
    cuts = arms(school.network, school.draws, school.apart)
    judges = unhealed(school, split) | _judged(school, split, {arm: healed(cut, school, seed) for arm, cut in
                                                               cuts.items()})
    points, base = {name: judge.whole() for name, judge in judges.items()}, judges["base"]
    return {
        **{f"{name}_drop": points["base"] - value for name, value in points.items() if name != "base"},
        **{f"{arm}_drop_se": standard_error(base, judges[arm]) for arm in cuts},
        **{f"{arm}_macs": macs(zoo.load(school.network)) / macs(graph) for arm, graph in cuts.items()},
        "base": points["base"],
        "ahead": points["ours"] - points["theirs"], "ahead_se": standard_error(judges["ours"], judges["theirs"]),
    }


def _judged(school, split, graphs):
    task = tasks.get(school.task)
    x, y = task.inputs(split, purpose="report" if split == "test" else "select")
    return {name: judge(task, x, y, outputs(GraphNet(fold(graph)), x, SHARE)) for name, graph in graphs.items()}


def row(schools, seed):
    """One cell of a study: {"KEY_FIELD": value} for each of `schools`, {key: School}."""
    found = {key: compared(school, seed) for key, school in schools.items()}
    return {f"{key}_{field}": value for key, values in found.items() for field, value in values.items()}
