"""The acoustic data sets: sealed, whole, by unit, and without a way around listening."""

import time

import numpy as np
import pytest

from edgekit import data
from edgekit.data import logmel
from edgekit.data.synthetic import acoustic
from edgekit.data.synthetic.acoustic import files, training
from edgekit.data.synthetic.acoustic.sets import make_unit

SPLITS = ("train", "val", "test")


@pytest.fixture(scope="module")
def embedded():
    return {split: data.load("acoustic", split, purpose="report") for split in SPLITS}


def test_sizes_are_as_the_contract_says(embedded):
    fault = data.load("acoustic-fault", "test", purpose="report")
    anomaly = data.load("acoustic-anomaly", "test", purpose="report")
    assert len(fault) >= 2000
    assert fault.x.shape[1:] == (32, 40)
    assert len(anomaly) >= 1000
    assert anomaly.x.shape[1:] == (64, 40)
    assert len(np.unique(np.concatenate([part.group for part in embedded.values()]))) >= 24
    for part in embedded.values():
        assert min(part.counts().values()) >= 40


def test_no_unit_is_in_two_splits(embedded):
    groups = [set(embedded[split].group.tolist()) for split in SPLITS]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]


def test_no_unit_of_one_split_is_a_copy_of_one_in_another(embedded):
    """Healthy sound and place tell units apart: no two share them, under whatever number."""
    table = np.concatenate([np.concatenate([part.extras["reference"], part.extras["azimuth_deg"][:, None]], axis=1)
                            for part in embedded.values()])
    group = np.concatenate([part.group for part in embedded.values()])
    _, first = np.unique(group, return_index=True)
    assert len(np.unique(table[first].round(4), axis=0)) == len(first)
    assert len(np.unique(table.round(4), axis=0)) == len(first)


def test_no_recording_twice(embedded):
    every = np.concatenate([part.x.reshape(len(part), -1) for part in embedded.values()])
    assert len(np.unique(every, axis=0)) == len(every)


def test_each_unit_makes_every_sound_of_its_machine_equally_often(embedded):
    for part in embedded.values():
        for unit in np.unique(part.group):
            counts = np.bincount(part.y[part.group == unit], minlength=15).reshape(5, 3)
            assert (counts.sum(axis=1) > 0).sum() == 1
            assert np.ptp(counts[counts.sum(axis=1) > 0]) == 0


def nuisance(part):
    """What the recording was made with, and where it stands in the file; nothing that was heard."""
    names = ("snr_db", "gain_db", "speed_hz", "azimuth_deg")
    rank = np.argsort(np.argsort(part.group, kind="stable"))
    return np.stack([*(part.extras[name] for name in names), part.group, np.arange(len(part)), rank], axis=1)


def test_gain_noise_unit_and_order_do_not_tell_the_fault(embedded):
    """Nearest neighbours and a line through nuisance alone, trained on half of each unit, stay at one in three."""
    part = embedded["test"]
    x, state = nuisance(part), part.y % 3
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    half = np.random.default_rng(0).random(len(x)) < 0.5
    target = np.eye(3)[state[half]]
    design = np.concatenate([x, x ** 2, np.ones((len(x), 1))], axis=1)
    line = (design @ np.linalg.lstsq(design[half], target, rcond=None)[0]).argmax(axis=1)
    distance = ((x[~half, None] - x[half]) ** 2).sum(axis=2)
    votes = np.eye(3)[state[half][np.argsort(distance, axis=1)[:, :15]]].sum(axis=1).argmax(axis=1)
    n = (~half).sum()
    for predicted in (line[~half], votes):
        # four standard deviations of a coin with three sides
        assert abs((predicted == state[~half]).mean() - 1 / 3) < 4 * np.sqrt(2 / 9 / n)


def test_background_alone_does_not_tell_the_fault():
    """The same units with the machine 40 dB down: the factory is the same whatever the state."""
    from dataclasses import replace
    base = acoustic.AcousticParams()
    params = replace(base, mix=replace(base.mix, snr_db=(-40.0, -40.0)))
    columns = files.join([make_unit(index, 30, 7, params) for index in range(5)])
    x = columns["x"].mean(axis=1).astype(float)
    x -= x.mean(axis=1, keepdims=True)
    state = columns["y"] % 3
    right = 0
    for i in range(len(x)):
        other = np.arange(len(x)) != i
        means = np.stack([x[other & (state == s)].mean(axis=0) for s in range(3)])
        right += int(((x[i] - means) ** 2).sum(axis=1).argmin() == state[i])
    assert abs(right / len(x) - 1 / 3) < 4 * np.sqrt(2 / 9 / len(x))


def test_fault_windows_are_the_recordings(embedded):
    train, val = (data.load("acoustic-fault", split) for split in ("train", "val"))
    assert len(train) == 2 * len(embedded["train"])
    assert len(val) == len(embedded["val"])
    whole = embedded["train"]
    assert np.array_equal(train.x[1], whole.x[train.extras["recording"][1], 32:64])
    assert np.array_equal(val.x, embedded["val"].x[:, :32])


