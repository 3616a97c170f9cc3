"""Speech Commands v0.02: one word in one second at 16 kHz; the 12-class task of keyword spotting.

Warden, arXiv:1804.03209. Two archives: the full one (35 words, `validation_list.txt`, `testing_list.txt`,
`_background_noise_`) and the official test set of the 12-class task (10 words, `_silence_`, `_unknown_`).
"""

import hashlib
import re
from pathlib import Path

import numpy as np

from edgekit.data import wav
from edgekit.data.dataset import Dataset
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.recording import data_dir, read_lines
from edgekit.data.public.splits import check_split

FS = 16000
SAMPLES = 16000
WORDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes")
SILENCE, UNKNOWN, NOISE = "_silence_", "_unknown_", "_background_noise_"
CLASSES = (*WORDS, SILENCE, UNKNOWN)
NAME = re.compile(r"(?:([a-z]+)_)?([0-9a-f]{5,8})_nohash_(\d+)\.wav(?:\.wav)?")
LISTS = {"val": "validation_list.txt", "test": "testing_list.txt"}
SILENT_GROUP = 1 << 32  # speakers are 32-bit numbers; what nobody spoke lies above
FULL_SCALE = 2**27 - 1


def index(folder=None, split: str = "train") -> Index:
    """The clips of the 12-class task, not yet read; group is the speaker, extras hold the word.

    val and test are the lists of the full archive; test is the official test set where its folder is found.
    A clip shorter than 1 s is filled with zeros at its end (extras["samples"] is its own length). Silence of the
    full archive is cut from the background recordings: the first 8 tenths of each train, one validates, one tests.
    Raises FileNotFoundError for a missing folder or file, ValueError for a name that is none of the set.
    """
    check_split("speech_commands", split, ("train", "val", "test"))
    official = _official_test(folder) if split == "test" else None
    if official:
        clips = [_clip(path, path.parent.name) for path in sorted(official.glob("*/*.wav"))]
    else:
        clips = _from_lists(_full(folder, split), split)
    items, words, groups, labels = zip(*clips, strict=True)
    return Index("speech_commands", split, items, np.array(labels), CLASSES, _read, float(FS), np.array(groups),
                 {"word": np.array(words)})


def load(folder=None, split: str = "train", limit: int | None = None) -> Dataset:
    """Clips x (N, 16000) int16; `limit` of them, spread over the list, or ValueError if all are too many."""
    return index(folder, split).load(limit)


def which_split(name: str, val_percent: float = 10, test_percent: float = 10) -> str:
    """The split that the name of a file says: SHA-1 of all before `_nohash_`, modulo 2^27, as a percentage.

    The rule of the authors (README of the archive): one speaker is always in one split, and stays there when the
    set grows.

    >>> which_split("down/022cd682_nohash_0.wav")
    'test'
    """
    speaker = re.sub(r"_nohash_.*$", "", Path(name).name)
    percent = int(hashlib.sha1(speaker.encode(), usedforsecurity=False).hexdigest(), 16) % (FULL_SCALE + 1)
    percent = percent * 100 / FULL_SCALE
    return "val" if percent < val_percent else "test" if percent < val_percent + test_percent else "train"


def _official_test(folder) -> Path | None:
    data_dir(folder, "speech_commands")
    try:
        return find("speech_commands", f"{UNKNOWN}/*.wav", folder)
    except FileNotFoundError:
        return None


def _full(folder, split: str) -> Path:
    try:
        return find("speech_commands", "testing_list.txt", folder)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error}; split {split!r} needs the full archive (--part full)") from None


def _from_lists(root: Path, split: str) -> list:
    listed = {name: set(filter(None, read_lines(root / file))) for name, file in LISTS.items()}
    there = {path.relative_to(root).as_posix() for path in root.glob("[a-z]*/*.wav")}
    for name, file in LISTS.items():
        if listed[name] - there:
            raise FileNotFoundError(f"speech_commands: {root / file} names {min(listed[name] - there)}, which is not "
                                    "there; the folder is incomplete, fetch it again")
    names = there - listed["val"] - listed["test"] if split == "train" else listed[split]
    return [_clip(root / name, name.split("/")[0]) for name in sorted(names)] + _silence(root, split)


def _clip(path: Path, word: str) -> tuple:
    """(what to read, word, speaker, label) of one file."""
    if word == SILENCE:
        number = int(path.stem) if path.stem.isdigit() else 0
        return (path, 0), SILENCE, SILENT_GROUP + 1000 + number, CLASSES.index(SILENCE)
    match = NAME.fullmatch(path.name)
    if not match or (match[1] is not None) != (word == UNKNOWN):
        raise ValueError(f"speech_commands: {path} is no clip of {word!r}, expected <speaker>_nohash_<n>.wav; "
                         "it does not belong there, move it away")
    label = CLASSES.index(word) if word in WORDS else CLASSES.index(UNKNOWN)
    return (path, 0), match[1] or word, int(match[2], 16), label


def _silence(root: Path, split: str) -> list:
    """Whole seconds of the background recordings, by their place in time."""
    found = []
    for number, path in enumerate(sorted((root / NOISE).glob("*.wav"))):
        seconds = wav.read_header(path).frames // SAMPLES
        for second in range(seconds):
            part = "train" if second < 0.8 * seconds else "val" if second < 0.9 * seconds else "test"
            if part == split:
                item = (path, second * SAMPLES)
                found.append((item, SILENCE, SILENT_GROUP + number, CLASSES.index(SILENCE)))
    return found


def _read(item: tuple[Path, int]) -> dict:
    path, start = item
    x = wav.read(path, fs=FS, channels=1, bits=16).x[start:, 0]
    if start == 0 and len(x) > SAMPLES and path.parent.name != NOISE:
        raise ValueError(f"speech_commands: {path} has {len(x)} samples, expected at most {SAMPLES} (1 s); it does not "
                         "belong there, move it away")
    x = x[:SAMPLES]
    return {"x": np.pad(x, (0, SAMPLES - len(x))), "samples": len(x)}
