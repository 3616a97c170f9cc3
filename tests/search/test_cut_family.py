"""Networks cut out of the shipped seeing network: what they cost, and that they begin with what it knows."""

import numpy as np
import pytest

from edgekit import tasks
from edgekit.graph.run import run
from edgekit.nn import zoo
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.train import outputs
from edgekit.search import cut_family
from edgekit.search.cut_family import FAMILY, CutsJudge, kept, right, skeleton, smaller
from edgekit.search.trainings import seen

SPACE = FAMILY.space
WHOLE = SPACE.code(**FAMILY.baseline)
X, Y = (part[:64] for part in tasks.get("camera-presence").inputs("val"))


def test_the_whole_cut_is_the_shipped_network():
    shipped = zoo.load("camera-presence-v3")
    assert FAMILY.costs(WHOLE) == FAMILY.plan().costs
    assert FAMILY.costs(WHOLE)["macs"] == 2_795_584
    wanted = run(shipped, X[:8])
    wanted = next(iter(wanted.values())) if isinstance(wanted, dict) else wanted
    assert outputs(FAMILY.plan().build(), seen(FAMILY.plan().shape, X[:8])) == pytest.approx(wanted, abs=1e-3)


def test_a_code_keeps_its_share_of_the_channels_that_are_missed_most():
    masks = kept(SPACE.settings(SPACE.code(**FAMILY.baseline | {"wide4": 0.5, "last": 0.875})))
    assert masks["conv2d_11"].sum() == 24
    assert masks["conv2d_36"].sum() == 126
    assert all(mask.all() for name, mask in masks.items() if name not in ("conv2d_11", "conv2d_36"))
    scores = cut_family.order()["conv2d_11"]
    assert scores[masks["conv2d_11"]].min() > scores[~masks["conv2d_11"]].max()


def test_every_choice_saves_macs():
    whole = FAMILY.costs(WHOLE)["macs"]
    for choice in SPACE.choices[:-1]:  # the last are bits
        assert FAMILY.costs(SPACE.code(**FAMILY.baseline | {choice.name: choice.options[0]}))["macs"] < whole


def test_a_cut_begins_trained_and_at_fewer_pixels_too():
    settings = FAMILY.baseline | {"resolution": 80, "stem": 0.75, "wide2": 0.5}
    without_fit = right(outputs(GraphNet(skeleton(settings)), smaller(X, 80)), Y)
    assert CutsJudge(judged=(X, Y))(SPACE.code(**settings)) > max(without_fit + 0.1, 0.5)


def test_the_probability_of_the_right_class():
    assert right(np.log([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]]) + 3, np.array([0, 1])) == pytest.approx(0.65)


def test_smaller_pictures_keep_their_layout():
    assert np.array_equal(smaller(X[:2], 96), X[:2])
    assert smaller(X[:2], 80).shape == (2, 80, 80, 3)
    assert smaller(X[:2], 80).mean() == pytest.approx(X[:2].mean(), abs=0.01)
