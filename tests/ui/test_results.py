"""What the report shows of boxes: true ones dashed, found ones solid, each where it is."""

import numpy as np

from edgekit import data, tasks
from edgekit.core.detection import grid_targets
from edgekit.search.recipe import Stage
from edgekit.tasks import camera
from edgekit.ui.outcomes import scene
from edgekit.ui.results import results
from edgekit.ui.style import subplots


def test_boxes_lie_where_they_are():
    _, ax = subplots()
    found = np.array([[10.0, 20, 30, 60]]), np.array([1]), np.array([0.75])
    scene(ax, np.zeros((96, 96, 3)), [[0, 5, 6, 25, 46], [-1, 0, 0, 0, 0]], found, ("person", "vehicle"))
    drawn = [(*patch.get_xy(), patch.get_width(), patch.get_height(), patch.get_linestyle()) for patch in ax.patches]
    assert drawn[1] == (4.5, 5.5, 20, 40, "--")
    assert drawn[3] == (9.5, 19.5, 20, 40, "-")
    assert [text.get_text() for text in ax.texts] == ["vehicle 0.75"]
    assert ax.get_title() == "1 true, 1 found"


def test_a_detection_run_shows_scenes_tables_and_what_is_there():
    part = data.load("camera", "val").subset(np.arange(24))
    task, y = tasks.get("camera-detect"), camera.truth(part)
    heat, sides, _ = grid_targets(y[..., 1:], y[..., 0])
    answers = np.concatenate([9 * (2 * (heat > 0.99) - 1), sides], axis=-1)
    x = task.front_end(part.x)
    stages = [Stage(name, None, task.report(y, x, answers), {}, x, y, answers) for name in ("float", "int8")]
    parts = results(task, stages)
    table = parts[0][0]
    assert table[1] == ("person", str(int((y[..., 0] == 0).sum())), "1.000", "1.000", "measured at IoU 0.5")
    assert [caption is None for _, caption in parts] == [True, False, True, False]
    assert "true boxes, dashed" in parts[1][0].alt
