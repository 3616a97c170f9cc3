"""LFW and Olivetti folders, and the faces and digits inside installed packages."""

import gzip
from importlib import metadata

import numpy as np
import pytest
from PIL import Image

from edgekit.data.public import lfw, olivetti, skimage_faces, sklearn_digits

PEOPLE = {"Aaron_Eckhart": 1, "Aaron_Guiel": 3, "George_W_Bush": 4, "Zoe_Ball": 2}


@pytest.fixture
def lfw_folder(tmp_path, jpeg):
    for name, count in PEOPLE.items():
        for i in range(1, count + 1):
            jpeg(tmp_path / "lfw" / "lfw" / name / f"{name}_{i:04d}.jpg", (250, 250))
    return tmp_path


def test_lfw_people_and_minimum(lfw_folder):
    index = lfw.index(lfw_folder)
    assert index.class_names == tuple(PEOPLE)
    assert np.bincount(index.y).tolist() == list(PEOPLE.values())
    assert lfw.index(lfw_folder, min_images=3).class_names == ("Aaron_Guiel", "George_W_Bush")
    assert lfw.load(lfw_folder, limit=2).x.shape == (2, 250, 250, 3)
    with pytest.raises(ValueError, match="nobody in split 'all' has 9 photographs"):
        lfw.index(lfw_folder, min_images=9)


def test_lfw_view_1_lists(lfw_folder):
    with pytest.raises(FileNotFoundError, match=r"no peopleDevTrain\.txt in"):
        lfw.index(lfw_folder, "train")
    (lfw_folder / "lfw" / "peopleDevTrain.txt").write_text("2\nAaron_Guiel\t3\nZoe_Ball\t2\n")
    (lfw_folder / "lfw" / "peopleDevTest.txt").write_text("1\nGeorge_W_Bush\t4\n")
    assert lfw.index(lfw_folder, "train").class_names == ("Aaron_Guiel", "Zoe_Ball")
    assert lfw.index(lfw_folder, "test").class_names == ("George_W_Bush",)


def test_lfw_pairs(lfw_folder):
    path = lfw_folder / "lfw" / "pairs.txt"
    path.write_text("2\t1\nAaron_Guiel\t1\t3\nAaron_Eckhart\t1\tZoe_Ball\t2\n"
                    "George_W_Bush\t2\t4\nZoe_Ball\t1\tGeorge_W_Bush\t4\n")
    found = lfw.pairs(lfw_folder)
    assert [(pair.same, pair.fold) for pair in found] == [(True, 0), (False, 0), (True, 1), (False, 1)]
    assert (found[1].first.name, found[1].second.name) == ("Aaron_Eckhart_0001.jpg", "Zoe_Ball_0002.jpg")
    (lfw_folder / "lfw" / "pairsDevTest.txt").write_text("1\nZoe_Ball\t1\t2\nZoe_Ball\t1\tAaron_Guiel\t1\n")
    assert [pair.fold for pair in lfw.pairs(lfw_folder, "pairsDevTest.txt")] == [0, 0]
    for text, complaint in (("2\t1\nAaron_Guiel\t1\t3\n", "has 1 pairs; it is truncated"),
                            ("1\nZoe_Ball\t1\t2\nZoe_Ball 1\n", "line 3: 'Zoe_Ball 1' is no pair"),
                            ("1\nZoe_Ball\t1\t2\n../secret\t1\tZoe_Ball\t1\n", r"'\.\./secret' is no name"),
                            ("many\nZoe_Ball\t1\t2\n", "says 'many'")):
        path.write_text(text)
        with pytest.raises(ValueError, match=complaint):
            lfw.pairs(lfw_folder)
    path.write_text("1\nZoe_Ball\t1\t7\nZoe_Ball\t1\tAaron_Guiel\t1\n")
    with pytest.raises(FileNotFoundError, match=r"line 2 names .*Zoe_Ball_0007\.jpg, which is not there"):
        lfw.pairs(lfw_folder)


