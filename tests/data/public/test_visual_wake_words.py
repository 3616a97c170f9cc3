"""Visual Wake Words from a few small photographs."""

import pytest

from edgekit.data.public import visual_wake_words


@pytest.fixture
def folder(tmp_path, jpeg):
    for name, count in (("person", 20), ("non_person", 11)):
        for i in range(count):
            jpeg(tmp_path / "visual_wake_words" / "vw_coco2014_96" / name / f"COCO_train2014_{i:012d}.jpg")
    return tmp_path


def test_the_first_tenth_of_each_class_validates(folder):
    val, train = (visual_wake_words.index(folder, split) for split in ("val", "train"))
    assert [path.parent.name + path.stem[-2:] for path in val.items] == ["non_person00", "person00", "person01"]
    assert len(train) == 28
    assert not set(val.items) & set(train.items)
    data = visual_wake_words.load(folder, "val")
    assert data.x.shape == (3, 96, 96, 3)
    assert data.counts() == {"non_person": 1, "person": 2}


def test_lazy_batches_and_limit(folder):
    index = visual_wake_words.index(folder, "train")
    assert [len(batch) for batch in index.batches(10)] == [10, 10, 8]
    limited = visual_wake_words.load(folder, "train", limit=6)
    assert limited.counts() == {"non_person": 3, "person": 3}
    with pytest.raises(ValueError, match=r"28 examples of 27648 bytes .* pass limit=, go through \.batches\(\)"):
        index.load(max_bytes=100_000)


def test_a_photograph_of_another_size_a_missing_class_and_an_unknown_split(folder, jpeg):
    jpeg(folder / "visual_wake_words" / "vw_coco2014_96" / "person" / "COCO_train2014_000000000001.jpg", (97, 96))
    with pytest.raises(ValueError, match=r"000000000001\.jpg has 97x96 pixels, expected 96x96"):
        visual_wake_words.load(folder, "val")
    for path in (folder / "visual_wake_words" / "vw_coco2014_96" / "non_person").iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError, match="non_person; the folder is incomplete"):
        visual_wake_words.index(folder)
    with pytest.raises(ValueError, match="split must be train or val, got 'test'"):
        visual_wake_words.index(folder, "test")
