"""What the SearchReplay widget shows of stored searches."""

import itertools
import time

import numpy as np
import pytest

from edgekit.search.trials import Budget, History, Trial
from edgekit.ui.search_replay import SearchReplay


def history(strategy, seed=0, count=30):
    rng = np.random.default_rng(seed)
    macs = rng.integers(50_000, 3_000_000, count)
    values = 0.3 + 0.1 * np.log10(macs / 1e4) + 0.05 * rng.normal(size=count)
    trials = (Trial((i,), float(value), {"macs": int(cost)}) for i, (cost, value) in enumerate(zip(macs, values,
                                                                                             strict=True)))
    return History("toy", strategy, seed, Budget(count), {"device": "a"}, tuple(trials))


@pytest.fixture(scope="module")
def replay():
    return SearchReplay([history("random"), history("evolution", 1)], "macro F1")


def test_after_n_evaluations_it_knows_the_first_n(replay):
    for count in (1, 7, 30):
        state = replay.compute("evolution", count)
        first = replay.histories["evolution"].trials[:count]
        assert state.values.tolist() == [trial.value for trial in first]
        assert state.best.value == max(trial.value for trial in first)
        for trial in first:
            beaten = any(o.costs["macs"] <= trial.costs["macs"] and o.value >= trial.value
                         for o in first if o != trial)
            assert beaten == (trial not in state.front)


def test_the_volume_never_shrinks(replay):
    volumes = [replay.compute("random", count).volume for count in range(1, 31)]
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(volumes))
    assert volumes[-1] > volumes[0]


def test_the_figure_holds_what_is_said(replay):
    replay.set(strategy="evolution", evaluations=12)
    figure, state = replay.figure, replay.compute("evolution", 12)
    assert list(figure.seen.get_xdata()) == state.macs.tolist()
    assert list(figure.front.get_ydata()) == [trial.value for trial in state.front]
    assert list(figure.last.get_ydata()) == [state.values[-1]]
    assert len(figure.curves["evolution"].get_xdata()) == 12
    assert len(figure.curves["random"].get_xdata()) == 0
    assert f"evolution after 12 of 30 evaluations: best macro F1 {state.best.value:.3f}" in replay.headline.value
    assert f"random {replay.histories['random'].first(12).best.value:.3f}" in replay.numbers.value


def test_strategies_are_told_by_marker_and_name(replay):
    right = replay.figure.axes[1]
    assert [text.get_text() for text in right.texts] in (["random", "evolution"], ["evolution", "random"])
    assert replay.figure.curves["random"].get_marker() != replay.figure.curves["evolution"].get_marker()


def test_every_move_takes_less_than_a_tenth_of_a_second(replay):
    for name, way in {"evaluations": [1, 15, 30, 2], "strategy": ["random", "evolution"]}.items():
        for value in way:
            start = time.process_time()  # of this process alone, however busy the machine
            replay.set(**{name: value})
            assert time.process_time() - start < 0.1


def test_unequal_budgets_are_refused():
    with pytest.raises(ValueError, match="random had budget"):
        SearchReplay([history("random"), history("tpe", count=29)])
