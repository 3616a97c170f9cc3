"""One lesson in a real browser: it opens, runs, and its widget follows the keyboard."""

import io
import json
import statistics

import numpy as np
import pytest
from PIL import Image

LESSON = "notebooks/01_quantizing_a_tensor.ipynb"
SLIDER, IMAGE = ".widget-slider [role=slider]", "img.widget-image"
CODE = """import numpy as np
from edgekit.ui.widgets import QuantizationExplorer
x = np.random.default_rng(0).normal(0, 0.2, (8, 5, 5, 4))
QuantizationExplorer({"weights": x})"""

#: From the key to the pixels: the time at which the key arrives, and the frame after the new picture is decoded.
WATCH = """(image) => {
  window.latency = [];
  document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
  image.addEventListener('load', () => requestAnimationFrame(() => setTimeout(() => {
    if (window.pressed) { window.latency.push(performance.now() - window.pressed); window.pressed = null; }
  })));
}"""


def test_lesson_runs_and_its_widget_follows_the_keyboard(open_notebook, root, tmp_path, capsys):
    lesson = root / LESSON if (root / LESSON).exists() else small_notebook(tmp_path / "widget.ipynb")
    notebook, complaints = open_notebook(lesson)
    page = notebook.page
    notebook.run_all()
    assert notebook.errors() == []
    slider, image = page.locator(SLIDER).first, page.locator(IMAGE).first
    image.scroll_into_view_if_needed(timeout=15_000)
    image.evaluate("image => image.decode()")
    before, bits = pixels(image), int(slider.get_attribute("aria-valuenow").split(".")[0])
    image.evaluate(WATCH)
    press(page, slider, "ArrowRight")
    assert int(slider.get_attribute("aria-valuenow").split(".")[0]) == bits + 1
    changed = np.mean(np.any(pixels(image) != before, axis=-1))
    assert changed > 0.005, f"one more bit changed only {100 * changed:.2f} % of the picture"
    times = latencies(page, slider)
    page.screenshot(path=screenshot_file(root))
    assert complaints == []
    with capsys.disabled():
        fastest, median, p95 = min(times), statistics.median(times), np.percentile(times, 95)
        text = f"fastest {fastest:.0f} ms, median {median:.0f} ms, p95 {p95:.0f} ms over {len(times)} presses"
        print(f"\nkey press to changed pixels: {text}")


def small_notebook(path):
    """Write a notebook that shows the widget, for use while the lesson is not there."""
    cell = {"cell_type": "code", "id": "widget", "metadata": {}, "source": CODE, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    path.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def press(page, slider, key):
    """Press `key` on the slider and wait until the picture has followed."""
    seen = page.evaluate("window.latency.length")
    slider.press(key)
    page.wait_for_function("seen => window.latency.length > seen", arg=seen, timeout=10_000)


def latencies(page, slider, presses=24):
    """Milliseconds from each of `presses` key presses, to and fro, to the picture that shows them."""
    for i in range(presses):
        press(page, slider, "ArrowLeft" if i % 4 < 2 else "ArrowRight")
    return page.evaluate("window.latency")


def pixels(locator):
    """The element as it stands on the screen, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB"))


def screenshot_file(root):
    """Where the picture of the page goes: a folder that git ignores."""
    path = root / "runs" / "browser" / "lesson_01.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


pytestmark = pytest.mark.browser
