"""The recordings of the package heartpy as a data set of windows."""

from edgekit.data.dataset import Dataset
from edgekit.data.public import heartpy
from edgekit.data.public.pulse_windows import cut, gather
from edgekit.data.public.splits import check_split

CLASSES = ("unlabelled",)


def load(folder=None, split: str = "all", recording: str = "data2", seconds: float = 10.0,
         step_s: float = 10.0) -> Dataset:
    """Windows x (N, L) of one recording, "data" (100 Hz), "data2" (117 Hz) or "data3" (100.4 Hz), at its own rate.

    extras: start_s, dropped. Nobody labelled the rhythm: the one class is "unlabelled".
    """
    check_split("heartpy", split, ("all",))
    found = heartpy.load(recording, folder)
    part = cut(found.name, found.x, found.fs, seconds, step_s)
    return gather("heartpy", split, [(part, 0, heartpy.NAMES.index(recording))], CLASSES, float(found.fs))
