"""ESC-50 from small clips in the published layout."""

import numpy as np
import pytest

from edgekit.data.public import esc50

HEADER = "filename,fold,target,category,esc10,src_file,take"
NAMES = {0: "dog", 14: "chirping_birds", 36: "vacuum_cleaner"}


@pytest.fixture
def folder(tmp_path, noise):
    root = tmp_path / "esc50" / "ESC-50-master"
    rows = []
    for fold in range(1, 6):
        for target, name in NAMES.items():
            for take in "AB":
                file = f"{fold}-{1000 * fold + target}-{take}-{target}.wav"
                noise(root / "audio" / file, 441, fs=44100)
                rows.append(f"{file},{fold},{target},{name},{name == 'dog'},{1000 * fold + target},{take}")
    (root / "meta").mkdir()
    (root / "meta" / "esc50.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path


def test_five_folds_by_source(folder):
    for fold in range(1, 6):
        split = {name: esc50.index(folder, name, fold) for name in ("train", "val", "test")}
        assert [len(split[name]) for name in ("train", "val", "test")] == [18, 6, 6]
        assert set(split["test"].extras["fold"]) == {fold}
        groups = [set(index.group.tolist()) for index in split.values()]
        assert len(set.union(*groups)) == sum(map(len, groups)) == 15


def test_classes_in_the_order_of_their_numbers(folder):
    data = esc50.load(folder, "all")
    assert data.class_names == tuple(NAMES.values())
    assert data.counts() == {"dog": 10, "chirping_birds": 10, "vacuum_cleaner": 10}
    assert (data.x.shape, data.x.dtype, data.fs) == ((30, 441), np.int16, 44100.0)
    assert esc50.load(folder, "all", esc10=True).class_names == ("dog",)


def test_faults(folder, noise):
    table = folder / "esc50" / "ESC-50-master" / "meta" / "esc50.csv"
    whole = table.read_text()
    table.write_text(whole.replace(",1,0,dog", ",2,0,dog", 1))
    with pytest.raises(ValueError, match=r"esc50\.csv, line 2: '1-1000-A-0\.wav' contradicts fold 2"):
        esc50.index(folder)
    table.write_text(whole.replace("4-4014-A-14.wav,4,14,chirping_birds", "4-4014-A-14.wav,4,14,rooster"))
    with pytest.raises(ValueError, match="gives a number two names"):
        esc50.index(folder)
    table.write_text(whole.replace("category", "kind"))
    with pytest.raises(ValueError, match=r"expected .*category"):
        esc50.index(folder)
    table.write_text(whole + "5-9-A-0.wav,5,0,dog,True,9,A\n")
    with pytest.raises(FileNotFoundError, match=r"5-9-A-0\.wav is missing, but .*esc50\.csv lists it"):
        esc50.index(folder)
    table.write_text(whole)
    noise(folder / "esc50" / "ESC-50-master" / "audio" / "1-1000-A-0.wav", 441, fs=16000)
    with pytest.raises(ValueError, match=r"1-1000-A-0\.wav has a rate of 16000 Hz, expected 44100"):
        esc50.load(folder, "test")
    with pytest.raises(ValueError, match=r"fold must be 1\.\.5, got 6"):
        esc50.index(folder, fold=6)
