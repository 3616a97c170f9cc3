"""The `DatasetBrowser` in a real browser: every set is chosen by hand, and the slider follows the keyboard."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from edgekit.ui.browser import DEFAULT

CODE = "from edgekit.ui.browser import DatasetBrowser\nDatasetBrowser()"
CHOICE, SLIDER = ".widget-dropdown select", ".widget-slider [role=slider]"
IMAGE, HEADLINE = "img.widget-image", "p[role=status]"


def test_every_set_is_shown_and_sound_can_be_played(open_notebook, root, tmp_path):
    notebook, complaints = open_notebook(small_notebook(tmp_path / "browse.ipynb"))
    page = notebook.page
    notebook.run_all()
    assert notebook.errors() == []
    image, slider = page.locator(IMAGE).first, page.locator(SLIDER).first
    image.wait_for(timeout=15_000)
    for name in DEFAULT:
        page.locator(CHOICE).first.select_option(name)
        page.wait_for_function(f"name => document.querySelector('{HEADLINE}').textContent.startsWith(name + ',')",
                               arg=name, timeout=15_000)
        page.wait_for_timeout(400)
        before = pixels(image)
        slider.press("ArrowRight")
        page.wait_for_timeout(700)
        assert np.mean(np.any(pixels(image) != before, axis=-1)) > 0.002, name
        assert page.locator("audio").count() == (name == "acoustic-raw"), name
        page.screenshot(path=screenshot_file(root, name))
    assert complaints == []


def small_notebook(path):
    """Write a notebook that shows the widget."""
    cell = {"cell_type": "code", "id": "widget", "metadata": {}, "source": CODE, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    path.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def pixels(locator):
    """The element as it stands on the screen, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB"))


def screenshot_file(root, name):
    """Where the picture of the page goes: a folder that git ignores."""
    path = root / "runs" / "browser" / f"browse_{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


pytestmark = pytest.mark.browser
