"""100 faces and 100 other patches, 25x25 grey, from the installed package scikit-image (which is not imported).

Cut from Labeled Faces in the Wild by the authors of scikit-image, for its tests of face detection.
"""

import io
from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.place import package_file
from edgekit.data.public.splits import check_split

CLASSES = ("non_face", "face")
FILE = "skimage/data/lfw_subset.npy"
FACES = 100


def load(folder=None, split: str = "all") -> Dataset:
    """Patches x (200, 25, 25) float64 in 0..1. folder: where `lfw_subset.npy` lies, if not in the package.

    Raises FileNotFoundError when the package is not installed, ValueError for a damaged file.
    """
    check_split("skimage_faces", split, ("all",))
    path = Path(folder) / "lfw_subset.npy" if folder else package_file("scikit-image", "skimage_faces", FILE)
    x = _array(path)
    y = (np.arange(len(x)) < FACES).astype(np.int64)  # the faces come first
    return Dataset("skimage_faces", "all", x, y, CLASSES, origin="real")


def _array(path: Path) -> np.ndarray:
    if not path.is_file():
        raise FileNotFoundError(f"skimage_faces: no file {path}; pip install scikit-image")
    try:
        x = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"skimage_faces: {path} is no array of numbers ({error}); "
                         "pip install --force-reinstall scikit-image") from None
    if x.shape != (2 * FACES, 25, 25) or x.dtype.kind != "f":
        raise ValueError(f"skimage_faces: {path} holds {x.dtype} {x.shape}, expected floats (200, 25, 25); "
                         "pip install --force-reinstall scikit-image")
    return x
