"""PPG-DaLiA, BIDMC and MIMIC PERform AF from small files in the published layout, gaps included."""

import pickle

import numpy as np
import pytest

from edgekit.data.features import heart_rate, ppg_front_end
from edgekit.data.public import bidmc, mimic_perform, ppg_dalia
from edgekit.data.public.npz import to_npz
from edgekit.tasks import own_data

PPG_CLASSES = ("sinus", "bradycardia", "tachycardia", "atrial_fibrillation", "ectopic", "artefact")


def pulse(seconds, fs, bpm=72.0):
    """A pulse-like wave: rises in a fifth of the beat."""
    phase = np.arange(round(seconds * fs)) / fs * bpm / 60 % 1
    return np.exp(-((phase - 0.25) / 0.1) ** 2) + 0.4 * np.exp(-((phase - 0.55) / 0.15) ** 2)


def write_subject(folder, number, seconds=60, change=None):
    windows = (seconds - 8) // 2 + 1
    content = {"signal": {"wrist": {"BVP": pulse(seconds, 64, 60 + number)[:, None],
                                    "ACC": np.tile([[0.0, 0.6, 0.8]], (seconds * 32, 1))},
                          "chest": {"ECG": np.zeros((seconds * 10, 1))}},
               "label": 60.0 + number + np.arange(windows), "rpeaks": np.arange(9),
               "activity": np.repeat([1.0, 7.0], seconds * 2)[:, None], "subject": f"S{number}",
               "questionnaire": {"AGE": 30, "Gender": " m"}}
    if change:
        change(content)
    path = folder / "ppg_dalia" / "data" / "PPG_FieldStudy" / f"S{number}" / f"S{number}.pkl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol=2))
    return path


@pytest.fixture
def dalia(tmp_path):
    for number in (1, 2, 3, 10):
        write_subject(tmp_path, number)
    return tmp_path


def test_dalia_leaves_one_subject_out(dalia):
    assert ppg_dalia.subjects(dalia) == [1, 2, 3, 10]
    split = {name: ppg_dalia.load(dalia, name, held_out=10) for name in ("train", "val", "test", "all")}
    assert {name: sorted(set(data.group.tolist())) for name, data in split.items()} == {
        "train": [2, 3], "val": [1], "test": [10], "all": [1, 2, 3, 10]}
    with pytest.raises(ValueError, match=r"held_out must be one of \[1, 2, 3, 10\], got 4"):
        ppg_dalia.load(dalia, held_out=4)


def test_dalia_rates_of_ten_seconds_are_the_means_of_the_labels_within(dalia):
    data = ppg_dalia.load(dalia, "test", held_out=3)
    assert data.x.shape == (6, 640)
    assert data.fs == 64
    # windows at 0, 10, ... s hold the labels that begin 0 and 2 s after: 63 + 5 i and one more
    assert data.extras["bpm"].tolist() == [63.5 + 5 * i for i in range(6)]
    assert data.extras["activity"].tolist() == [1, 1, 1, 7, 7, 7]
    assert data.class_names == ("unlabelled",)


def test_dalia_official_windows_and_accelerometer(dalia):
    data = ppg_dalia.load(dalia, "test", held_out=3, seconds=8, step_s=2, acc=True)
    assert data.x.shape == (27, 512)
    assert data.extras["bpm"].tolist() == (63.0 + np.arange(27)).tolist()
    assert data.extras["acc"].shape == (27, 256, 3)
    np.testing.assert_allclose(data.extras["acc"][5], np.tile([[0, 0.6, 0.8]], (256, 1)), rtol=1e-6)


def test_dalia_drops_and_counts_gaps(dalia):
    def gap(content):
        content["signal"]["wrist"]["BVP"][100:110] = np.nan
        content["label"][10:12] = np.nan

    write_subject(dalia, 3, change=gap)
    data = ppg_dalia.load(dalia, "test", held_out=3)
    assert data.extras["start_s"].tolist() == [10, 30, 40, 50]
    assert set(data.extras["dropped"]) == {2}


@pytest.mark.parametrize(("change", "complaint"), [
    (lambda content: content.pop("label"), "has no label; it is another file"),
    (lambda content: content["signal"].pop("wrist"), r"has no signal\.wrist\.BVP"),
    (lambda content: content["signal"]["wrist"].update(BVP=pulse(30, 64)[:, None]), "unequal lengths .*BVP 30 s"),
    (lambda content: content["signal"]["wrist"].update(ACC=np.zeros((60 * 64, 3))), "unequal lengths .*ACC 120 s"),
    (lambda content: content["signal"]["wrist"].update(ACC=np.zeros((60 * 32, 1))), r"ACC of shape \(1920, 1\)"),
    (lambda content: content.update(activity=np.full((240, 1), 12.0)), "has activity 12, expected"),
])
def test_dalia_faults(dalia, change, complaint):
    write_subject(dalia, 3, change=change)
    with pytest.raises(ValueError, match=rf"S3\.pkl.*{complaint}"):
        ppg_dalia.load(dalia, "test", held_out=3)


