"""MIMII and DCASE 2020 Task 2 from small clips in the published layout."""

import numpy as np
import pytest

from edgekit.data.public import dcase2020, mimii


@pytest.fixture
def mimii_folder(tmp_path, noise):
    for unit, normal, abnormal in (("id_00", 25, 4), ("id_06", 14, 3)):
        place = tmp_path / "mimii" / "6_dB_fan" / "fan" / unit
        for i in range(normal):
            noise(place / "normal" / f"{i:08d}.wav", 80, 8)
        for i in range(abnormal):
            noise(place / "abnormal" / f"{i:08d}.wav", 80, 8)
    return tmp_path


def test_mimii_splits_as_the_authors_do(mimii_folder):
    split = {name: mimii.index(mimii_folder, name) for name in ("train", "val", "test")}
    assert [len(split[name]) for name in ("train", "val", "test")] == [19 + 10, 2 + 1, 8 + 6]
    assert split["train"].y.sum() == split["val"].y.sum() == 0
    assert np.bincount(split["test"].y).tolist() == [7, 7]
    assert np.unique(split["test"].group).tolist() == [0, 6]
    everything = [path for index in split.values() for path in index.items]
    assert len(set(everything)) == len(everything) == 25 + 4 + 14 + 3


def test_mimii_channels(mimii_folder):
    whole = mimii.load(mimii_folder, "test", channel=None)
    assert whole.x.shape == (14, 80, 8)
    third = mimii.load(mimii_folder, "test", channel=3)
    np.testing.assert_array_equal(third.x, whole.x[:, :, 3])
    assert third.class_names == ("normal", "abnormal")


def test_mimii_faults(mimii_folder, noise):
    for options, complaint in (({"machine": "tractor"}, "machine must be fan or pump"),
                               ({"snr": "3_dB"}, "snr must be 6_dB"), ({"channel": 8}, r"channel must be 0\.\.7")):
        with pytest.raises(ValueError, match=complaint):
            mimii.index(mimii_folder, "test", **options)
    with pytest.raises(FileNotFoundError, match="no 0_dB_pump/pump/id_"):
        mimii.index(mimii_folder, "test", machine="pump", snr="0_dB")
    place = mimii_folder / "mimii" / "6_dB_fan" / "fan" / "id_00"
    noise(place / "abnormal" / "00000001.wav", 80, 1)
    with pytest.raises(ValueError, match=r"00000001\.wav has 1 channels, expected 8"):
        mimii.load(mimii_folder, "test")
    noise(place / "abnormal" / "00000001.wav", 70, 8)
    with pytest.raises(ValueError, match=r"00000001\.wav has shape \(70,\).* truncated or of another set"):
        mimii.load(mimii_folder, "test")
    for path in (place / "abnormal").iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError, match="id_00 has 25 normal and 0 abnormal"):
        mimii.index(mimii_folder, "train")


@pytest.fixture
def dcase_folder(tmp_path, noise):
    place = tmp_path / "dcase2020" / "dev_data" / "ToyCar"
    for unit in (1, 4):
        for i in range(21):
            noise(place / "train" / f"normal_id_{unit:02d}_{i:08d}.wav", 90)
        for kind in ("normal", "anomaly"):
            for i in range(3):
                noise(place / "test" / f"{kind}_id_{unit:02d}_{i:08d}.wav", 90)
    return tmp_path


def test_dcase_splits_labels_and_units(dcase_folder):
    split = {name: dcase2020.index(dcase_folder, name) for name in ("train", "val", "test")}
    assert [len(split[name]) for name in ("train", "val", "test")] == [38, 4, 12]
    assert not set(split["train"].items) & set(split["val"].items)
    data = dcase2020.load(dcase_folder, "test")
    assert data.counts() == {"normal": 6, "anomaly": 6}
    for path, label, unit in zip(split["test"].items, data.y, data.group, strict=True):
        assert path.name.startswith(f"{data.class_names[label]}_id_{unit:02d}")


def test_dcase_faults(dcase_folder, noise):
    place = dcase_folder / "dcase2020" / "dev_data" / "ToyCar"
    noise(place / "train" / "anomaly_id_01_00000000.wav", 90)
    with pytest.raises(ValueError, match=r"anomaly_id_01_00000000\.wav is an anomaly in the training folder"):
        dcase2020.index(dcase_folder, "train")
    (place / "train" / "anomaly_id_01_00000000.wav").rename(place / "train" / "take1.wav")
    with pytest.raises(ValueError, match=r"take1\.wav is no clip of the set"):
        dcase2020.index(dcase_folder, "val")
    noise(place / "test" / "normal_id_01_00000000.wav", 90, fs=48000)
    with pytest.raises(ValueError, match=r"has a rate of 48000 Hz, expected 16000"):
        dcase2020.load(dcase_folder, "test")
    with pytest.raises(ValueError, match="machine must be"):
        dcase2020.index(dcase_folder, "test", machine="fridge")


def test_the_official_score_is_the_mean_over_units():
    rng = np.random.default_rng(5)
    y, scores, group = rng.integers(0, 2, 400), rng.normal(size=400), np.repeat([1, 2], 200)
    scores[group == 1] += y[group == 1] * 2
    metrics = pytest.importorskip("sklearn.metrics")
    for key, options in (("auc", {}), ("pauc", {"max_fpr": 0.1})):
        each = [metrics.roc_auc_score(y[group == unit], scores[group == unit], **options) for unit in (1, 2)]
        assert dcase2020.score(y, scores, group)[key] == pytest.approx(np.mean(each), abs=1e-12)
