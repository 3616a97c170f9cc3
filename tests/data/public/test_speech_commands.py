"""Speech Commands: the full archive and the official test set, small; and real clips of the official test set."""

import re

import numpy as np
import pytest

from edgekit.data import wav
from edgekit.data.public import speech_commands
from edgekit.data.public.speech_commands import CLASSES, which_split

CLIPS = ["yes/0a7c2a8d_nohash_0.wav", "yes/0a7c2a8d_nohash_1.wav", "yes/022cd682_nohash_0.wav",
         "no/1b4c9b89_nohash_2.wav", "bed/00176480_nohash_0.wav", "bed/004ae714_nohash_0.wav",
         "cat/5828dfa2_nohash_1.wav"]
VAL, TEST = ["bed/00176480_nohash_0.wav"], ["yes/022cd682_nohash_0.wav", "cat/5828dfa2_nohash_1.wav"]


@pytest.fixture
def full(tmp_path, noise):
    root = tmp_path / "speech_commands" / "full"
    for name in CLIPS:
        noise(root / name, 16000)
    noise(root / "_background_noise_" / "pink_noise.wav", 10 * 16000 + 77)
    (root / "validation_list.txt").write_text("\n".join(VAL) + "\n")
    (root / "testing_list.txt").write_text("\n".join(TEST) + "\n")
    return tmp_path


def names(index):
    return sorted(f"{item[0].parent.name}/{item[0].name}" for item in index.items if "_nohash_" in item[0].name)


def test_the_lists_split_the_full_archive(full):
    split = {name: speech_commands.index(full, name) for name in ("train", "val", "test")}
    assert names(split["val"]) == VAL
    assert names(split["test"]) == sorted(TEST)
    assert sorted(names(split["train"]) + VAL + TEST) == sorted(CLIPS)
    speakers = {name: set(index.group.tolist()) - {1 << 32} for name, index in split.items()}
    assert not speakers["train"] & (speakers["val"] | speakers["test"])


def test_labels_words_and_silence(full):
    data = speech_commands.load(full, "train")
    assert data.x.dtype == np.int16
    assert data.x.shape[1:] == (16000,)
    assert data.counts()["yes"] == 2
    assert data.counts()["_unknown_"] == 1
    assert data.extras["word"][data.y == CLASSES.index("_unknown_")].tolist() == ["bed"]
    seconds = [speech_commands.load(full, split).counts()["_silence_"] for split in ("train", "val", "test")]
    assert seconds == [8, 1, 1]
    noise = wav.read(full / "speech_commands" / "full" / "_background_noise_" / "pink_noise.wav").x[:, 0]
    last = speech_commands.load(full, "test")
    np.testing.assert_array_equal(last.x[last.y == CLASSES.index("_silence_")][0], noise[9 * 16000:10 * 16000])


def test_a_short_clip_is_filled_with_zeros_and_says_its_length(full, noise):
    x = noise(full / "speech_commands" / "full" / VAL[0], 11889)[:, 0]
    data = speech_commands.load(full, "val")
    place = int(np.flatnonzero(data.extras["word"] == "bed")[0])
    assert data.extras["samples"][place] == 11889
    np.testing.assert_array_equal(data.x[place], np.pad(x, (0, 16000 - 11889)))


def test_faults_name_the_file(full, noise):
    root = full / "speech_commands" / "full"
    noise(root / VAL[0], 16000, fs=8000)
    with pytest.raises(ValueError, match=r"00176480_nohash_0\.wav has a rate of 8000 Hz, expected 16000"):
        speech_commands.load(full, "val")
    noise(root / VAL[0], 16001)
    with pytest.raises(ValueError, match=r"00176480_nohash_0\.wav has 16001 samples, expected at most 16000"):
        speech_commands.load(full, "val")
    (root / VAL[0]).write_bytes((root / TEST[0]).read_bytes()[:9000])
    with pytest.raises(ValueError, match=r"00176480_nohash_0\.wav is truncated"):
        speech_commands.load(full, "val")
    (root / VAL[0]).unlink()
    with pytest.raises(FileNotFoundError, match=r"validation_list\.txt names bed/00176480_\S+, which is not there"):
        speech_commands.index(full, "train")
    noise(root / VAL[0], 16000)
    noise(root / "yes" / "mine.wav", 16000)
    with pytest.raises(ValueError, match=r"yes/mine\.wav is no clip of 'yes', expected <speaker>_nohash_<n>"):
        speech_commands.index(full, "train")


def test_the_official_test_set_is_preferred_and_holds_test_only(tmp_path, noise):
    root = tmp_path / "speech_commands"
    for name in ("yes/022cd682_nohash_0.wav", "_silence_/98.wav", "_silence_/167.wav",
                 "_unknown_/backward_0c540988_nohash_0.wav.wav"):
        noise(root / name, 16000)
    data = speech_commands.load(tmp_path, "test")
    assert {name: n for name, n in data.counts().items() if n} == {"yes": 1, "_silence_": 2, "_unknown_": 1}
    assert sorted(data.extras["word"].tolist()) == ["_silence_", "_silence_", "backward", "yes"]
    assert len(set(data.group.tolist())) == 4
    with pytest.raises(FileNotFoundError, match="split 'train' needs the full archive"):
        speech_commands.index(tmp_path, "train")
    noise(root / "yes" / "backward_0c540988_nohash_0.wav", 16000)
    with pytest.raises(ValueError, match="is no clip of 'yes'"):
        speech_commands.index(tmp_path, "test")


def test_the_hash_keeps_a_speaker_in_one_split_and_hits_the_percentages():
    speakers = [f"{i * 2654435761 % 2**32:08x}" for i in range(4000)]
    found = [which_split(f"yes/{speaker}_nohash_{i % 5}.wav") for i, speaker in enumerate(speakers)]
    assert found == [which_split(f"no/{speaker}_nohash_9.wav") for speaker in speakers]
    share = {name: found.count(name) / len(found) for name in ("val", "test")}
    three_sigma = 3 * (0.1 * 0.9 / len(found)) ** 0.5
    assert all(abs(part - 0.1) < three_sigma for part in share.values())


def test_real_clips_of_the_official_test_set(edgekit_data):
    if not (edgekit_data / "speech_commands").is_dir():
        pytest.skip("no speech_commands in EDGEKIT_DATA")
    data = speech_commands.load(edgekit_data, "test", limit=600)
    assert set(np.flatnonzero(np.bincount(data.y, minlength=12))) == set(range(12))
    assert data.fs == 16000
    assert (np.abs(data.x[data.y < 10].astype(int)).max(axis=1) > 300).all()  # somebody speaks
    index = speech_commands.index(edgekit_data, "test")
    spoken = [re.sub(r"^[a-z]+_", "", item[0].name) for item in index.items if "_nohash_" in item[0].name]
    assert spoken
    assert {which_split(name) for name in spoken} == {"test"}  # the hash of the authors says so of every one