def test_anomaly_trains_on_healthy_machines_only():
    train, val = (data.load("acoustic-anomaly", split) for split in ("train", "val"))
    assert train.counts()["anomaly"] == 0
    assert set(train.extras["state"] % 3) == {0}
    assert np.array_equal(val.y, val.extras["state"] % 3 > 0)


def test_recordings_can_be_made_again(embedded):
    """One unit of the validation split, code by code; another CPU's libm may change one code in 10,000 by one."""
    columns = make_unit(2, files.EMBEDDED["val"][1], files.EMBEDDED["val"][2])
    part = embedded["val"]
    stored = logmel.to_codes(part.x[part.group == files.EMBEDDED["train"][0] + 2]).astype(int)
    order = [np.argsort(x.reshape(len(x), -1).astype(int).sum(axis=1), kind="stable") for x in (stored, columns["x"])]
    difference = np.abs(stored[order[0]] - columns["x"][order[1]].astype(int))
    assert difference.max() <= 1
    assert (difference > 0).mean() <= 1e-4


def test_small_and_fast():
    folder = data.datasets_dir() / "acoustic"
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert total <= 6_000_000
    assert sum(path.stat().st_size for path in (folder / "raw").glob("*.wav")) <= 1_500_000
    start = time.process_time()
    data.load("acoustic-fault", "test", purpose="report")
    assert time.process_time() - start <= 0.3


def test_raw_sounds_have_four_channels_and_a_direction():
    import json

    from edgekit.data import doa, wav
    from edgekit.data.synthetic.acoustic import array
    folder = data.datasets_dir() / "acoustic" / "raw"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert len(index["sounds"]) == 10
    near = []
    for entry in index["sounds"]:
        sound = wav.read(folder / entry["file"], fs=16000, channels=4, bits=16).x
        assert sound.shape == (16000, 4)
        assert entry["class"] in acoustic.CLASSES
        found = doa.azimuth_deg(sound.T.astype(float), array.circle(entry["radius_mm"] / 1000), step_deg=3.0)
        near.append(abs((found - entry["azimuth_deg"] + 180) % 360 - 180) < 15)
    assert np.mean(near) >= 0.6  # the factory is louder than some of the machines


def test_training_units_are_cached_and_resumed(tmp_path):
    seen = []
    first = acoustic.training_set(2, 3, cache=tmp_path, progress=lambda done, all_: seen.append((done, all_)))
    assert seen == [(1, 2), (2, 2)]
    paths = sorted(tmp_path.rglob("unit-*.npz"))
    assert len(paths) == 2
    paths[0].write_bytes(paths[0].read_bytes()[:100])  # cut off
    paths[1].unlink()
    again = acoustic.training_set(2, 3, cache=tmp_path)
    assert np.array_equal(first.x, again.x)
    assert np.array_equal(first.y, again.y)
    assert acoustic.view(first, "acoustic-fault").x.shape == (12, 32, 40)


def test_training_sound_is_what_the_features_were_made_of(tmp_path):
    features = acoustic.training_set(1, 3, cache=tmp_path).x
    sound = acoustic.training_sound(0, 3, cache=tmp_path)
    assert sound.shape == (3, 32000)
    assert np.array_equal(acoustic.training_sound(0, 3, cache=tmp_path), sound)
    again = logmel.from_codes(logmel.to_codes(logmel.power_db(sound / 32768.0)))
    assert np.array_equal(again[:, :64], features)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"units": 0}, "at least 1 unit"), ({"units": 1, "takes": 2}, "3 takes"),
    ({"seed": files.EMBEDDED["test"][2]}, "held-out"),
])
def test_training_refuses(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        training.training_set(**({"units": 1} | arguments), cache=tmp_path)


def test_unreadable_file_is_refused():
    with pytest.raises(ValueError, match="not a readable file of sound codes"):
        files.unpack(b"PK nothing", "acoustic/val")


def test_the_sound_behind_a_recording_can_be_made_again():
    from edgekit.data.synthetic.acoustic import sounds
    val = data.load("acoustic", "val")
    unit, take = sounds.place_of("val", 20)
    assert unit + 40 == val.group[20]  # the units of train come first
    audio = sounds.unit_sounds("val", unit)[take, 0]
    again = logmel.from_codes(logmel.to_codes(logmel.power_db(audio / 32768.0)))[:64]
    assert np.mean(np.abs(again - val.x[20]) > 0.5) < 1e-3
    for wrong in (("test", 0), ("val", 15), ("val", -1)):
        with pytest.raises(ValueError, match="unit_sounds: "):
            sounds.unit_sounds(*wrong)


def test_raw_sounds_as_a_data_set():
    from edgekit.data.synthetic.acoustic import sounds
    raw = sounds.raw_sounds()
    assert (raw.x.shape, raw.x.dtype, raw.fs, raw.origin) == ((10, 16000, 4), np.int16, 16000.0, "synthetic")
    used = {unit for split in ("train", "val", "test") for unit in acoustic.read(data.datasets_dir(), "acoustic",
                                                                                 split).group.tolist()}
    assert not used & set(raw.group.tolist())