def test_lfw_a_photograph_in_the_wrong_folder_or_of_another_size(lfw_folder, jpeg):
    place = lfw_folder / "lfw" / "lfw" / "Zoe_Ball"
    jpeg(place / "Aaron_Guiel_0001.jpg", (250, 250))
    with pytest.raises(ValueError, match=r"Aaron_Guiel_0001\.jpg does not belong to Zoe_Ball"):
        lfw.index(lfw_folder)
    (place / "Aaron_Guiel_0001.jpg").unlink()
    jpeg(place / "Zoe_Ball_0001.jpg", (64, 64))
    with pytest.raises(ValueError, match=r"Zoe_Ball_0001\.jpg has 64x64 pixels, expected 250x250"):
        lfw.load(lfw_folder)


@pytest.fixture
def olivetti_folder(tmp_path):
    for person in range(1, 41):
        for i in range(1, 11):
            path = tmp_path / "olivetti" / f"s{person}" / f"{i}.pgm"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((112, 92), person * 5 + i, np.uint8)).save(path)
    return tmp_path


def test_olivetti_people_are_split(olivetti_folder):
    split = {name: olivetti.load(olivetti_folder, name) for name in ("train", "val", "test")}
    assert [len(data) for data in split.values()] == [240, 80, 80]
    groups = [set(data.group.tolist()) for data in split.values()]
    assert len(set.union(*groups)) == sum(map(len, groups)) == 40
    data = split["test"]
    assert data.class_names[0] == "s33"
    assert data.x[:10, 0, 0].tolist() == [33 * 5 + i for i in range(1, 11)]  # 10 comes after 9, not after 1
    assert (data.group == np.array([int(name[1:]) for name in data.class_names])[data.y]).all()


def test_olivetti_faults(olivetti_folder):
    path = olivetti_folder / "olivetti" / "s33" / "4.pgm"
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(path)
    with pytest.raises(ValueError, match=r"4\.pgm has 64x64 pixels, expected 112x92"):
        olivetti.load(olivetti_folder, "test")
    path.write_bytes(b"P5\n92 112\n255\n" + bytes(100))
    with pytest.raises(ValueError, match=r"4\.pgm holds 100 bytes of pixels"):
        olivetti.load(olivetti_folder, "test")
    path.rename(path.with_name("four.pgm"))
    with pytest.raises(ValueError, match=r"four\.pgm is no image of the set"):
        olivetti.load(olivetti_folder, "test")


def test_digits_equal_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    expected = datasets.load_digits()
    data = sklearn_digits.load()
    np.testing.assert_array_equal(data.x, expected.images)
    np.testing.assert_array_equal(data.y, expected.target)


def test_damaged_digits(tmp_path):
    path = tmp_path / "digits.csv.gz"
    row = ",".join(["3"] * 64)
    path.write_bytes(gzip.compress(f"{row},7\n{row},1\n".encode()))
    assert sklearn_digits.load(tmp_path).y.tolist() == [7, 1]
    whole = path.read_bytes()
    for content, complaint in ((whole[:-9], "no packed table"), (b"not packed", "no packed table"),
                               (gzip.compress(f"{row}\n".encode()), "pixels 0..16"),
                               (gzip.compress(f"{row},12\n".encode()), "pixels 0..16")):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"digits\.csv\.gz.*{complaint}"):
            sklearn_digits.load(tmp_path)


def test_skimage_faces_from_the_package():
    try:
        metadata.version("scikit-image")
    except metadata.PackageNotFoundError:
        with pytest.raises(FileNotFoundError, match="pip install scikit-image"):
            skimage_faces.load()
        pytest.skip("scikit-image is not installed")
    data = skimage_faces.load()
    assert data.counts() == {"non_face": 100, "face": 100}
    centre, rim = data.x[:, 8:17, 8:17].mean(axis=(1, 2)), data.x.mean(axis=(1, 2))
    assert (data.x.min(), data.x.max()) == (0.0, 1.0)
    assert (centre - rim)[data.y == 1].mean() > (centre - rim)[data.y == 0].mean()  # faces are bright in the middle


def test_skimage_faces_from_a_folder_and_damage(tmp_path):
    path = tmp_path / "lfw_subset.npy"
    x = np.linspace(0, 1, 200 * 625).reshape(200, 25, 25)
    np.save(path, x)
    np.testing.assert_array_equal(skimage_faces.load(tmp_path).x, x)
    np.save(path, x[:50])
    with pytest.raises(ValueError, match=r"holds float64 \(50, 25, 25\)"):
        skimage_faces.load(tmp_path)
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="no array of numbers"):
        skimage_faces.load(tmp_path)
