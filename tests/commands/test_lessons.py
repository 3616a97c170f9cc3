"""`edgekit lessons`: build, check and claim, with one JSON object and a status that scripts can trust."""

import json

import pytest

from edgekit import cli
from edgekit.course import claims, lessons, places

SOURCE = "# %%\nprint('hello')\n"


@pytest.fixture(autouse=True)
def notebooks(tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01_tiny.py").write_text(SOURCE)
    for module in (places, lessons, claims):
        monkeypatch.setattr(module, "notebooks_dir", lambda: tmp_path)
    monkeypatch.setattr(cli.bootstrap, "ensure", lambda arguments: None)
    return tmp_path


def run(capsys, *arguments):
    status = cli.main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_check_fails_until_built(notebooks, capsys):
    status, out, _ = run(capsys, "lessons", "check", "--json")
    assert status == 1
    assert "01_tiny.ipynb is missing" in json.loads(out)["problems"][0]
    status, out, err = run(capsys, "lessons", "build", "1", "--json")
    assert status == 0
    assert list(json.loads(out)["built"]) == ["01_tiny"]
    assert "01_tiny" in err
    assert run(capsys, "lessons", "check", "01")[:2] == (0, "every notebook fits its source\n")


def test_a_lesson_that_fails_is_one_line_and_a_status(notebooks, capsys):
    (notebooks / "source" / "01_tiny.py").write_text("# %%\n1 / 0\n")
    status, out, err = run(capsys, "lessons", "build")
    assert (status, out) == (1, "")
    assert err.startswith("edgekit: lessons build: 01_tiny stops with ZeroDivisionError")
    assert err.count("\n") == 1


def test_unknown_lesson(capsys):
    status, _, err = run(capsys, "lessons", "build", "99")
    assert status == 1
    assert "there are: 01_tiny" in err


def test_claim_is_recorded(notebooks, capsys):
    line = ("lessons", "claim", "01/value", "2.5", "--tolerance", "0.1", "--why", "a test", "--unit", "dB", "--json")
    status, out, _ = run(capsys, *line)
    assert status == 0
    assert json.loads(out) == {"name": "01/value", "reference": 2.5, "tolerance": 0.1, "unit": "dB", "why": "a test"}
    claims.claim("01/value", 2.55)
