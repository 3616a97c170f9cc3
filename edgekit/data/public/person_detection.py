"""The two test images of TensorFlow Lite Micro's person detection: grey bitmaps of 96x96."""

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.images import read_bmp
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split

CLASSES = ("no_person", "person")


def load(folder=None, split: str = "all") -> Dataset:
    """Images x (2, 96, 96) uint8, without and with a person. FileNotFoundError, or ValueError naming the file."""
    check_split("person_detection", split, ("all",))
    root = find("person_detection", "person.bmp", folder)
    paths = tuple(root / f"{name}.bmp" for name in CLASSES)
    return Index("person_detection", split, paths, np.arange(2), CLASSES, _read).load()


def _read(path) -> dict:
    x = read_bmp(path)
    if x.shape != (96, 96):
        raise ValueError(f"person_detection: {path} has shape {x.shape}, expected (96, 96); fetch it again")
    return {"x": x}
