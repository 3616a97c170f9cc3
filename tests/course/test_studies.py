"""Studies: intervals, resuming, repeating, and knowing when the code behind a result has changed."""

import datetime
import json
import math

import numpy as np
import pytest
from scipy import stats

from edgekit.course import code_digest, study_runs
from edgekit.course.code_digest import normalized_digest
from edgekit.course.studies import Study, StudyError, t_quantile
from edgekit.course.study_defs import Definition

MODULE = "edgekit.core.affine"  # any module serves as the one whose code a test study depends on


def define(cell, **changes):
    facts = {"seeds": range(5), "tolerance": {"drop": 0.01}, "config": {"epochs": 3}, "tried": 4, **changes}
    return Definition("How much is lost?", cell, **facts)


def drop(seed):
    return {"drop": 0.1 * seed}


@pytest.fixture
def places(tmp_path):
    return {"folder": tmp_path / "studies", "progress": tmp_path / "progress", "say": lambda text: None}


@pytest.fixture
def stored(places):
    study_runs.run("tiny", define(drop), MODULE, **places)
    return {"folder": places["folder"], "say": places["say"]}


def edit(folder, change):
    path = folder / "tiny.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def make_stale(folder):
    def change(record):
        record["code"][MODULE] = "0" * 16
        record["code_hash"] = code_digest.combined(record["code"])
    edit(folder, change)


@pytest.mark.parametrize("df", [4, 5, 6, 9, 14, 19, 29, 60, 1000])
def test_t_quantile_against_scipy(df):
    assert t_quantile(df) == pytest.approx(stats.t.ppf(0.975, df), abs=1e-3)


def test_interval_is_the_t_interval(stored):
    study = Study.load("tiny", stored["folder"])
    column = np.array(study.values["drop"])
    expected = stats.t.interval(0.95, 4, column.mean(), stats.sem(column))
    assert study.interval("drop") == pytest.approx(expected, abs=1e-3)
    assert study.mean("drop") == pytest.approx(0.2)
    with pytest.raises(StudyError, match="there are: drop"):
        study.interval("rise")


def test_the_record_tells_what_the_contract_asks_for(stored):
    record = json.loads((stored["folder"] / "tiny.json").read_text())
    assert record["seeds"] == [0, 1, 2, 3, 4]
    assert record["values"]["drop"] == [drop(seed)["drop"] for seed in range(5)]
    assert (record["tried"], record["config"], record["tolerance"]) == (4, {"epochs": 3}, {"drop": 0.01})
    assert record["command"] == "edgekit study run tiny"
    assert set(record["host"]) == {"machine", "system", "cores", "cell_cpu_s", "python", "numpy", "torch"}
    assert record["host"]["cell_cpu_s"] >= 0
    assert len(record["code_hash"]) == 64


def test_interrupted_anywhere_it_loses_only_the_running_cell(places):
    calls = []

    def cell(seed):
        calls.append(seed)
        if len(calls) in (1, 4, 5):
            raise KeyboardInterrupt
        return drop(seed)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            study_runs.run("tiny", define(cell), MODULE, **places)
        assert not (places["folder"] / "tiny.json").exists()
    study = study_runs.run("tiny", define(cell), MODULE, **places)
    assert calls == [0, 0, 1, 2, 2, 2, 3, 4]
    assert study.values["drop"] == [drop(seed)["drop"] for seed in range(5)]
    assert not list(places["progress"].iterdir())


def test_cells_of_other_code_are_not_taken_over(places, monkeypatch):
    calls = []

    def cell(seed):
        calls.append(seed)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return drop(seed)

    with pytest.raises(KeyboardInterrupt):
        study_runs.run("tiny", define(cell), MODULE, **places)
    monkeypatch.setattr(study_runs, "module_digests", lambda module: {module: "changed"})
    study_runs.run("tiny", define(cell), MODULE, **places)
    assert calls == [0, 1, 2, 0, 1, 2, 3, 4]


def test_a_complete_study_is_not_computed_again_unless_asked(places):
    calls = []

    def cell(seed):
        calls.append(seed)
        return drop(seed)

    for fresh in (False, False, True):
        study_runs.run("tiny", define(cell), MODULE, fresh=fresh, **places)
    assert len(calls) == 10
    make_stale(places["folder"])
    study_runs.run("tiny", define(cell), MODULE, **places)
    assert len(calls) == 15


@pytest.mark.parametrize(("row", "message"), [({"drop": math.nan}, "must be finite"), ({}, "declared are"),
                                              ({"drop": 1, "rise": 2}, "declared are")])
def test_a_cell_must_give_what_is_declared(places, row, message):
    with pytest.raises(StudyError, match=message):
        study_runs.run("tiny", define(lambda seed: row), MODULE, **places)


