"""The comparison with another quantizer: each task by the recipe it ships with, and every value declared."""

import numpy as np
import pytest

from edgekit import tasks
from edgekit.course import against_tools
from edgekit.course.study_defs import ptq_against_tools, ptq_against_tools_camera
from edgekit.nn import origins

EXAMPLES = 24


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """A few examples of the training split, whose labels go round, in place of the sealed ones."""
    task = tasks.get("acoustic-fault")
    inputs = np.concatenate(task.calibration_batches(EXAMPLES, seed=7)), np.arange(EXAMPLES) % len(task.class_names)
    monkeypatch.setattr(type(task), "inputs", lambda self, split, purpose: inputs)
    monkeypatch.setattr(against_tools, "CALIBRATION", EXAMPLES)


def test_a_row_holds_what_the_tolerance_names_and_its_figures_fit_together():
    chosen = {"fault": "acoustic-fault"}
    row = against_tools.row(chosen, 0, ptq_against_tools.RECIPE)
    assert set(row) == set(against_tools.tolerance(chosen))
    assert row["fault_ahead"] == pytest.approx(row["fault_ort_drop"] - row["fault_drop"], abs=1e-9)
    assert min(row["fault_drop_se"], row["fault_ahead_se"]) >= 0


def test_the_recipe_reaches_our_quantizer(monkeypatch):
    from edgekit.tasks import quantized

    seen, plain = [], quantized.quantized
    monkeypatch.setattr(quantized, "quantized", lambda *args, **how: seen.append(how) or plain(*args, **how))
    against_tools.compared("acoustic-fault", 3, {"correct": True})
    assert seen == [{"correct": True}]


@pytest.mark.parametrize("task", ptq_against_tools_camera.TASKS.values())
def test_the_camera_is_quantized_as_it_ships(task):
    assert origins.of(tasks.get(task).model).quantization == ptq_against_tools_camera.RECIPE
