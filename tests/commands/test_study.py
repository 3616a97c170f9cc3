"""`edgekit study`: run, verify and list, on a tiny study that stands in for the declared ones."""

import json

import pytest

from edgekit import cli
from edgekit.course import places, studies, study_runs
from edgekit.course.study_defs import Definition

DEFINITION = Definition("How much is lost?", lambda seed: {"drop": 0.1 * seed}, range(5), {"drop": 0.01})


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    for module in (places, studies):
        monkeypatch.setattr(module, "notebooks_dir", lambda: tmp_path)
    monkeypatch.setattr(study_runs, "checkout", lambda: tmp_path)
    monkeypatch.setattr(study_runs, "declared", lambda: ["tiny"])
    monkeypatch.setattr(study_runs, "find", lambda name: (DEFINITION, "edgekit.core.affine"))
    monkeypatch.setattr(cli.bootstrap, "ensure", lambda arguments: None)
    return tmp_path


def run(capsys, *arguments):
    status = cli.main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_list_before_and_after(capsys):
    assert run(capsys, "study", "list")[:2] == (0, "tiny: not computed; run 'edgekit study run tiny'\n")
    status, out, err = run(capsys, "study", "run", "tiny", "--json")
    assert status == 0
    assert json.loads(out)["values"]["drop"]["mean"] == pytest.approx(0.2)
    assert "seed 4 (5 of 5)" in err
    listed = json.loads(run(capsys, "study", "list", "--json")[1])["studies"]
    assert [(study["name"], study["stale"]) for study in listed] == [("tiny", [])]
    assert "95 % interval" in run(capsys, "study", "list")[1]


def test_verify_one_all_and_a_broken_one(tiny, capsys):
    run(capsys, "study", "run", "tiny")
    assert run(capsys, "study", "verify")[:2] == (0, "verified: tiny\n")
    status, out, err = run(capsys, "study", "verify", "tiny", "--all", "--json")
    assert (status, json.loads(out)) == (0, {"verified": ["tiny"]})
    assert err.count("holds") == 5
    path = tiny / "studies" / "tiny.json"
    record = json.loads(path.read_text())
    record["values"]["drop"] = [1.0] * 5
    path.write_text(json.dumps(record))
    status, out, err = run(capsys, "study", "verify", "tiny")
    assert (status, out) == (1, "")
    assert "stored is 1 ± 0.01" in err


def test_verify_without_a_result_says_what_to_run(capsys):
    status, _, err = run(capsys, "study", "verify", "tiny")
    assert status == 1
    assert "edgekit study run tiny" in err
