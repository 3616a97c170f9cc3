"""Readers of heartpy's and Welltory's files: small files in the real format, damage by line, and the real ones."""

import numpy as np
import pytest

from edgekit.data.features import heart_rate
from edgekit.data.public import data_dir, heartpy, welltory


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def pulse(fs, seconds=20.0, bpm=72.0):
    phase = np.arange(round(fs * seconds)) / fs * bpm / 60 % 1
    return np.where(phase < 0.25, phase / 0.25, (1 - phase) / 0.75)


def welltory_folder(root, ppg=None, rr="830 835 829"):
    time_ms = np.cumsum(np.tile([33, 34, 33, 40], 150))
    value = 250 - pulse(1000, 22)[time_ms]
    rows = [f"{t},{v:.4f},0.0,{v / 2:.4f}" for t, v in zip(time_ms, value, strict=True)]
    write(root / "welltory/data/subject_01/PPG.csv", ppg or "time,R,G,B\n" + "\n".join(rows) + "\n")
    write(root / "welltory/data/subject_01/RR.txt", rr)
    return root


def test_welltory_reads_irregular_frames(tmp_path):
    root = welltory_folder(tmp_path)
    assert welltory.subjects(root) == ["subject_01"]
    found = welltory.load("subject_01", folder=root)
    assert found.rr.tolist() == [0.83, 0.835, 0.829]
    assert found.seconds == pytest.approx((33 + 34 + 33 + 40) * 150 / 1000 - 0.033, abs=0.05)
    assert heart_rate(found.x, found.fs) == pytest.approx(72, abs=1)
    assert (found.origin, found.licence) == ("real", "CC0-1.0")


def test_welltory_interpolates_by_straight_lines(tmp_path):
    root = welltory_folder(tmp_path, ppg="time,R,G,B\n0,0,5,1\n40,4,5,1\n100,10,5,1\n")
    assert welltory.load("subject_01", "R", root).x.tolist() == pytest.approx([0.0, 2.0, 4.0, 6.0, 8.0])
    assert welltory.load("subject_01", "G", root).x.tolist() == [5.0] * 5


@pytest.mark.parametrize(("text", "words"), [
    ("time;R;G;B\n0;1;2;3\n", "line 1: expected the header"),
    ("time,R,G,B\n0,1,2,3\n33,1,2\n", "line 3: 3 values, expected 4"),
    ("time,R,G,B\n0,1,2,3\n33,x,2,3\n", "line 3: not a number in '33,x,2,3'"),
    ("time,R,G,B\n0,1,2,3\n33,nan,2,3\n", "line 3: NaN or infinite"),
    ("time,R,G,B\n0,1,2,3\n33,1,2,3\n33,1,2,3\n", "line 4: time 33 ms is not after 33 ms"),
    ("time,R,G,B\n0,1,2,3\n", "only 1 samples"),
    ("time,R,G,B\n0,1,2,3\n0.033,1,2,3\n0.066,1,2,3\n", r"3.03e\+04 frames/s by its times, .* must be in ms"),
    ("time,R,G,B\n0,1,2,3\n500,1,2,3\n1000,1,2,3\n", "2 frames/s by its times"),
    ("time,R,G,B\n0,1,2,3\n33,1,2,3\n66,1,2,3\n1067,1,2,3\n1100,1,2,3\n", "line 5: a gap of 1001 ms"),
])
def test_welltory_damage_is_named_by_line(tmp_path, text, words):
    root = welltory_folder(tmp_path, ppg=text)
    with pytest.raises(ValueError, match=words) as error:
        welltory.load("subject_01", folder=root)
    assert "PPG.csv" in str(error.value)


@pytest.mark.parametrize("rr", ["", "830 x", "830 12", "830 8300", "830 nan"])
def test_welltory_intervals_are_checked(tmp_path, rr):
    with pytest.raises(ValueError, match=r"RR.txt"):
        welltory.load("subject_01", folder=welltory_folder(tmp_path, rr=rr))


def test_welltory_missing_things(tmp_path, monkeypatch):
    root = welltory_folder(tmp_path)
    with pytest.raises(ValueError, match="channel must be"):
        welltory.load("subject_01", "X", root)
    with pytest.raises(FileNotFoundError, match=r"subject_02.*PPG.csv is missing"):
        welltory.load("subject_02", folder=root)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no data/subject_NN"):
        welltory.subjects(tmp_path / "empty")
    monkeypatch.delenv("EDGEKIT_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match="set EDGEKIT_DATA"):
        data_dir()
    with pytest.raises(FileNotFoundError, match="not a folder"):
        data_dir(tmp_path / "nowhere")


@pytest.mark.parametrize(("name", "length", "fs"), [
    ("data", 2483, 100.0), ("data2", 15000, 116.9878), ("data3", 68476, 100.4182)])
def test_the_recordings_of_heartpy(name, length, fs):
    found = heartpy.load(name)
    assert len(found.x) == length
    assert found.fs == pytest.approx(fs, abs=1e-3)
    assert np.isfinite(found.x).all()


def test_heartpy_is_not_imported():
    import subprocess
    import sys
    code = "import sys; from edgekit.data.public import heartpy; heartpy.load(); sys.exit('heartpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("name", "text", "words"), [
    ("data", "530\n51x\n494\n", r"data.csv, line 2: not a number"),
    ("data", "", "is empty"),
    ("data", "530\ninf\n", "line 2: NaN or infinite"),
    ("data2", "time,hr\n0,1\n8,2\n", r"line 1: expected the header 'timer,hr'"),
    ("data2", "timer,hr\n0,1\n8,2\n7,3\n", "line 4: time runs backwards"),
    ("data3", "datetime,hr\nyesterday,1\n2016-11-24 13:58:58.081000,2\n", "line 2: not a number"),
])
def test_heartpy_damage_is_named_by_line(tmp_path, name, text, words):
    write(tmp_path / f"{name}.csv", text)
    with pytest.raises(ValueError, match=words):
        heartpy.load(name, tmp_path)


def test_heartpy_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data.csv is missing"):
        heartpy.load("data", tmp_path)
    with pytest.raises(ValueError, match="unknown recording"):
        heartpy.load("data9")


def test_binary_rubbish_is_said_to_be_no_text(tmp_path):
    (tmp_path / "data.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(ValueError, match="is not text"):
        heartpy.load("data", tmp_path)


def test_heart_rate_against_the_chest_strap(edgekit_data):
    """21 real recordings: median error against the strap's mean interval at most 1.2 bpm (a naive FFT: 1.8)."""
    if not (edgekit_data / "welltory").is_dir():
        pytest.skip("EDGEKIT_DATA holds no welltory folder")
    errors = []
    for subject in welltory.subjects(edgekit_data):
        found = welltory.load(subject, folder=edgekit_data)
        errors.append(abs(heart_rate(found.x, found.fs) - 60 / found.rr.mean()))
    assert len(errors) == 21
    assert np.median(errors) <= 1.2
