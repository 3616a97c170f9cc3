"""Who is a finalist, how finalists are trained, and which one is kept."""

from types import SimpleNamespace

import numpy as np
import pytest

from edgekit.search import finalists
from edgekit.search.families import family
from edgekit.search.finalists import Finalist, choose, train_all, winner
from edgekit.search.trainings import Training
from edgekit.search.trials import Budget, History, Trial


def history(points):
    trials = tuple(Trial((i,), value, {"macs": macs}) for i, (macs, value) in enumerate(points))
    return History("toy", "random", 0, Budget(len(points)), {}, trials)


def test_finalists_come_from_the_dear_end_of_the_front_then_from_what_lies_behind():
    found = history([(10, 0.1), (20, 0.5), (30, 0.4), (40, 0.9), (50, 0.8), (60, 0.2)])  # front: 0, 1, 3
    assert choose(found, 2) == [(1,), (3,)]
    assert choose(found, 3) == [(0,), (1,), (3,)]
    assert choose(found, 4) == [(0,), (1,), (3,), (4,)]
    assert choose(found, 99) == [(i,) for i in range(6)]


HAND = Finalist(None, 100, (0.80, 0.82, 0.81))


@pytest.mark.parametrize(("others", "kept"), [
    ([((1,), 50, (0.79, 0.80, 0.80)), ((2,), 80, (0.82, 0.84, 0.83))], (2,)),  # the cheaper one is worse
    ([((1,), 50, (0.80, 0.82, 0.81)), ((2,), 80, (0.90, 0.90, 0.90))], (1,)),  # equal is enough
    ([((1,), 50, (0.90, 0.80, 0.75))], None),  # better in the mean, by luck
    ([((1,), 100, (0.90, 0.90, 0.90))], None),  # not cheaper
    ([], None),
])
def test_the_winner_is_the_cheapest_that_is_at_least_as_good(others, kept):
    found = winner([HAND, *(Finalist(*other) for other in others)])
    assert (found and found.code) == kept


def test_the_gain_is_paired_by_seed():
    mean, error = Finalist((1,), 50, (0.81, 0.85, 0.82)).gain(HAND)
    assert mean == pytest.approx(0.05 / 3)
    assert error == pytest.approx(np.std([0.01, 0.03, 0.01], ddof=1) / 3**0.5)
    assert Finalist((1,), 50, (0.9,)).gain(Finalist(None, 100, (0.8,))) == (pytest.approx(0.1), 0.0)


@pytest.fixture
def trained(monkeypatch):
    """The trainings that were made, as (data seed, size, MACs, epochs, seed), of a task that trains in no time."""
    made = []

    def train(plan, data, epochs, seed):
        made.append((*data, plan.costs["macs"], epochs, seed))
        return plan.build()

    how = Training(lambda seed, size: (seed, size), train, (1, 1), (7, 3))
    monkeypatch.setattr(finalists, "TRAININGS", {"acoustic-anomaly": how})
    return made


CHOSEN = family("acoustic-anomaly")
CODES = [CHOSEN.space.code(hidden=16), CHOSEN.space.code(hidden=32)]


def test_all_see_the_same_data_for_as_long(trained):
    found = train_all(CHOSEN, CODES, seeds=(3, 4))
    assert [one.code for one in found] == [None, *CODES]
    assert [one.macs for one in found] == [CHOSEN.plan(code).costs["macs"] for code in (None, *CODES)]
    assert trained == [(seed, 7, one.macs, 3, seed) for seed in (3, 4) for one in found]
    assert all(0 <= score <= 1 for one in found for score in one.scores)


def test_a_cut_comparison_goes_on(trained, tmp_path):
    path = tmp_path / "finalists.json"

    def cut(code, seed, score):
        if len(trained) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_all(CHOSEN, CODES, (3, 4), journal=path, progress=cut)
    after = train_all(CHOSEN, CODES, (3, 4), journal=path)
    assert len(trained) == 6
    assert train_all(CHOSEN, CODES, (3, 4), journal=path) == after
    assert len(trained) == 6
    with pytest.raises(ValueError, match=r"is of \['acoustic-anomaly', 7, 3\], expected \['acoustic-anomaly', 8, 3\]"):
        train_all(CHOSEN, CODES, (3, 4), size=8, journal=path)


@pytest.mark.parametrize("text", ["", "[]", '{"identity": 1}', '{"identity": 1, "scores": {"a": NaN}}',
                                  '{"identity": 1, "scores": [1]}', '{"identity": 1, "scores": {"a": "b"}}'])
def test_a_damaged_journal_of_finalists_is_refused(trained, tmp_path, text):
    path = tmp_path / "finalists.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no scores of finalists"):
        train_all(CHOSEN, CODES, (3,), journal=path)


def test_a_task_without_training_is_named():
    with pytest.raises(ValueError, match="no training is there for toy"):
        train_all(SimpleNamespace(task="toy"), [])