class Evil:
    def __reduce__(self):
        return exec, ("raise SystemExit",)


def test_dalia_malicious_and_truncated(dalia):
    path = write_subject(dalia, 3, change=lambda content: content["signal"].update(extra=[Evil()]))
    with pytest.raises(ValueError, match=r"S3\.pkl was refused: it calls \S+\.exec"):
        ppg_dalia.load(dalia, "test", held_out=3)
    whole = write_subject(dalia, 3).read_bytes()
    path.write_bytes(whole[:len(whole) // 2])
    with pytest.raises(ValueError, match=r"S3\.pkl is not a readable pickle"):
        ppg_dalia.load(dalia, "test", held_out=3)


def write_bidmc(folder, number, seconds=60, fs=125, bpm=80.0, pleth=None, hr=None):
    place = folder / "bidmc" / "bidmc-ppg-and-respiration-dataset-1.0.0" / "bidmc_csv"
    place.mkdir(parents=True, exist_ok=True)
    pleth = pulse(seconds, fs, bpm) if pleth is None else pleth
    lines = ["Time [s], RESP, PLETH, V, AVR, II"]
    lines += [f"{i / fs:.3f},0.35,{value:.5f},0.5,0.3,0.6" for i, value in enumerate(pleth)]
    (place / f"bidmc_{number:02d}_Signals.csv").write_text("\n".join(lines) + "\n")
    hr = np.full(seconds + 1, bpm) if hr is None else hr
    lines = ["Time [s], HR, PULSE, RESP, SpO2"] + [f"{i},{value:g},{value:g},25,97" for i, value in enumerate(hr)]
    (place / f"bidmc_{number:02d}_Numerics.csv").write_text("\n".join(lines).replace("nan", "NaN") + "\n")
    return place


@pytest.fixture
def bidmc_folder(tmp_path):
    for number in range(1, 7):
        write_bidmc(tmp_path, number, bpm=70.0 + number)
    return tmp_path


def test_bidmc_windows_rates_and_split_by_recording(bidmc_folder):
    split = {name: bidmc.load(bidmc_folder, name) for name in ("train", "val", "test")}
    assert {name: sorted(set(data.group.tolist())) for name, data in split.items()} == {
        "train": [1, 2, 3, 6], "val": [4], "test": [5]}
    assert split["test"].x.shape == (6, 1250)
    assert split["test"].extras["bpm"].tolist() == [75.0] * 6
    assert split["test"].extras["breaths"].tolist() == [25.0] * 6
    found = heart_rate(split["test"].x, split["test"].fs)
    assert np.abs(found - 75).max() < 2


def test_bidmc_gaps_in_signal_and_numbers(bidmc_folder):
    pleth, hr = pulse(60, 125), np.full(61, 72.0)
    pleth[1250 * 2 + 5] = np.nan  # a gap in the third window
    pleth[1250 * 4:1250 * 5] = 0.0  # the sensor is off in the fifth
    hr[0:10] = np.nan  # nothing known in the first
    hr[10:15], hr[15:20] = np.nan, 100.0  # half known in the second
    write_bidmc(bidmc_folder, 5, pleth=pleth, hr=hr)
    data = bidmc.load(bidmc_folder, "test")
    assert data.extras["start_s"].tolist() == [10, 30, 50]
    assert data.extras["bpm"].tolist() == [100, 72, 72]
    assert set(data.extras["dropped"]) == {3}


def test_bidmc_faults(bidmc_folder):
    place = write_bidmc(bidmc_folder, 5, fs=250)
    with pytest.raises(ValueError, match=r"bidmc_05_Signals\.csv: sampled at 250 Hz by its times, expected 125"):
        bidmc.load(bidmc_folder, "test")
    path = place / "bidmc_05_Signals.csv"
    write_bidmc(bidmc_folder, 5)
    whole = path.read_text()
    for text, complaint in ((whole.replace("PLETH", "PPG"), "line 1: no column 'PLETH'"),
                            (whole[:-12], r"line 7501: [345] values, expected 6"),
                            (whole.replace("0.080,0.35", "0.080,0.35,1"), "line 12: 7 values, expected 6"),
                            (whole.replace("\n0.080,0.35,", "\n0.080,0.35,x"), "line 12: not a number"),
                            (whole.replace("\n0.080,", "\n9.080,"), "line 13: time does not rise"),
                            ("\n".join(whole.splitlines()[:900]), "7.2 s of samples, expected at least 10 s"),
                            ("", "is empty")):
        path.write_text(text)
        with pytest.raises(ValueError, match=rf"bidmc_05_Signals\.csv.*{complaint}"):
            bidmc.load(bidmc_folder, "test")
    path.write_text(whole)
    (place / "bidmc_05_Numerics.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"bidmc_05_Numerics\.csv is missing"):
        bidmc.load(bidmc_folder, "test")


def write_patient(folder, kind, number, x):
    place = folder / "mimic_perform_af" / f"mimic_perform_{kind}_csv"
    place.mkdir(parents=True, exist_ok=True)
    lines = ["Time,PPG,ECG,resp"]
    lines += [f"{i / 125:.3f},{value:.6g},0.1,NaN".replace(",nan,", ",NaN,") for i, value in enumerate(x)]
    path = place / f"mimic_perform_{kind}_{number:03d}_data.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def mimic(tmp_path):
    for kind, count in (("af", 6), ("non_af", 5)):
        for number in range(1, count + 1):
            write_patient(tmp_path, kind, number, pulse(40, 125, 80))
    return tmp_path


def test_mimic_labels_and_split_by_patient_within_each_rhythm(mimic):
    split = {name: mimic_perform.load(mimic, name) for name in ("train", "val", "test")}
    assert {name: sorted(set(data.group.tolist())) for name, data in split.items()} == {
        "train": [1, 2, 3, 1001, 1002, 1003, 1006], "val": [4, 1004], "test": [5, 1005]}
    data = split["test"]
    assert data.class_names == ("sinus", "atrial_fibrillation")
    assert ((data.y == 1) == (data.group > 1000)).all()
    assert data.x.shape == (8, 1250)


def test_mimic_gaps_are_dropped_and_counted_and_whole_windows_pass_the_front_end(mimic):
    x = pulse(40, 125, 80)
    x[1300:1302] = np.nan
    write_patient(mimic, "af", 5, x)
    data = mimic_perform.load(mimic, "test")
    af = data.subset(data.y == 1)
    assert af.extras["start_s"].tolist() == [0, 20, 30]
    assert set(af.extras["dropped"]) == {1}
    assert ppg_front_end(data.x, data.fs).shape == (7, 1000)
    write_patient(mimic, "af", 5, np.full(5000, np.nan))
    assert set(mimic_perform.load(mimic, "test").group.tolist()) == {5}
    write_patient(mimic, "non_af", 5, np.full(5000, np.nan))
    with pytest.raises(ValueError, match=r"no usable window \(8 dropped for gaps\)"):
        mimic_perform.load(mimic, "test")


def test_an_empty_cell_is_a_gap_and_a_foreign_file_is_named(mimic):
    path = write_patient(mimic, "af", 5, pulse(40, 125))
    lines = path.read_text().splitlines()
    lines[3] = "0.016,,0.1,0.2"
    path.write_text("\n".join(lines))
    data = mimic_perform.load(mimic, "test")
    assert data.extras["start_s"][data.y == 1].tolist() == [10, 20, 30]
    path.rename(path.with_name("mimic_perform_af_5_data.csv"))
    with pytest.raises(ValueError, match=r"mimic_perform_af_5_data\.csv is no file of the set"):
        mimic_perform.load(mimic, "test")


def test_mimic_at_another_rate_is_named(mimic):
    path = write_patient(mimic, "af", 5, pulse(40, 125))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[1::2]]))
    with pytest.raises(ValueError, match=r"mimic_perform_af_005_data\.csv: sampled at 62\.5 Hz .* expected 125 Hz"):
        mimic_perform.load(mimic, "test")


def test_the_saved_file_is_what_evaluate_reads(mimic, tmp_path):
    data = mimic_perform.load(mimic, "test")
    read = own_data.read(to_npz(data, tmp_path / "own.npz"), PPG_CLASSES)
    np.testing.assert_array_equal(read.x, data.x)
    np.testing.assert_array_equal(np.array(PPG_CLASSES)[read.y], np.array(data.class_names)[data.y])
    np.testing.assert_array_equal(read.group, data.group)
    assert read.fs == 125
    assert read.named == (0, 3)
    with np.load(tmp_path / "own.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {"x", "y", "class_names", "fs", "group", "start_s", "dropped"}
