"""The Olivetti (AT&T) database of faces: 40 people, ten grey images each, 112x92.

Samaria and Harter, IEEE Workshop on Applications of Computer Vision, 1994. `s{1..40}/{1..10}.pgm`.
"""

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.images import read_pgm
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split

PEOPLE = {"train": range(1, 25), "val": range(25, 33), "test": range(33, 41), "all": range(1, 41)}
SHAPE = (112, 92)


def load(folder=None, split: str = "train") -> Dataset:
    """Images x (N, 112, 92) uint8; y counts the people of the split, group is the person's number.

    There is no official split: people 1-24 train, 25-32 validate, 33-40 test, so that recognition is judged on
    faces never seen. Raises FileNotFoundError, or ValueError naming an image that is damaged or of another size.
    """
    check_split("olivetti", split, tuple(PEOPLE))
    root = find("olivetti", "s1/*.pgm", folder)
    people = [n for n in PEOPLE[split] if (root / f"s{n}").is_dir()]
    paths = [(path, n) for n in people for path in sorted((root / f"s{n}").glob("*.pgm"), key=_number)]
    group = np.array([n for _, n in paths], np.int64)
    y = np.searchsorted(people, group)
    names = tuple(f"s{n}" for n in people)
    return Index("olivetti", split, tuple(path for path, _ in paths), y, names, _read, group=group).load()


def _number(path) -> int:
    if not path.stem.isdigit():
        raise ValueError(f"olivetti: {path} is no image of the set, expected <number>.pgm; move it away")
    return int(path.stem)


def _read(path) -> dict:
    x = read_pgm(path)
    if x.shape != SHAPE:
        raise ValueError(f"olivetti: {path} has {x.shape[0]}x{x.shape[1]} pixels, expected {SHAPE[0]}x{SHAPE[1]}; it "
                         "is of another set, fetch it again")
    return {"x": x}
