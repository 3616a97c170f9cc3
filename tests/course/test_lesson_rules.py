"""What every lesson must keep: its anatomy, short cells, more prose than code, and a copy that runs unsolved."""

import re

import nbformat
import pytest

from edgekit.course.build import execute, read_source
from edgekit.course.exercises import find
from edgekit.course.lessons import names, prepare_work
from edgekit.course.places import find_source, notebooks_dir
from edgekit.course.working_copy import BEGIN, END, strip_solution

LONGEST_CELL = 12
WORDS_PER_LINE = 8
PARTS = ("Question", "You will learn", "Explore", "Exercises", "Real life", "Cost box", "Summary", "Next", "Sources")


def cells(name, kind):
    return [cell.source for cell in read_source(find_source(notebooks_dir(), name)).cells if cell.cell_type == kind]


def code_lines(cell):
    return [line for line in cell.split("\n") if line.strip() not in ("", BEGIN, END)]


@pytest.mark.parametrize("name", names())
def test_anatomy(name):
    prose = "\n".join(cells(name, "markdown"))
    assert [part for part in PARTS if part.lower() not in prose.lower()] == []
    assert prose.startswith(f"# {name[:2]} ")


@pytest.mark.parametrize("name", names())
def test_short_cells_and_more_prose_than_code(name):
    code = cells(name, "code")
    too_long = {cell.split("\n")[0]: len(code_lines(cell)) for cell in code if len(code_lines(cell)) > LONGEST_CELL}
    assert too_long == {}
    words = sum(len(cell.split()) for cell in cells(name, "markdown"))
    lines = sum(len(code_lines(cell)) for cell in code)
    assert words / lines >= WORDS_PER_LINE


@pytest.mark.parametrize("name", names())
def test_every_exercise_of_a_lesson_exists_and_is_stripped(name):
    checked = {key: cell for cell in cells(name, "code") for key in re.findall(r'\bcheck\("([^"]+)"', cell)}
    assert len(checked) >= 3
    for key, cell in checked.items():
        assert find(key).name == key
        stripped = strip_solution(cell)
        assert stripped != cell
        assert "NotImplementedError" in stripped or "= ..." in stripped


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_the_learners_copy_runs_to_its_end_unsolved(name, tmp_path):
    (tmp_path / "notebooks").mkdir()
    original = notebooks_dir() / f"{name}.ipynb"
    (tmp_path / "notebooks" / original.name).write_bytes(original.read_bytes())
    prepare_work(tmp_path)
    notebook = nbformat.read(tmp_path / "work" / original.name, 4)
    execute(notebook, tmp_path / "work", name, strict=False)
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert said.count("Not written yet") == len(re.findall(r"^check [\dA]\d/", said, flags=re.M)) >= 3
