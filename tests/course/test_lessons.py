"""Source -> executed notebook: stable, complete, and refused when it could not serve as a reference."""

import nbformat
import pytest

from edgekit.course import lessons
from edgekit.course.build import LessonError

SOURCE = '''# %% [markdown]
# # A tiny lesson

# %%
import os

print("strict:", os.environ["EDGEKIT_STRICT"])

# %%
from IPython.display import display
import ipywidgets

display(ipywidgets.IntSlider(value=3))

# %%
3 * 7
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01_tiny.py").write_text(SOURCE)
    return tmp_path


def edit(folder, old, new):
    path = folder / "source" / "01_tiny.py"
    path.write_text(path.read_text().replace(old, new))


def test_every_notebook_fits_its_source():
    assert lessons.stale() == []


def test_build_executes_and_a_rebuild_changes_not_one_byte(folder):
    (target,) = lessons.build(1, folder)
    first = target.read_bytes()
    notebook = nbformat.read(target, 4)
    assert [cell.get("execution_count") for cell in notebook.cells] == [None, 1, 2, 3]
    assert notebook.cells[1].outputs[0].text == "strict: 1\n"
    assert notebook.cells[3].outputs[0].data["text/plain"] == "21"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert lessons.stale(1, folder) == []
    lessons.build("01", folder)
    assert target.read_bytes() == first


def test_stale_tells_what_differs(folder):
    (target,) = lessons.build(folder=folder)
    edit(folder, "3 * 7", "3 * 8")
    (problem,) = lessons.stale(folder=folder)
    assert "'3 * 8'" in problem
    assert "edgekit lessons build 01" in problem
    target.unlink()
    assert "missing" in lessons.stale(1, folder)[0]


def test_a_cell_that_was_never_executed_is_stale(folder):
    (target,) = lessons.build(1, folder)
    notebook = nbformat.read(target, 4)
    notebook.cells[3].execution_count = None
    nbformat.write(notebook, target)
    (problem,) = lessons.stale(1, folder)
    assert "not executed" in problem


@pytest.mark.parametrize(("bad", "message"), [
    ("1 / 0", "ZeroDivisionError"),
    ("import warnings\nwarnings.warn('careful')", "standard error"),
    ("print(object())", "address of this computer"),
    ("import edgekit\nprint(edgekit.__file__)", "path"),
])
def test_what_cannot_be_a_reference_is_refused_and_nothing_is_written(folder, bad, message):
    edit(folder, "3 * 7", bad)
    with pytest.raises(LessonError, match=message):
        lessons.build(1, folder)
    assert not (folder / "01_tiny.ipynb").exists()


def test_unknown_lesson(folder):
    with pytest.raises(ValueError, match="there are: 01_tiny"):
        lessons.build(7, folder)
