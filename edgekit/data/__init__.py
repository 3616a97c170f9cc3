"""Data of the kit: embedded synthetic sets, readers of public formats, signal features. NumPy only.

>>> from edgekit import data
>>> val = data.load("ppg", "val")
>>> val.origin, val.fs, val.class_names[3]
('synthetic', 100.0, 'atrial_fibrillation')
"""

from importlib import import_module
from pathlib import Path

from edgekit.data import store
from edgekit.data.dataset import Dataset
from edgekit.data.store import datasets_dir

# family -> module with make(root), which writes the family's files below root
GENERATORS = {
    "ppg": "edgekit.data.synthetic.ppg",
    "camera": "edgekit.data.synthetic.camera",
    "faces": "edgekit.data.synthetic.faces",
    "acoustic": "edgekit.data.synthetic.acoustic",
}
# data set -> module with read(root, name, split), where several sets lie in the files of one family
READERS = dict.fromkeys(("acoustic", "acoustic-fault", "acoustic-anomaly"), "edgekit.data.synthetic.acoustic")


def load(name: str, split: str, purpose: str = "select", root: Path | None = None) -> Dataset:
    """The embedded data set `name`, one split of it, checked against its SHA-256.

    split: "train", "val" or "test". The test split is sealed: reading it takes `purpose="report"`, which says
    that nothing will be chosen by what is seen; a test looks for that word in code that selects.
    Raises ValueError or FileNotFoundError for an unknown name, a breach of the seal, a missing, truncated or
    altered file.
    """
    _check_request(name, split, purpose)
    root = datasets_dir() if root is None else Path(root)
    if name in READERS:
        return import_module(READERS[name]).read(root, name, split)
    return store.from_bytes(store.checked_bytes(root, f"{name}/{split}.npz"), name, split)


def make(name: str, out: Path | None = None) -> Path:
    """Generate the embedded set `name` again, the same for everybody, below `out` (default: in place)."""
    if name not in GENERATORS:
        raise ValueError(f"make: unknown data set {name!r}; known: {', '.join(GENERATORS)}")
    root = datasets_dir() if out is None else Path(out)
    import_module(GENERATORS[name]).make(root)
    return root / name


def _check_request(name: str, split: str, purpose: str) -> None:
    known = sorted({*GENERATORS, *READERS})
    if name not in known:
        raise ValueError(f"load: unknown data set {name!r}; known: {', '.join(known)}")
    if split not in ("train", "val", "test"):
        raise ValueError(f"load: split must be train, val or test, got {split!r}")
    if purpose not in ("select", "report"):
        raise ValueError(f"load: purpose must be 'select' or 'report', got {purpose!r}")
    if split == "test" and purpose != "report":
        raise ValueError(f"load: the test split of {name} is sealed; choose by 'val', and pass "
                         "purpose='report' only for a figure by which nothing is chosen")


__all__ = ["Dataset", "datasets_dir", "load", "make"]
