"""`edgekit test`: what it hands to pytest, and what it says of the outcome."""

import argparse
import json

import pytest

import edgekit.commands.test as command


def checkout(folder, lessons=("00_a.ipynb", "01_b.ipynb")):
    (folder / "notebooks").mkdir()
    (folder / "tests").mkdir()
    for name in lessons:
        (folder / "notebooks" / name).write_text("{}")
    return folder


def test_tests_run_side_by_side_and_lessons_follow(tmp_path):
    tests, lessons = command.pytest_runs([], checkout(tmp_path))
    assert tests[-6:] == ["-n", str(command.WORKERS), "--dist", "loadfile", "tests", "edgekit"]
    assert lessons[-2:] == ["notebooks/00_a.ipynb", "notebooks/01_b.ipynb"]
    for line in (tests, lessons):
        assert {"--doctest-modules", "--nbval", "--nbval-current-env"} <= set(line)
        assert not any("sanitize" in part for part in line)


def test_with_options_everything_is_one_run(tmp_path):
    line, = command.pytest_runs(["-k", "floors"], checkout(tmp_path))
    assert line[-6:] == ["-k", "floors", "tests", "edgekit", "notebooks/00_a.ipynb", "notebooks/01_b.ipynb"]


def test_sanitizers_are_used_when_they_are_there(tmp_path):
    checkout(tmp_path)
    (tmp_path / "tests" / "nbval_sanitize.cfg").write_text("")
    for line in command.pytest_runs([], tmp_path):
        assert "--nbval-sanitize-with=tests/nbval_sanitize.cfg" in line


def test_a_place_of_ones_own_replaces_all_places(tmp_path):
    checkout(tmp_path)
    line, = command.pytest_runs(["tests::a", "-x"], tmp_path)
    assert line[-2:] == ["tests::a", "-x"]


def outcome(folder, monkeypatch, capfd, rest):
    monkeypatch.setattr(command, "ROOT", folder)
    monkeypatch.setattr(command.pytest_runs, "__defaults__", (folder,))
    status = command.main(argparse.Namespace(rest=rest, json=True))
    out, err = capfd.readouterr()
    return status, json.loads(out), err.splitlines()[-1]


def test_the_outcome_is_pytests_and_json_counts_it(tmp_path, monkeypatch, capfd):
    (tmp_path / "edgekit").mkdir()
    (checkout(tmp_path, lessons=()) / "tests" / "test_one.py").write_text(
        "import pytest\ndef test_good(): pass\ndef test_bad(): assert 0\ndef test_off(): pytest.skip('no')\n"
    )
    status, counts, last = outcome(tmp_path, monkeypatch, capfd, ["-p", "no:cacheprovider"])
    assert (status, counts) == (1, {"status": 1, "tests": 3, "failures": 1, "errors": 0, "skipped": 1})
    assert "1 failed, 1 passed, 1 skipped in" in last


def test_a_failure_in_the_first_run_is_not_forgotten_after_the_second(tmp_path, monkeypatch, capfd):
    (tmp_path / "edgekit").mkdir()
    (checkout(tmp_path, lessons=()) / "tests" / "test_one.py").write_text("def test_bad(): assert 0\n")
    runs = [["-p", "no:cacheprovider", "tests"], ["-p", "no:cacheprovider", "--co", "tests"]]
    monkeypatch.setattr(command, "pytest_runs", lambda rest: runs)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert command.main(argparse.Namespace(rest=[], json=True)) == 1
    assert json.loads(capfd.readouterr().out)["failures"] == 1


@pytest.mark.parametrize(("statuses", "worst"), [((-9, 0), -9), ((0, -11), -11), ((1, 0), 1), ((0, 0), 0)])
def test_a_run_that_a_signal_ended_is_a_failure(monkeypatch, statuses, worst):
    ends = iter(statuses)
    monkeypatch.setattr(command, "pytest_runs", lambda rest: [[], []])
    monkeypatch.setattr(command.subprocess, "call", lambda *line, **how: next(ends))
    assert command.main(argparse.Namespace(rest=[], json=False)) == worst
