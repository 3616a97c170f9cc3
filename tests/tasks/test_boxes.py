"""Boxes of one's own: every legal form means the same, every mistake is named."""

import numpy as np
import pytest

from edgekit import data, tasks
from edgekit.core.detection import grid_targets
from edgekit.data.pictures import boxes_in_square
from edgekit.data.public.npz import to_npz
from edgekit.tasks import boxes, camera


@pytest.fixture
def scenes():
    return data.load("camera", "val").subset(np.arange(12))


@pytest.fixture
def perfect(monkeypatch):
    """A model that answers what it should to the scenes whose boxes it is told."""

    def answer(y):
        heat, sides, _ = grid_targets(y[..., 1:], y[..., 0])
        logits = np.log(np.clip(heat, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(heat, 1e-6, 1 - 1e-6))
        monkeypatch.setattr(camera, "predict", lambda graph, x, preset: np.concatenate([logits, sides], axis=-1))

    return answer


def test_three_forms_of_one_truth(scenes, perfect, tmp_path):
    y = camera.truth(scenes)
    perfect(y)
    to_npz(scenes, tmp_path / "set.npz")  # labels, with boxes and kinds beside them
    np.savez(tmp_path / "boxes.npz", x=scenes.x, y=y)
    swapped = np.where(y[..., :1] >= 0, np.concatenate([1 - y[..., :1], y[..., 1:]], axis=-1), y)
    np.savez(tmp_path / "named.npz", x=scenes.x, y=swapped, class_names=np.array(["Vehicle", "PERSON"]))
    task, found = tasks.get("camera-detect"), {}
    for form in ("set", "boxes", "named"):
        own = task.read_own(tmp_path / f"{form}.npz")
        figures, arrays = task.judge(None, own)
        assert own.y.tolist() == scenes.y.tolist()
        assert figures["map_50"] == figures["accuracy"] == 1.0
        assert figures["per_kind"]["person"]["n"] == int((y[..., 0] == 0).sum())
        assert arrays["scores"].shape == (12, 4)
        assert arrays["found"].shape == (12, 20, 6)
        found[form] = figures
    assert found["set"] == found["boxes"] | {"per_group": found["set"]["per_group"]}
    assert found["named"] == found["boxes"]


def test_labels_alone_say_what_is_there_but_not_where(scenes, perfect, tmp_path):
    perfect(camera.truth(scenes))
    np.savez(tmp_path / "labels.npz", x=scenes.x, y=scenes.y, group=scenes.group // 4)
    own = tasks.get("camera-detect").read_own(tmp_path / "labels.npz")
    figures, _ = tasks.get("camera-detect").judge(None, own)
    assert figures["accuracy"] == 1.0
    assert figures["map_50"] is None
    assert sum(row["n"] for row in figures["per_group"].values()) == 12


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros((12, 2, 4)), r"y must be \(12, K, 5\): kind"),
        (np.full((12, 1, 5), 3), "kinds must be -1..1, got 3"),
        (np.array([[[0, 9, 9, 5, 20]]] * 12), r"y\[0, 0\] is \[0.0, 9.0, 9.0, 5.0, 20.0\], expected right > left"),
        (np.full((12, 1, 5), np.nan), "kinds must be -1..1, got nan"),
    ],
)
def test_wrong_boxes_are_named(scenes, tmp_path, y, message):
    np.savez(tmp_path / "own.npz", x=scenes.x, y=y)
    with pytest.raises(ValueError, match=message):
        tasks.get("camera-detect").read_own(tmp_path / "own.npz")


def test_boxes_follow_their_picture_into_the_square():
    """A bright box in a wide picture lies, after `to_square`, where its moved box says."""
    picture = np.zeros((1, 60, 100, 3), np.uint8)
    picture[0, 10:40, 30:60] = 255
    moved = boxes_in_square([[[1, 30, 10, 60, 40], [0, 0, 0, 8, 60]]], 60, 100, 96)[0]
    small = camera.front_end(picture)[0, ..., 0] > 0
    rows, columns = np.flatnonzero(small.any(1)), np.flatnonzero(small.any(0))
    expected = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    assert moved[0].tolist() == [1, *expected]
    assert moved[1, 0] == -1  # its centre was cut away


def test_what_is_there_follows_the_surest_centre():
    answers = np.full((4, 12, 12, 6), -9.0)
    answers[1, 3, 4, 0] = answers[2, 5, 5, 1] = answers[3, 0, 0, 0] = answers[3, 8, 8, 1] = 2.0
    values = camera.presence(answers)
    assert values.argmax(axis=1).tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(values.sum(axis=1), 1, rtol=0, atol=8 * np.finfo(np.float32).eps)
    assert boxes.table(camera.detections(answers))[3, :3, 0].tolist() == [0, 1, -1]
