"""A changed output, claim or study makes the notebook tests fail: proven on a tiny lesson, perturbed in each way."""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from edgekit.course import claims, lessons, study_runs
from edgekit.course.study_defs import Definition

SOURCE = '''# %%
from edgekit.course.claims import claim
from edgekit.course.studies import Study

print("seven times six is", 7 * 6)

# %%
claim("tiny/value", 6.02, "claims.json")

# %%
study = Study.load("tiny", "studies")
low, high = study.interval("drop")
print(f"drop {study.mean('drop'):.2f}, between {low:.2f} and {high:.2f}")
'''


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def perturb_output(folder):
    edit(folder / "01_tiny.ipynb", "seven times six is 42", "seven times six is 43")


def perturb_claim(folder):
    claims.record("tiny/value", 6.2, 0.05, "a test", path=folder / "claims.json")


def perturb_study(folder):
    path = folder / "studies" / "tiny.json"
    record = json.loads(path.read_text())
    record["values"]["drop"][2] += 0.1
    path.write_text(json.dumps(record))


def never_executed(folder):
    path = folder / "01_tiny.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0].update(execution_count=None, outputs=[])
    path.write_text(json.dumps(notebook))


PERTURBATIONS = {"output": perturb_output, "claim": perturb_claim, "study": perturb_study}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "source").mkdir()
    (folder / "source" / "01_tiny.py").write_text(SOURCE)
    claims.record("tiny/value", 6.02, 0.05, "a test", path=folder / "claims.json")
    definition = Definition("How much?", lambda seed: {"drop": 0.1 * seed}, range(5), {"drop": 0.01})
    study_runs.run("tiny", definition, "edgekit.core.affine", folder / "studies", folder / "progress", say=len)
    lessons.build(1, folder)
    return folder


@pytest.fixture(scope="module")
def failures(lesson, root, tmp_path_factory):
    """The cells that fail when nbval runs the lesson as built and each perturbed copy, by name of the copy."""
    folder = tmp_path_factory.mktemp("copies")
    for what, perturb in {"built": lambda copy: None, **PERTURBATIONS}.items():
        shutil.copytree(lesson, folder / what)
        perturb(folder / what)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder), "-c",
               str(root / "pyproject.toml"), "--nbval", "--nbval-current-env", f"--junitxml={folder / 'report.xml'}",
               f"--nbval-sanitize-with={root / 'tests' / 'nbval_sanitize.cfg'}"]
    command += [str(folder / what / "01_tiny.ipynb") for what in ("built", *PERTURBATIONS)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=200,
                          env={**os.environ, "PYTHONPATH": str(root), "EDGEKIT_STRICT": ""})
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))
    assert len(cases) == 3 * (1 + len(PERTURBATIONS)), done.stdout + done.stderr
    failed = [(case.get("classname"), case.get("name")) for case in cases if case.find("failure") is not None]
    return {what: [name for place, name in failed if what in place] for what in ("built", *PERTURBATIONS)}


@pytest.mark.slow
def test_the_lesson_passes_as_built(lesson, failures):
    assert lessons.stale(1, lesson) == []
    assert failures["built"] == []


@pytest.mark.slow
@pytest.mark.parametrize(("what", "cell"), [("output", "Cell 0"), ("claim", "Cell 1"), ("study", "Cell 2")])
def test_every_perturbation_fails_the_run_in_its_cell(failures, what, cell):
    assert failures[what] == [cell]


def test_a_cell_without_count_is_passed_by_nbval_and_found_by_us(lesson, tmp_path):
    folder = tmp_path / "lesson"
    shutil.copytree(lesson, folder)
    never_executed(folder)
    assert any("not executed" in problem for problem in lessons.stale(1, folder))
