"""The learner's copy: stripped, updated while untouched, never overwritten once edited."""

import json

import nbformat
import pytest

from edgekit.course import working_copy
from edgekit.course.lessons import prepare_work
from edgekit.course.working_copy import strip_solution

SOLVED = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\nprint(half(4))"


def write_lesson(root, text="first", name="01_halves"):
    output = nbformat.v4.new_output("stream", name="stdout", text="2.0\n")
    cells = [nbformat.v4.new_markdown_cell(text),
             nbformat.v4.new_code_cell(SOLVED, execution_count=1, outputs=[output])]
    for index, cell in enumerate(cells):
        cell["id"] = f"c{index}"
    (root / "notebooks").mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")


def learner_edits(path, addition="# mine"):
    notebook = json.loads(path.read_text())
    notebook["cells"][1]["source"] += f"\n{addition}"
    path.write_text(json.dumps(notebook))
    return path.read_text()


def snapshot(work):
    return {path.name: path.read_bytes() for path in work.iterdir()}


@pytest.mark.parametrize(("source", "expected"), [
    ("x = 1", "x = 1"),
    ("### BEGIN SOLUTION\nanswer = 3\n### END SOLUTION\nprint(answer)",
     "answer = ...  # your answer here\nprint(answer)"),
    ("### BEGIN SOLUTION\na = 3\nif a:\n    b = 1\na = 4\n### END SOLUTION", "a = ...  # your answer here"),
    ("### BEGIN SOLUTION\nprint(1)\n### END SOLUTION", "...  # your code here"),
    ("def f(x):\n    y = 1\n    ### BEGIN SOLUTION\n    return y\n    ### END SOLUTION",
     "def f(x):\n    y = 1\n    # your code here\n    raise NotImplementedError"),
])
def test_strip_solution(source, expected):
    assert strip_solution(source) == expected


@pytest.mark.parametrize("source", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION",
                                    "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"])
def test_a_marker_without_partner_is_refused(source):
    with pytest.raises(ValueError, match="has no partner"):
        strip_solution(source)


def test_first_delivery_has_no_solution_and_no_output(tmp_path):
    write_lesson(tmp_path)
    assert prepare_work(tmp_path) == []
    notebook = nbformat.read(tmp_path / "work" / "01_halves.ipynb", 4)
    nbformat.validate(notebook)
    assert "return x / 2" not in notebook.cells[1].source
    assert notebook.cells[1].outputs == []
    assert notebook.cells[1].execution_count is None


def test_second_call_changes_nothing(tmp_path):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir()}
    assert prepare_work(tmp_path) == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir()} == before


def test_untouched_lesson_follows_silently_even_when_it_was_run(tmp_path):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    copy = tmp_path / "work" / "01_halves.ipynb"
    ran = nbformat.read(copy, 4)
    ran.cells[1].execution_count = 7
    nbformat.write(ran, copy)
    write_lesson(tmp_path, "second")
    assert prepare_work(tmp_path) == []
    assert "second" in copy.read_text()
    assert len(list((tmp_path / "work").glob("*.ipynb"))) == 1


def test_edited_lesson_stays_and_the_new_one_arrives_beside_it_said_once(tmp_path):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    copy = tmp_path / "work" / "01_halves.ipynb"
    mine = learner_edits(copy)
    assert prepare_work(tmp_path) == []
    write_lesson(tmp_path, "second")
    messages = prepare_work(tmp_path)
    assert len(messages) == 1
    assert "01_halves.new.ipynb" in messages[0]
    assert copy.read_text() == mine
    assert "second" in (tmp_path / "work" / "01_halves.new.ipynb").read_text()
    assert prepare_work(tmp_path) == []


def test_an_offer_that_was_edited_stays_too(tmp_path):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    learner_edits(tmp_path / "work" / "01_halves.ipynb")
    write_lesson(tmp_path, "second")
    prepare_work(tmp_path)
    offered = learner_edits(tmp_path / "work" / "01_halves.new.ipynb")
    write_lesson(tmp_path, "third")
    (message,) = prepare_work(tmp_path)
    assert (tmp_path / "work" / "01_halves.new.ipynb").read_text() == offered
    third = [path for path in (tmp_path / "work").glob("*.ipynb") if "third" in path.read_text()]
    assert len(third) == 1
    assert third[0].name in message


def test_an_offer_that_was_deleted_is_not_made_again(tmp_path):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    learner_edits(tmp_path / "work" / "01_halves.ipynb")
    write_lesson(tmp_path, "second")
    prepare_work(tmp_path)
    (tmp_path / "work" / "01_halves.new.ipynb").unlink()
    assert prepare_work(tmp_path) == []
    assert not (tmp_path / "work" / "01_halves.new.ipynb").exists()


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"01_halves": 3}', "\x00"])
def test_without_a_readable_manifest_nothing_of_the_learner_is_lost(tmp_path, manifest):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    mine = learner_edits(tmp_path / "work" / "01_halves.ipynb")
    path = tmp_path / "work" / working_copy.MANIFEST
    path.unlink() if manifest is None else path.write_text(manifest)
    prepare_work(tmp_path)
    assert (tmp_path / "work" / "01_halves.ipynb").read_text() == mine


def test_a_file_that_is_no_notebook_is_kept(tmp_path):
    write_lesson(tmp_path)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "01_halves.ipynb").write_text("my notes")
    assert len(prepare_work(tmp_path)) == 1
    assert (tmp_path / "work" / "01_halves.ipynb").read_text() == "my notes"


def test_killed_between_lesson_and_manifest_the_next_call_repairs(tmp_path, monkeypatch):
    write_lesson(tmp_path)
    prepare_work(tmp_path)
    write_lesson(tmp_path, "second")
    write = working_copy._atomic.write_text

    def dies_at_the_manifest(path, text):
        if path.name == working_copy.MANIFEST:
            raise KeyboardInterrupt
        write(path, text)

    monkeypatch.setattr(working_copy._atomic, "write_text", dies_at_the_manifest)
    with pytest.raises(KeyboardInterrupt):
        prepare_work(tmp_path)
    monkeypatch.undo()
    assert prepare_work(tmp_path) == []
    learner_edits(tmp_path / "work" / "01_halves.ipynb")
    assert prepare_work(tmp_path) == []
    assert sorted(snapshot(tmp_path / "work")) == [working_copy.MANIFEST, "01_halves.ipynb"]


def test_a_broken_lesson_is_named(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_halves.ipynb").write_text("{")
    with pytest.raises(ValueError, match=r"01_halves.ipynb is not a notebook.*git checkout"):
        prepare_work(tmp_path)
