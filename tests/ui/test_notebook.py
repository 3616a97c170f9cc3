"""Figures and widgets under nbval: their facts are compared, their pixels and the widget's identity are not."""

import json
import os
import re
import subprocess
import sys

import pytest

from edgekit.course import build

SOURCE = """# %%
import numpy as np

from edgekit.ui import plots
from edgekit.ui.widgets import QuantizationExplorer

# %%
fig, ax = plots.subplots()
plots.sqnr(ax, [2, 3, 4], {"weights": [5.0, 11.0, 17.0]})
plots.show(fig, "SQNR rises by six decibels for each bit.")

# %%
QuantizationExplorer({"weights": np.linspace(-1, 1, 60).reshape(4, 15)})
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A small lesson, executed and cleaned as lessons are."""
    folder = tmp_path_factory.mktemp("lesson")
    source = folder / "99_figures.py"
    source.write_text(SOURCE, encoding="utf-8")
    return build.build(source, folder / "99_figures.ipynb")


def nbval(path, root):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--nbval",
        "--nbval-current-env",
        f"--nbval-sanitize-with={root / 'tests' / 'nbval_sanitize.cfg'}",
        str(path),
    ]
    env = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=path.parent, env=env, capture_output=True, text=True, timeout=120)


def test_unchanged_passes_though_its_pixels_differ(notebook, root, tmp_path):
    text = notebook.read_text(encoding="utf-8")
    copy = tmp_path / notebook.name
    copy.write_text(re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,AAAA", text), encoding="utf-8")
    result = nbval(copy, root)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "3 passed" in result.stdout


def test_changed_facts_fail(notebook, root, tmp_path):
    text = notebook.read_text(encoding="utf-8")
    for old, new in (("y 5 to 17", "y 5 to 16"), ("15 codes", "16 codes")):  # a curve; what the widget shows
        assert old in text
        text = text.replace(old, new)
    copy = tmp_path / notebook.name
    copy.write_text(text, encoding="utf-8")
    result = nbval(copy, root)
    assert result.returncode == 1, result.stdout[-3000:]
    assert "2 failed, 1 passed" in result.stdout


def test_the_stored_widget_shows_its_still_picture(notebook):
    outputs = [
        output for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] for output in cell["outputs"]
    ]
    widget = next(output["data"] for output in outputs if build.WIDGET_VIEW in output.get("data", {}))
    assert widget[build.WIDGET_VIEW]["model_id"] == build.MODEL_ID
    assert "".join(widget["text/html"]).startswith('<img alt="weights in 4 bits')
