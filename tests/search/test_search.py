"""One counter for all strategies, the device card, equal budgets, and what a kill may cost."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.deploy.devices import device
from edgekit.search.limits import Limits
from edgekit.search.run import search
from edgekit.search.space import Choice, Space
from edgekit.search.strategies import STRATEGIES
from edgekit.search.trials import Budget, History, Trial, compare, stored

CARD = device("cortex-m0+ small")
SPACE = Space("toy", (
    Choice("depth", (1, 2, 3)), *(Choice(f"w{i}", (1, 2, 4, 8), ("depth", i)) for i in (1, 2, 3)),
    *(Choice(f"k{i}", (3, 5), ("depth", i)) for i in (1, 2, 3)),
))


def toy_costs(code):
    found = SPACE.settings(code)
    macs = sum(1000 * found[f"w{i}"] * found[f"k{i}"] for i in range(1, found["depth"] + 1))
    return {"macs": macs, "weight_bytes": macs // 10, "peak_ram_bytes": 100}


TOY = SimpleNamespace(space=SPACE, costs=toy_costs)
FREE = Limits(CARD)
TIGHT = Limits(CARD, weight_bytes=4000)


def score(code):
    """Deeper and wider is better, with an optimum that is not the largest."""
    found = SPACE.settings(code)
    return sum(np.log2(1 + found[f"w{i}"]) - 0.1 * (found[f"k{i}"] == 5) for i in range(1, found["depth"] + 1))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_budget_counts_every_evaluation_and_no_network_twice(strategy):
    calls = []

    def evaluate(code):
        calls.append(code)
        return score(code)

    history = search(TOY, evaluate, FREE, Budget(40), strategy, seed=3)
    assert calls == [trial.code for trial in history.trials]
    assert len(set(calls)) == 40
    assert history.complete
    assert history.best.value == max(map(score, calls)) == history.best_so_far()[-1]


@given(seed=st.integers(0, 2**20), strategy=st.sampled_from(list(STRATEGIES)), room=st.integers(3500, 20000))
@settings(max_examples=20, deadline=None)
def test_every_network_satisfies_its_card_and_nothing_else_is_evaluated(seed, strategy, room):
    limits = Limits(CARD, weight_bytes=room)

    def evaluate(code):
        assert limits.allow(toy_costs(code))
        return score(code)

    history = search(TOY, evaluate, limits, Budget(6), strategy, seed)
    assert len(history.trials) == 6
    assert all(limits.allow(trial.costs) for trial in (*history.trials, history.best, *history.front()))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_cut_search_goes_on_to_the_same_end(strategy, tmp_path):
    whole = search(TOY, score, TIGHT, Budget(30), strategy, seed=1)
    path, calls = tmp_path / "search.json", []

    def evaluate(code):
        calls.append(code)
        if len(calls) in (1, 8, 25):
            raise KeyboardInterrupt
        return score(code)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            search(TOY, evaluate, TIGHT, Budget(30), strategy, seed=1, journal=path)
    after = search(TOY, evaluate, TIGHT, Budget(30), strategy, seed=1, journal=path)
    assert len(calls) == 33  # each cut lost the running trial and no other
    assert [(t.code, t.value) for t in after.trials] == [(t.code, t.value) for t in whole.trials]
    longer = search(TOY, evaluate, TIGHT, Budget(32), strategy, seed=1, journal=path)
    assert longer.trials[:30] == after.trials
    assert len(calls) == 35


KILLED = """
import sys, time
from tests.search.test_search import TOY, TIGHT, score, search, Budget
def slow(code):
    print("trial", flush=True)
    time.sleep(0.05)
    return score(code)
