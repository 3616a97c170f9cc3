"""The Welltory recordings as a data set of windows."""

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public import welltory
from edgekit.data.public.pulse_windows import Windows, cut, gather
from edgekit.data.public.splits import check_split

CLASSES = ("unlabelled",)


def load(folder=None, split: str = "all", channel: str = "best", seconds: float = 10.0,
         step_s: float = 10.0) -> Dataset:
    """Windows x (N, 50 seconds) of all recordings at 50 Hz; group: the recording, extras: bpm, start_s, dropped.

    bpm is 60 / mean RR of the chest strap over the whole recording. 13 people gave the 21 recordings; which of
    them are of one person was not published. Nobody labelled the rhythm: the one class is "unlabelled".
    """
    check_split("welltory", split, ("all",))
    parts = [(_windows(name, channel, folder, seconds, step_s), 0, int(name.removeprefix("subject_")))
             for name in welltory.subjects(folder)]
    return gather("welltory", split, parts, CLASSES, welltory.FS)


def _windows(name: str, channel: str, folder, seconds: float, step_s: float) -> Windows:
    recording = welltory.load(name, channel, folder)
    found = cut(recording.name, recording.x, recording.fs, seconds, step_s)
    bpm = np.full(len(found.x), 60 / recording.rr.mean())
    return Windows(found.x, found.start_s, found.dropped, {"bpm": bpm})
