"""edgekit search, judged by synflow, which needs no training; a supernet in small, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from edgekit.commands import search as command
from edgekit.deploy.devices import device
from edgekit.search import evaluate, trainings
from edgekit.search.close import close
from edgekit.search.families import family
from edgekit.search.limits import Limits

LINE = ("search", "acoustic-fault", "--judge", "synflow", "--device", "cortex-m0+ small", "--latency-ms", "60",
        "--evaluations", "12")


def test_json_holds_the_best_and_the_front_and_all_fit_the_card(edgekit_json, tmp_path):
    out = edgekit_json(*LINE, "--out", tmp_path)
    assert set(out) == {"task", "networks", "limits", "strategy", "judge", "seed", "evaluations", "rejected", "seconds",
                        "best", "front", "run"}
    assert (out["evaluations"], out["limits"]["latency_ms"]) == (12, 60.0)
    assert out["networks"] == family(out["task"]).space.size
    limits = Limits(device("cortex-m0+ small"), 60.0)
    for row in (out["best"], *out["front"]):
        costs = family(out["task"]).costs(family(out["task"]).space.code(**row["settings"]))
        assert limits.allow(costs)
        assert {name: row[name] for name in costs} == costs
        assert row["latency_ms"] <= 60
    assert [row["macs"] for row in out["front"]] == sorted(row["macs"] for row in out["front"])


def test_the_same_line_goes_on_where_it_was(edgekit, edgekit_json, tmp_path, monkeypatch):
    whole = edgekit_json(*LINE, "--out", tmp_path / "whole")
    calls, synflow = [], evaluate.SynflowJudge.__call__

    def judge(self, code):
        calls.append(code)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return synflow(self, code)

    monkeypatch.setattr(evaluate.SynflowJudge, "__call__", judge)
    status, out, err = edgekit(*LINE, "--json", "--out", tmp_path / "cut")
    assert (status, out) == (130, "")
    assert err.splitlines()[-1] == "edgekit: interrupted"
    after = edgekit_json(*LINE, "--out", tmp_path / "cut")
    assert len(calls) == 13
    assert (after["best"], after["front"]) == (whole["best"], whole["front"])


def test_the_table_says_whose_numbers_they_are(edgekit, tmp_path):
    status, out, err = edgekit(*LINE, "--out", tmp_path)
    assert status == 0
    assert "train it before you believe it" in out
    assert "modelled on cortex-m0+ small" in out
    assert "12 of 12: best" in err
    assert json.loads((tmp_path / "journal.json").read_text())["identity"]["notes"] == {"judge": "synflow"}


def test_finalists_are_trained_and_one_is_named(edgekit, edgekit_json, tmp_path, monkeypatch):
    how = trainings.TRAININGS["acoustic-anomaly"]
    monkeypatch.setitem(trainings.TRAININGS, "acoustic-anomaly", replace(how, quick=(1, 1), full=(1, 2)))
    line = ("search", "acoustic-anomaly", "--evaluations", "4", "--finalists", "2", "--out", tmp_path)
    out = edgekit_json(*line)
    hand_made, *others = out["finalists"]
    assert (hand_made["settings"], hand_made["macs"], hand_made["gain"]) == (None, 164_352, 0)
    assert [len(row["scores"]) for row in out["finalists"]] == [3, 3, 3]
    good = [row for row in others if row["gain"] >= row["standard_error"] and row["macs"] < 164_352]
    assert out["winner"] == (min(good, key=lambda row: row["macs"])["settings"] if good else None)
    status, table, _ = edgekit(*line)
    assert status == 0
    assert "hand-made" in table
    assert ("to keep: depth" in table) == bool(good)


@pytest.mark.parametrize(("change", "message"), [
    (("--finalists", "-1"), "--finalists must be 0 or more, got -1"),
    (("--judge", "guess"), "--judge must be one of supernet, training, synflow, got 'guess'"),
    (("--strategy", "luck"), "unknown strategy 'luck'"),
    (("--device", "abacus"), "unknown device 'abacus'"),
    (("--evaluations", "0"), "evaluations must be at least 1, got 0"),
    (("--latency-ms", "-1"), "latency_ms must be above 0"),
    (("--latency-ms", "0.001"), "widen the limits"),
    (("--seed", "-1"), "--seed must be 0 or more"),
    (("--judge", "supernet"), "no supernet holds the networks of acoustic-fault"),
])
def test_what_is_wrong_is_one_line(edgekit, tmp_path, change, message):
    status, out, err = edgekit(*LINE, *change, "--json", "--out", tmp_path)
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith("edgekit: ")
    assert message in err.splitlines()[-1]


def test_an_unknown_task_lists_the_tasks(edgekit):
    status, _, err = edgekit("search", "camera-detect")
    assert status == 1
    assert "no search space for task 'camera-detect'; there are: ppg, acoustic-fault, camera-presence" in err


def test_a_small_supernet_judges_parts(tmp_path):
    from edgekit.nn.train import Recipe

    chosen, path = family("ppg"), tmp_path / "supernet.safetensors"
    judge = evaluate.SupernetJudge(chosen, 0, 4, Recipe(epochs=1, batch_size=48), checkpoint=path)
    again = evaluate.SupernetJudge(chosen, 0, 4, Recipe(epochs=1, batch_size=48), checkpoint=path)  # from the file
    code = chosen.space.code(depth=2, width1=24)
    assert judge(code) == again(code)
    assert 0 <= judge(code) <= 1


def test_a_close_search_stays_in_its_band_and_trains_its_own_finalists(edgekit, edgekit_json, tmp_path, monkeypatch):
    near, trained = close("acoustic-fault"), []

    def train(plan, data, epochs, seed):
        trained.append((data, epochs, seed))
        return plan.build()

    monkeypatch.setattr(command, "close", lambda task: replace(
        near, judge=lambda chosen, seed: lambda code: float(sum(code)),
        judged=lambda: (np.zeros((2, 32, 40, 1), np.float32), np.array([0, 1])),
        how=trainings.Training(lambda seed, size: (size,), train, (0, 0), (7, 3))))
    out = edgekit_json("search", "acoustic-fault", "--close", "--evaluations", "5", "--finalists", "1", "--out",
                       tmp_path)
    assert (out["judge"], out["evaluations"]) == ("close", 5)
    assert all(0.75 * 168_640 <= row["macs"] <= 0.95 * 168_640 for row in out["front"])
    assert trained == [((7,), 3, seed) for seed in (0, 1, 2) for _ in range(2)]
    assert out["finalists"][0]["macs"] == 168_640
    status, _, err = edgekit("search", "acoustic-fault", "--close", "--latency-ms", "9")
    assert status == 1
    assert "leave out --judge and --latency-ms" in err


def test_only_two_tasks_have_a_close_search(edgekit):
    status, _, err = edgekit("search", "ppg", "--close")
    assert status == 1
    assert "no close search is there for 'ppg', only for acoustic-fault, camera-presence" in err
