import numpy as np
import pytest

from edgekit.tasks import own_data

CLASSES = ("sinus", "atrial_fibrillation", "artefact")


@pytest.fixture
def save(tmp_path):
    """Write an own-data file with some arrays changed or left out (None)."""

    def write(**changes):
        arrays = {"x": np.ones((4, 50)), "y": np.array([0, 1, 2, 0]), "fs": 25.0, **changes}
        path = tmp_path / "own.npz"
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
        return path

    return write


def test_labels_without_names_are_indices_of_the_model(save):
    own = own_data.read(save(), CLASSES)
    assert own.y.tolist() == [0, 1, 2, 0]
    assert own.named == (0, 1, 2)
    assert own.fs == 25.0


def test_names_are_matched_whatever_their_case_and_separators(save):
    path = save(y=np.array([0, 1, 1, 0]), class_names=np.array(["Atrial-Fibrillation", "SI NUS"]))
    own = own_data.read(path, CLASSES)
    assert own.y.tolist() == [1, 0, 0, 1]
    assert own.named == (1, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fs": None}, r"own.npz: array 'fs' is missing, found \['x', 'y'\]"),
        ({"x": np.zeros((0, 50)), "y": np.zeros(0, int)}, r"N >= 1, got float64 \(0, 50\)"),
        ({"x": np.full((4, 50), np.nan)}, r"x\[0\] holds NaN or infinite"),
        ({"y": np.array([0, 1, 2])}, r"4 integers, one per example, got int64 \(3,\)"),
        ({"y": np.array([0, 1, 2, 3])}, r"label 3 has no name; labels must be 0..2"),
        ({"y": np.array([0, 1, 2, -1])}, r"label -1 has no name"),
        ({"fs": -1.0}, "fs must be one positive number"),
        ({"fs": np.array([1.0, 2.0])}, "fs must be one positive number"),
        ({"group": np.array([1.0, np.nan, 1, 1])}, "group must hold integers or names, got float64"),
        ({"class_names": np.array([], str)}, "class_names is empty"),
        ({"group": np.arange(3)}, r"one entry per example, shape \(4,\), got \(3,\)"),
        (
            {"class_names": np.array(["sinus", "flutter", "artefact"])},
            "class 'flutter' is unknown to the model; it knows sinus",
        ),
        ({"class_names": np.array(["sinus", "Sinus", "artefact"])}, "name a class twice"),
    ],
)
def test_bad_files_are_clear_errors(save, changes, message):
    with pytest.raises(ValueError, match=message):
        own_data.read(save(**changes), CLASSES)


def test_truncated_and_missing_files(save, tmp_path):
    path = save()
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"own.npz: not a readable .npz"):
        own_data.read(path, CLASSES)
    with pytest.raises(ValueError, match=r"ghost.npz: no such file"):
        own_data.read(tmp_path / "ghost.npz", CLASSES)


def test_object_arrays_are_refused(save):
    path = save(group=np.array([{"a": 1}] * 4, dtype=object))
    with pytest.raises(ValueError, match=r"array .group. holds Python objects.*without object arrays"):
        own_data.read(path, CLASSES)
