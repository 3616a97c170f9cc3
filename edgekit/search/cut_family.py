"""Seeing networks cut out of the shipped one: they begin with what it knows, and little training tells what is good.

A code says at how many pixels a network sees, and which share of the channels each group keeps: those that the layers
behind can spare least (`nn.channel_order`). What is left is fitted by least squares (`nn.refit`). Groups in series with
the network's stream keep more than those that a block widens for itself; squeezed means stay whole, they cost nothing.

What is found keeps its lead on the scenes that chose it, and not beyond: of 64 cuts by TPE that of 85 % of the MACs was
.3 points ahead there after `nn.cut_healing` (2 seeds), and on the test split 1.0, 1.2 and 1.2 points behind (3 seeds).
"""

from dataclasses import replace
from functools import cache

import numpy as np

from edgekit import tasks
from edgekit.search.family import Family, Plan
from edgekit.search.skeleton import costs
from edgekit.search.space import Choice, Space

TASK, NETWORK = "camera-presence", "v3"
SIDES = (80, 88, 96)
FITTED_ON = 256  # training pictures that order and fit look at
WIDE, STREAM = (0.5, 0.625, 0.75, 0.875, 1.0), (0.75, 0.875, 1.0)
#: choice: the group of channels that it thins, by the place of the layer that makes it among those that multiply
GROUPS = {
    "stem": ("conv2d", STREAM), "out1": ("conv2d_4", STREAM), "wide2": ("conv2d_5", WIDE), "out2": ("conv2d_7", STREAM),
    "wide3": ("conv2d_8", WIDE), "wide4": ("conv2d_11", WIDE), "out4": ("conv2d_15", STREAM),
    "wide5": ("conv2d_16", WIDE), "wide6": ("conv2d_21", WIDE), "wide7": ("conv2d_26", WIDE),
    "out7": ("conv2d_30", STREAM), "wide8": ("conv2d_31", WIDE), "out8": ("conv2d_35", STREAM),
    "last": ("conv2d_36", WIDE),
}
CUTS = Space("camera-presence, cut", (
    Choice("resolution", SIDES), *(Choice(name, options) for name, (_, options) in GROUPS.items()),
    Choice("bits", (8,))))


@cache
def coupling(side):
    """Return the `Coupling` of the shipped network as it takes pictures of `side` pixels."""
    from edgekit.graph.channels import couple
    from edgekit.nn.camera_zoo import load_pair
    from edgekit.nn.export import to_graph

    return couple(to_graph(load_pair(NETWORK)[0], (3, side, side), f"{TASK}-{side}", {}))


@cache
def pictures(side, seed=0):
    """Return training pictures (N, side, side, 3) as the network takes them, drawn by `seed`."""
    return smaller(np.concatenate(tasks.get(TASK).calibration_batches(FITTED_ON, seed)), side)


def smaller(x, side):
    """Pictures (N, 96, 96, 3) -> (N, side, side, 3), low-passed."""
    from edgekit.nn.guided import resized_pictures

    return np.moveaxis(resized_pictures(np.moveaxis(np.ascontiguousarray(x), -1, 1), side), 1, -1)


@cache
def order():
    """Return {group: scores} of the shipped network at 96 pixels, the channel that is missed most highest."""
    from edgekit.nn.channel_order import drop_order

    return drop_order(coupling(96), pictures(96))[0]


def kept(settings):
    """Return {group: mask, 1 = keep} of a code's `settings`."""
    from edgekit.core.masks import top

    found = {}
    for name, (group, _) in GROUPS.items():
        scores = order()[group]
        found[group] = top(scores, max(round(settings[name] * len(scores)), 1))
    return found


def skeleton(settings):
    """Return the folded float graph before any fit."""
    from edgekit.graph.channels import remove
    from edgekit.graph.fold import fold

    return fold(remove(coupling(settings["resolution"]), kept(settings)))


def fitted(settings, seed=0):
    """Return the float graph, fitted on pictures drawn by `seed` to answer what the whole network does, without labels.
    """
    from edgekit.nn.refit import refit

    side = settings["resolution"]
    return refit(coupling(side), kept(settings), pictures(side, seed))


def network(settings):
    """Return the torch network of `fitted`: (N, 3, R, R) -> (N, 4), R its resolution."""
    from edgekit.nn.cut_healing import Upright
    from edgekit.nn.prune import TunableNet

    return Upright(TunableNet(fitted(settings)))


def hand_made():
    """Return the `Plan` of the shipped network as it is: it begins trained as well."""
    from edgekit.graph.fold import fold
    from edgekit.nn.cut_healing import Upright
    from edgekit.nn.prune import TunableNet

    graph = coupling(96).graph
    return Plan(lambda: Upright(TunableNet(graph)), (3, 96, 96), 8, costs(fold(graph)))


def input_shape(settings):
    """What a network takes: colour pictures of its resolution."""
    return 3, settings["resolution"], settings["resolution"]


FAMILY = Family(TASK, CUTS, skeleton, network, input_shape,
                {"resolution": 96, **dict.fromkeys(GROUPS, 1.0), "bits": 8}, hand_made=hand_made)


def lessons(seed=5):
    """What finalists are trained on: `cut_healing.lessons` of scenes that no study uses."""
    from edgekit.nn import cut_healing

    return cut_healing.lessons(seed)


def train(plan, data, epochs, seed):
    """Return the network of a `Plan` after `epochs` of `cut_healing.healed`."""
    from edgekit.nn.cut_healing import RECIPE, healed

    return healed(plan.build(), plan.shape[-1], data, seed, replace(RECIPE, epochs=epochs))


class CutsJudge:
    """What a cut and fitted network knows before any healing: the mean probability that it gives to the right class.

    It is smoother than accuracy, and needs fewer scenes. Judged by the validation split and by `more` scenes made for
    choosing; or by `judged`, (x, y) as the task has them.
    """

    def __init__(self, family=FAMILY, seed=0, judged=None):
        self.family, (self.x, self.y) = family, judged or choosing()

    def __call__(self, code):
        from edgekit.nn.graph_net import GraphNet
        from edgekit.nn.train import outputs

        graph = fitted(self.family.space.settings(code))
        return right(outputs(GraphNet(graph), smaller(self.x, graph.tensors[graph.inputs[0]].shape[0]), 64), self.y)


def right(answers, y):
    """Return the mean softmax probability of the classes y (N,) in logits (N, C)."""
    p = np.exp(answers - answers.max(axis=1, keepdims=True))
    return float((p[np.arange(len(y)), y] / p.sum(axis=1)).mean())


@cache
def choosing(scenes=800, seed=101):
    """Return (x, y) to choose by: the validation split of camera-presence, and `scenes` more that nothing trains on."""
    from edgekit.search.trainings import scenes as made

    task, more = tasks.get(TASK), made(seed, scenes)
    x, y = task.inputs("val")
    return np.concatenate([x, task.front_end(more.x, more.fs)]), np.concatenate([y, more.y])
