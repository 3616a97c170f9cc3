"""Two quantizers on scenes made for the comparison: every value declared, every cell with scenes of its own."""

import numpy as np
import pytest

from edgekit import tasks
from edgekit.course import tools_on_new_scenes as new
from edgekit.course.study_defs import ptq_against_tools_camera_new_scenes as study
from edgekit.data.synthetic import camera
from edgekit.nn import origins
from edgekit.tasks import camera as camera_tasks

pytest.importorskip("onnxruntime")
SCENES = 6


@pytest.fixture(scope="module")
def made():
    return camera.make_scenes(SCENES, 5, "train")


def test_a_row_holds_what_the_tolerance_names_and_its_figures_fit_together(made, monkeypatch):
    asked, task = [], tasks.get("camera-presence")
    four = task.calibration_batches(4, 3)
    monkeypatch.setattr(camera, "make_scenes", lambda *of: asked.append(of) or made)
    monkeypatch.setattr(type(task), "calibration_batches", lambda self, count, seed: four)
    row = new.row({"presence": "camera-presence"}, 3, study.RECIPE, SCENES)
    assert asked == [(SCENES, new.FIRST_SCENES + 3, "test")]
    assert set(row) == set(new.tolerance({"presence": ""}))
    assert row["presence_ahead"] == pytest.approx(row["presence_ort_drop"] - row["presence_drop"], abs=1e-9)
    assert 0 <= row["presence_float"] <= 100


def test_labels_are_those_of_the_task(made):
    assert np.array_equal(new.labels(tasks.get("camera-presence"), made), made.y)
    boxes = new.labels(tasks.get("camera-detect"), made)
    assert np.array_equal(boxes, camera_tasks.truth(made))
    assert boxes.shape == (SCENES, 5, 5)


def test_the_streams_of_scenes_are_no_others():
    """Neither a split's nor each other's."""
    seeds = [new.FIRST_SCENES + seed for seed in study.STUDY.seeds]
    assert not set(seeds) & {seed for _, seed in camera.EMBEDDED.values()}
    assert len(set(seeds)) == len(seeds)


def test_the_camera_is_quantized_as_it_ships():
    for task in study.TASKS.values():
        assert origins.of(tasks.get(task).model).quantization == study.RECIPE