search(TOY, slow, TIGHT, Budget(30), "evolution", seed=1, journal=sys.argv[1])
"""


def test_a_killed_search_loses_at_most_the_running_trial(tmp_path, root):
    path, started = tmp_path / "search.json", 0
    for wanted in (3, 9):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], cwd=root, stdout=subprocess.PIPE,
                                   env={**os.environ, "PYTHONPATH": str(root)}, text=True)
        for _ in range(wanted):
            process.stdout.readline()
        time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        started += wanted + len(process.stdout.readlines())
        process.wait()
    kept = len(json.loads(path.read_text())["trials"])
    assert started - 2 <= kept < 30
    calls = []

    def evaluate(code):
        calls.append(code)
        return score(code)

    after = search(TOY, evaluate, TIGHT, Budget(30), "evolution", seed=1, journal=path)
    assert len(calls) == 30 - kept
    whole = search(TOY, score, TIGHT, Budget(30), "evolution", seed=1)
    assert [t.code for t in after.trials] == [t.code for t in whole.trials]


def test_a_journal_of_another_search_and_a_broken_one_are_refused(tmp_path):
    path = tmp_path / "search.json"
    search(TOY, score, FREE, Budget(3), "random", seed=1, journal=path, notes={"epochs": 3})
    with pytest.raises(ValueError, match=r"belongs to another search \(other seed"):
        search(TOY, score, FREE, Budget(3), "random", seed=2, journal=path, notes={"epochs": 3})
    with pytest.raises(ValueError, match=r"other limits, notes"):
        search(TOY, score, TIGHT, Budget(3), "random", seed=1, journal=path)
    found = stored(path)
    assert (found.strategy, found.budget, found.limits["device"], found.notes) == (
        "random", Budget(3), "cortex-m0+ small", {"epochs": 3})
    assert found.trials == search(TOY, score, FREE, Budget(3), "random", seed=1, journal=path, notes=found.notes).trials
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(ValueError, match="no journal of a search"):
        stored(path)
    path.write_text(path.read_text()[:50])
    with pytest.raises(ValueError, match="no journal of a search"):
        search(TOY, score, FREE, Budget(3), "random", seed=1, journal=path)


def damaged(change):
    """What stands in a journal of three trials after `change(record)`."""
    trials = [{"code": list(code), "value": 0.5, "costs": toy_costs(code) | {"latency_ms": CARD.latency(
        toy_costs(code)["macs"]).value}, "seconds": 0.1} for code in ((0, 0, 0, 0, 0, 0, 0), (0, 1, 0, 0, 0, 0, 0))]
    record = {"schema": 1, "trials": trials, "identity": {
        "space": "toy", "strategy": "random", "seed": 1, "limits": {"device": CARD.name, **FREE.most}, "notes": {}}}
    change(record)
    return json.dumps(record)


def first(**changes):
    return lambda record: record["trials"][0].update(changes)


UNREADABLE = {
    "score nan": first(value=float("nan")), "score inf": first(value=float("inf")), "score text": first(value="0.5"),
    "score huge": first(value=10**400), "score true": first(value=True), "no score": lambda r: r["trials"][0].clear(),
    "seconds nan": first(seconds=float("nan")), "costs list": first(costs=[1]), "costs nan": first(costs={
        "macs": float("nan")}), "code text": first(code="0000000"), "code halves": first(code=[0.5] * 7),
    "twice": lambda r: r["trials"].append(r["trials"][0]), "trials number": lambda r: r.update(trials=3),
    "row number": lambda r: r.update(trials=[3]), "identity list": lambda r: r.update(identity=["toy"]),
    "identity text": lambda r: r.update(identity="toy"),
}
OTHERS = {
    "identity none": (lambda r: r.update(identity=None), "belongs to another search"),
    "code short": (first(code=[0]), "no code of space 'toy'"),
    "code outside": (first(code=[9, 0, 0, 0, 0, 0, 0]), "no code of space 'toy'"),
    "code silent": (first(code=[0, 0, 1, 0, 0, 0, 0]), "no code of space 'toy'"),
    "costs wrong": (first(costs={"macs": 1}), "it costs"),
}


def test_an_undamaged_journal_is_read(tmp_path):
    path = tmp_path / "search.json"
    path.write_text(damaged(lambda record: None))
    assert [trial.value for trial in stored(path).trials] == [0.5, 0.5]
    assert len(search(TOY, score, FREE, Budget(3), "random", seed=1, journal=path).trials) == 3


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
def test_a_damaged_journal_is_refused_by_whoever_reads_it(change, tmp_path):
    path = tmp_path / "search.json"
    path.write_text(damaged(change))
    for read in (stored, lambda path: search(TOY, score, FREE, Budget(3), "random", seed=1, journal=path)):
        with pytest.raises(ValueError, match=r"search\.json is no journal of a search"):
            read(path)


@pytest.mark.parametrize(("change", "message"), OTHERS.values(), ids=OTHERS)
def test_a_journal_that_does_not_fit_the_space_is_refused(change, message, tmp_path):
    path = tmp_path / "search.json"
    path.write_text(damaged(change))
    with pytest.raises(ValueError, match=f"search.json .*{message}"):
        search(TOY, score, FREE, Budget(3), "random", seed=1, journal=path)


TINY = Space("tiny", (Choice("depth", (1, 2)), Choice("w1", (1, 2)), Choice("w2", (1, 2), ("depth", 2))))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("most", [9, 3])
def test_a_space_that_is_used_up_ends_the_search(strategy, most):
    """Six networks, of which the limits allow all, or three: no strategy may look for a seventh for ever."""
    def tiny_costs(code):
        return {"macs": 1 + sum(code), "weight_bytes": 1 + sum(code), "peak_ram_bytes": 1}

    tiny, limits = SimpleNamespace(space=TINY, costs=tiny_costs), Limits(CARD, weight_bytes=most)
    count = sum(limits.allow(tiny_costs(code)) for code in np.ndindex(2, 2, 2) if TINY.canonical(code) == code)
    assert len(search(tiny, sum, limits, Budget(count), strategy).trials) == count
    with pytest.raises(ValueError, match=f"found {count} of {count + 1} networks .* nothing new in 500 proposals"):
        search(tiny, sum, limits, Budget(count + 1), strategy)


@pytest.mark.parametrize(("strategy", "seeds"), [("evolution", 3), ("tpe", 1)])
def test_strategies_that_learn_find_the_best_of_a_plain_landscape(strategy, seeds):
    """The best is one of 584 networks, all of them drawn with little chance; 120 blind draws mostly miss it."""
    best = score(SPACE.code(depth=3, w1=8, w2=8, w3=8, k1=3, k2=3, k3=3))
    found = [search(TOY, score, FREE, Budget(120), strategy, seed).best.value for seed in range(seeds)]
    assert found == [best] * seeds


def history(strategy="random", seed=0, budget=2, values=(0.1, 0.3), **changes):
    trials = tuple(Trial((i,), value, {"macs": 10 - i}) for i, value in enumerate(values))
    return replace(History("toy", strategy, seed, Budget(budget), {"device": "a"}, trials), **changes)


def test_equal_budgets_may_be_compared():
    table = compare([history(), history(seed=1), history("tpe")])
    assert {name: len(same) for name, same in table.items()} == {"random": 2, "tpe": 1}


@pytest.mark.parametrize(("others", "message"), [
    ([history("tpe", budget=3, values=(0.1, 0.2, 0.3))], r"random had budget Budget\(evaluations=2\), tpe Budget"),
    ([history("tpe", values=(0.1,))], r"tpe \(seed 0\) used 1 of 2"),
    ([history("tpe", limits={"device": "b"})], "limits"),
    ([history("tpe", space="other")], "space"),
    ([history()], "random is there twice with seed 0"),
])
def test_unequal_searches_are_rejected(others, message):
    with pytest.raises(ValueError, match=message):
        compare([history(), *others])
    with pytest.raises(ValueError, match="no history"):
        compare([])


def test_best_so_far_and_front():
    found = history(values=(0.3, 0.1, 0.3, 0.2), budget=4)
    assert found.best_so_far().tolist() == [0.3, 0.3, 0.3, 0.3]
    assert found.best.code == (2,)  # as good as the first, and cheaper
    assert [trial.code for trial in found.front()] == [(3,), (2,)]
    with pytest.raises(ValueError, match="no trial yet"):
        _ = history(values=()).best


@pytest.mark.parametrize(("call", "message"), [
    (lambda: search(TOY, score, FREE, Budget(3), "greedy"), "unknown strategy 'greedy'; known: random, evolution"),
    (lambda: search(TOY, score, FREE, 3), r"write Budget\(evaluations=3\)"),
    (lambda: Budget(0), "at least 1"),
    (lambda: search(TOY, score, FREE, Budget(700), "random"), "of 700 networks"),
    (lambda: search(TOY, score, Limits(CARD, weight_bytes=1), Budget(1), "random"), "widen the limits"),
    (lambda: search(TOY, lambda code: float("nan"), FREE, Budget(1), "random"), "finite score"),
])
def test_what_cannot_be_searched_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
