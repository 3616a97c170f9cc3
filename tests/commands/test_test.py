"""`edgekit test`: what it hands to pytest, and what it says of the outcome."""

import argparse
import json

import edgekit.commands.test as command


def checkout(folder, lessons=("00_a.ipynb", "01_b.ipynb")):
    (folder / "notebooks").mkdir()
    (folder / "tests").mkdir()
    for name in lessons:
        (folder / "notebooks" / name).write_text("{}")
    return folder


def test_everything_is_one_run(tmp_path):
    line = command.pytest_arguments([], checkout(tmp_path))
    assert line[-4:] == ["tests", "edgekit", "notebooks/00_a.ipynb", "notebooks/01_b.ipynb"]
    assert {"--doctest-modules", "--nbval", "--nbval-current-env"} <= set(line)
    assert not any("sanitize" in part for part in line)


def test_sanitizers_are_used_when_they_are_there(tmp_path):
    checkout(tmp_path)
    (tmp_path / "tests" / "nbval_sanitize.cfg").write_text("")
    assert "--nbval-sanitize-with=tests/nbval_sanitize.cfg" in command.pytest_arguments([], tmp_path)


def test_a_place_of_ones_own_replaces_all_places(tmp_path):
    checkout(tmp_path)
    assert command.pytest_arguments(["tests::a", "-x"], tmp_path)[-2:] == ["tests::a", "-x"]
    assert command.pytest_arguments(["-k", "floors"], tmp_path)[-6:-4] == ["-k", "floors"]


def test_the_outcome_is_pytests_and_json_counts_it(tmp_path, monkeypatch, capfd):
    (tmp_path / "edgekit").mkdir()
    (checkout(tmp_path, lessons=()) / "tests" / "test_one.py").write_text(
        "import pytest\ndef test_good(): pass\ndef test_bad(): assert 0\ndef test_off(): pytest.skip('no')\n"
    )
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command.pytest_arguments, "__defaults__", (tmp_path,))
    assert command.main(argparse.Namespace(rest=["-p", "no:cacheprovider"], json=True)) == 1
    out, err = capfd.readouterr()
    assert json.loads(out) == {"status": 1, "tests": 3, "failures": 1, "errors": 0, "skipped": 1}
    assert "1 failed, 1 passed, 1 skipped in" in err.splitlines()[-1]
