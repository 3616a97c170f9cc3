"""`edgekit doctor`: every thing missing has a remedy, and a broken package cannot take the report down."""

import argparse
import json
import subprocess
import sys

import pytest

from edgekit import bootstrap, health
from edgekit.commands import doctor


@pytest.fixture
def bare(tmp_path):
    """A checkout whose packages are not installed."""
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["edgekit-absent>=1"]')
    (tmp_path / "requirements.lock").write_text("torch==2.13.0\n")
    return tmp_path


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_here_nothing_is_wrong_and_json_is_one_object(capsys, monkeypatch):
    monkeypatch.delenv("EDGEKIT_DATA", raising=False)
    monkeypatch.setattr(doctor.health.shutil, "disk_usage", lambda path: argparse.Namespace(free=10**11))
    assert doctor.main(argparse.Namespace(json=True, debug=False)) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == 0
    found = {entry["name"]: entry for entry in report["findings"]}
    assert {"python", "environment", "torch", "torch build", "cpu", "disk", "litert", "chromium"} <= set(found)
    assert all(found[name]["status"] == "ok" for name in ("numpy", "torch", "torch build", "litert", "onnx", "ort"))
    assert all(entry["remedy"] for entry in report["findings"] if entry["status"] != "ok")


def test_the_examination_needs_no_packages(root, bare):
    code = (
        "import sys; from pathlib import Path; from edgekit import health; "
        "print(len(health.examine(Path(sys.argv[1]))))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code, str(bare)], cwd=root, capture_output=True, text=True)
    assert done.stderr == ""
    assert int(done.stdout) > 10


def test_before_the_set_up_missing_packages_are_no_problem(bare):
    found = by_name([*health.packages(bare), health.environment(bare)])
    assert found["packages"].status == "note"
    assert "1 of 1 are not installed yet" in found["packages"].found
    assert "edgekit lab" in found["environment"].remedy


def test_after_the_set_up_a_missing_package_is_a_problem(bare, monkeypatch):
    monkeypatch.setattr(bootstrap, "ready", lambda root: True)
    (finding,) = health.packages(bare)
    assert (finding.status, finding.found) == ("problem", "not installed, wanted >=1")
    assert "mends" in finding.remedy


def test_what_dies_or_fails_outside_is_reported_not_suffered():
    tried = health.outside({"dies": "import os; os.abort()", "fails": "import no_such_module", "works": "print('yes')"})
    assert tried["dies"][0] is False
    assert tried["fails"] == (False, "ModuleNotFoundError: No module named 'no_such_module'")
    assert tried["works"] == (True, "yes")


def test_a_torch_that_does_not_import_is_a_problem(monkeypatch):
    monkeypatch.setattr(health, "outside", lambda code: {"torch": (False, "ImportError: libfoo.so")})
    (finding,) = health.torch_build()
    assert (finding.status, finding.found) == ("problem", "ImportError: libfoo.so")


def test_a_python_that_cannot_make_environments_is_a_problem(monkeypatch):
    real = health.importlib.util.find_spec
    for gone, name in [({"venv"}, "venv"), ({"ensurepip", "pip"}, "pip")]:
        monkeypatch.setattr(
            health.importlib.util, "find_spec", lambda module, gone=gone: None if module in gone else real(module)
        )
        assert by_name(health.python())[name].status == "problem"
        assert "apt install" in by_name(health.python())[name].remedy


def test_the_disk_and_the_public_data(monkeypatch, tmp_path):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: argparse.Namespace(free=10**9))
    assert health.disk(False, tmp_path).status == "problem"
    assert health.disk(True, tmp_path).status == "ok"
    for value, status in [("", "note"), (str(tmp_path), "ok"), (str(tmp_path / "nowhere"), "problem")]:
        monkeypatch.setenv("EDGEKIT_DATA", value)
        assert health.public_data().status == status
