"""Data of the kit: embedded synthetic sets, readers of public formats, signal features. NumPy only.

>>> from edgekit import data
>>> val = data.load("ppg", "val")
>>> val.origin, val.fs, val.class_names[3]
('synthetic', 100.0, 'atrial_fibrillation')

Another name, another set, nothing else to change: `data.load("mimic_perform_af", "val")` gives the same kind of object
from the published files, where they lie below the folder that EDGEKIT_DATA names.
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


def load(name: str, split: str, purpose: str = "select", root: Path | None = None, **options) -> Dataset:
    """The data set `name`, embedded or public, one split of it; embedded files are checked against their SHA-256.

    split: "train", "val" or "test", and "all" for public sets without a split. The test split is sealed: reading it
    takes `purpose="report"`, which says that nothing will be chosen by what is seen; a test looks for that word in
    code that selects. root: another folder of embedded sets, or of public ones (default: EDGEKIT_DATA). options: of
    the public set's own reader (fold=, machine=, held_out=, limit=, ...).
    Raises ValueError or FileNotFoundError for an unknown name, split or option, a breach of the seal, a missing,
    truncated or altered file; where a public set is not there, the message says how to get it.
    """
    if name not in embedded():
        return _load_public(name, split, purpose, root, options)
    _check_request(name, split, purpose, options)
    root = datasets_dir() if root is None else Path(root)
    if name in READERS:
        return import_module(READERS[name]).read(root, name, split)
    return store.from_bytes(store.checked_bytes(root, f"{name}/{split}.npz"), name, split)


def embedded() -> tuple[str, ...]:
    """The names of the embedded sets, those that share the files of a family too.

    >>> embedded()
    ('acoustic', 'acoustic-anomaly', 'acoustic-fault', 'camera', 'faces', 'ppg')
    """
    return tuple(sorted({*GENERATORS, *READERS}))


def family(name: str) -> str:
    """The family in whose folder the files of an embedded set lie.

    >>> family("acoustic-fault"), family("ppg")
    ('acoustic', 'ppg')
    """
    return name if name in GENERATORS else name.split("-")[0]


def make(name: str, out: Path | None = None) -> Path:
    """Generate the embedded set `name` again, the same for everybody, below `out` (default: in place)."""
    if name not in GENERATORS:
        instead = _instead_of_making(name)
        raise ValueError(f"make: unknown data set {name!r}; known: {', '.join(GENERATORS)}{instead}")
    root = datasets_dir() if out is None else Path(out)
    import_module(GENERATORS[name]).make(root)
    return root / name


def _load_public(name: str, split: str, purpose: str, folder: Path | None, options: dict) -> Dataset:
    from edgekit.data.public import registry  # reads the cards, which the embedded sets do without

    if name not in registry.cards():
        raise ValueError(f"load: unknown data set {name!r}; embedded: {', '.join(embedded())}; public, from "
                         f"EDGEKIT_DATA or a package: {', '.join(registry.cards())}")
    return registry.load(name, split, purpose, folder, **options)


def _instead_of_making(name: str) -> str:
    from edgekit.data.public.cards import cards

    if name in embedded():
        return f"; {name} lies in the files of {family(name)}"
    return f"; {name} is a real set: see 'python3 -m edgekit data info {name}'" if name in cards() else ""


def _check_request(name: str, split: str, purpose: str, options: dict) -> None:
    if split not in ("train", "val", "test"):
        raise ValueError(f"load: split of {name} must be train, val or test, got {split!r}")
    if purpose not in ("select", "report"):
        raise ValueError(f"load: purpose must be 'select' or 'report', got {purpose!r}")
    if split == "test" and purpose != "report":
        raise ValueError(f"load: the test split of {name} is sealed; choose by 'val', and pass "
                         "purpose='report' only for a figure by which nothing is chosen")
    if options:
        raise ValueError(f"load: the embedded set {name} takes no options, got {', '.join(sorted(options))}")


__all__ = ["Dataset", "datasets_dir", "embedded", "family", "load", "make"]
