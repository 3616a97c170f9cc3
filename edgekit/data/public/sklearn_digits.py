"""1,797 handwritten digits of 8x8 pixels from the installed package scikit-learn (which is not imported).

Alpaydin and Kaynak, UCI Machine Learning Repository, 1998: counts 0..16 of dark pixels in blocks of 4x4.
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.place import package_file
from edgekit.data.public.splits import check_split

CLASSES = tuple("0123456789")
FILE = "sklearn/datasets/data/digits.csv.gz"
MAX_BYTES = 10 << 20


def load(folder=None, split: str = "all") -> Dataset:
    """Digits x (N, 8, 8) uint8 in 0..16. folder: where `digits.csv.gz` lies, if not in the package.

    Raises FileNotFoundError when the package is not installed, ValueError for a damaged file.
    """
    check_split("sklearn_digits", split, ("all",))
    path = Path(folder) / "digits.csv.gz" if folder else package_file("scikit-learn", "sklearn_digits", FILE)
    table = _table(path)
    if table.shape[1] != 65 or (table < 0).any() or (table[:, :64] > 16).any() or (table[:, 64] > 9).any():
        raise ValueError(f"sklearn_digits: {path} holds {table.shape}, expected (N, 65) with pixels 0..16 and digits "
                         "0..9; pip install --force-reinstall scikit-learn")
    x = table[:, :64].reshape(-1, 8, 8).astype(np.uint8)
    return Dataset("sklearn_digits", "all", x, table[:, 64].astype(np.int64), CLASSES, origin="real")


def _table(path: Path) -> np.ndarray:
    if not path.is_file():
        raise FileNotFoundError(f"sklearn_digits: no file {path}; pip install scikit-learn")
    try:
        with gzip.open(path) as file:
            lines = file.read(MAX_BYTES).decode("ascii").splitlines()
        return np.loadtxt(lines, delimiter=",", ndmin=2)
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"sklearn_digits: {path} is no packed table of numbers ({error}); "
                         "pip install --force-reinstall scikit-learn") from None
