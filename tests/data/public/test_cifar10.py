"""CIFAR-10 from small batches in the published form."""

import pickle

import numpy as np
import pytest

from edgekit.data.public import cifar10


class Evil:
    def __reduce__(self):
        return eval, ("1 / 0",)


def batch(path, x, labels, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps({"batch_label": path.name, "data": x, "labels": labels, **more}, protocol=2))


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        batch(tmp_path / "cifar10" / "cifar-10-batches-py" / name, rng.integers(0, 256, (4, 3072)).astype(np.uint8),
              [0, 9, 3, 3])
    return tmp_path


def test_splits_and_classes(folder):
    sizes = {split: len(cifar10.load(folder, split)) for split in ("train", "val", "test")}
    assert sizes == {"train": 16, "val": 4, "test": 4}
    data = cifar10.load(folder, "test")
    assert data.counts()["cat"] == 2
    assert data.origin == "real"
    assert (data.x.shape, data.x.dtype) == ((4, 32, 32, 3), np.uint8)


def test_pixels_are_planar_red_green_blue_row_by_row(folder):
    x = np.arange(3072, dtype=np.int64)[None] % 251
    batch(folder / "cifar10" / "cifar-10-batches-py" / "test_batch", x.astype(np.uint8), [1])
    image = cifar10.load(folder, "test").x[0]
    for row, column, colour in ((0, 0, 0), (0, 31, 0), (1, 0, 0), (5, 7, 1), (31, 31, 2)):
        assert image[row, column, colour] == (colour * 1024 + row * 32 + column) % 251


def test_the_published_folder_itself_may_be_named(folder):
    assert len(cifar10.load(folder / "cifar10" / "cifar-10-batches-py", "val")) == 4


@pytest.mark.parametrize(("x", "labels", "complaint"), [
    (np.zeros((2, 3071), np.uint8), [0, 1], r"data uint8 \(2, 3071\)"),
    (np.zeros((2, 3072), np.float32), [0, 1], "data float32"),
    (np.zeros((2, 3072), np.uint8), [0], r"labels int64 \(1,\)"),
    (np.zeros((2, 3072), np.uint8), [0, 10], "labels image 1 as 10"),
])
def test_a_wrong_batch_is_named(folder, x, labels, complaint):
    batch(folder / "cifar10" / "cifar-10-batches-py" / "test_batch", x, labels)
    with pytest.raises(ValueError, match=rf"test_batch.*{complaint}"):
        cifar10.load(folder, "test")


def test_cifar100_truncated_malicious_and_missing(folder):
    path = folder / "cifar10" / "cifar-10-batches-py" / "test_batch"
    whole = path.read_bytes()
    path.write_bytes(pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "fine_labels": [0]}, protocol=2))
    with pytest.raises(ValueError, match=r"no 'data' and 'labels'.*CIFAR-100"):
        cifar10.load(folder, "test")
    path.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match="test_batch is not a readable pickle"):
        cifar10.load(folder, "test")
    batch(path, np.zeros((1, 3072), np.uint8), [0], extra=Evil())
    with pytest.raises(ValueError, match=r"test_batch was refused: it calls builtins\.eval|__builtin__\.eval"):
        cifar10.load(folder, "test")
    path.unlink()
    with pytest.raises(FileNotFoundError, match="test_batch"):
        cifar10.load(folder, "test")


def test_no_folder_and_unknown_split(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no data_batch_1 below .*cifar10; fetch it with 'python3 -m edgekit"):
        cifar10.load(tmp_path)
    with pytest.raises(ValueError, match="split must be train or val or test, got 'all'"):
        cifar10.load(tmp_path, "all")