def test_verify_repeats_one_cell_chosen_by_date(stored):
    seen = []

    def cell(seed):
        seen.append(seed)
        return drop(seed)

    for day in range(1, 11):
        study_runs.verify("tiny", define(cell), MODULE, today=datetime.date(2025, 1, day), **stored)
    assert sorted(seen) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_verify_fails_outside_the_tolerance_and_holds_inside(stored):
    def off_by(amount):
        return define(lambda seed: {"drop": drop(seed)["drop"] + amount})

    study_runs.verify("tiny", off_by(0.009), MODULE, every=True, **stored)
    with pytest.raises(StudyError, match=r"seed 0 gave drop = 0.011, stored is 0 ± 0.01"):
        study_runs.verify("tiny", off_by(0.011), MODULE, every=True, **stored)


def test_a_perturbed_value_is_found(stored):
    edit(stored["folder"], lambda record: record["values"]["drop"].__setitem__(3, 0.42))
    with pytest.raises(StudyError, match=r"seed 3 gave drop = 0\.3, stored is 0\.42"):
        study_runs.verify("tiny", define(drop), MODULE, every=True, **stored)


def test_stale_until_all_cells_are_affirmed(stored):
    make_stale(stored["folder"])
    definition = define(drop)
    code = study_runs.digests(definition, MODULE)
    assert study_runs.stale(Study.load("tiny", stored["folder"]), code) == [MODULE]
    with pytest.raises(StudyError, match=r"stale.*edgekit.core.affine.*verify tiny --all"):
        study_runs.verify("tiny", definition, MODULE, **stored)
    study_runs.verify("tiny", definition, MODULE, every=True, **stored)
    assert study_runs.stale(Study.load("tiny", stored["folder"]), code) == []
    study_runs.verify("tiny", definition, MODULE, **stored)


def test_a_stale_study_that_does_not_hold_is_not_affirmed(stored):
    make_stale(stored["folder"])
    before = (stored["folder"] / "tiny.json").read_bytes()
    with pytest.raises(StudyError, match="stored is"):
        study_runs.verify("tiny", define(lambda seed: {"drop": 1.0}), MODULE, every=True, **stored)
    assert (stored["folder"] / "tiny.json").read_bytes() == before


def test_other_seeds_than_declared_need_a_new_run(stored):
    with pytest.raises(StudyError, match="not those declared"):
        study_runs.verify("tiny", define(drop, seeds=range(6)), MODULE, **stored)


@pytest.mark.parametrize("change", [
    lambda record: record.pop("tried"),
    lambda record: record.update(extra=1),
    lambda record: record.update(schema=2),
    lambda record: record.update(name="other"),
    lambda record: record["code"].update({MODULE: "0"}),
    lambda record: record["values"]["drop"].pop(),
    lambda record: record["values"]["drop"].__setitem__(0, math.nan),
])
def test_a_broken_record_is_named(stored, change):
    edit(stored["folder"], change)
    with pytest.raises(StudyError, match=r"tiny.json is broken .*git checkout"):
        Study.load("tiny", stored["folder"])


def test_missing_and_unknown_studies_say_what_to_do(tmp_path):
    with pytest.raises(StudyError, match="edgekit study run nothing"):
        Study.load("nothing", tmp_path)
    with pytest.raises(StudyError, match="no study 'nothing'; there are"):
        study_runs.find("nothing")


@pytest.mark.parametrize("changes", [{"seeds": range(4)}, {"seeds": [1, 1, 2, 3, 4]}, {"tolerance": {}},
                                     {"tolerance": {"drop": -1}}, {"tried": 0}])
def test_a_definition_must_make_sense(changes):
    with pytest.raises(ValueError, match="Definition"):
        define(drop, **changes)


@pytest.mark.parametrize("same", ["def f(x):\n    return x+1",
                                  "'''Module.'''\ndef f(x):\n    '''Doc.'''\n    return (x + 1)",
                                  "# a\ndef f(x):\n\n    # b\n    return x + \\\n        1\n"])
def test_prose_and_layout_do_not_change_the_digest(same):
    assert normalized_digest(same) == normalized_digest("def f(x):\n    return x + 1\n")


@pytest.mark.parametrize("other", ["def f(x):\n    return x + 2", "def f(x):\n    return x - 1",
                                   "def f(y):\n    return y + 1",
                                   "def f(x, y=1):\n    return x + 1", "def f(x):\n    return x + 1.0",
                                   "def f(x):\n    return x + True", "def g(x):\n    return x + 1"])
def test_code_does_change_the_digest(other):
    assert normalized_digest(other) != normalized_digest("def f(x):\n    return x + 1\n")


@pytest.mark.parametrize("name", study_runs.declared())
def test_every_stored_study_is_current(name):
    definition, module = study_runs.find(name)
    changed = study_runs.stale(Study.load(name), study_runs.digests(definition, module))
    assert not changed, study_runs.stale_message(name, changed)
