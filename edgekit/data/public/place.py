"""Where a public set lies: below the folder that EDGEKIT_DATA names, as it was published."""

from importlib import metadata
from itertools import islice
from pathlib import Path

from edgekit.data.public.cards import card
from edgekit.data.public.recording import data_dir

DEPTH = 3


def find(name: str, pattern: str, folder=None) -> Path:
    """The folder in which `pattern` (a glob, such as "audio/*.wav") matches: the published root of the set.

    Looked for in EDGEKIT_DATA (or `folder`) / name and the folders in it, three deep, then in EDGEKIT_DATA itself,
    so that an archive may be unpacked in any of the usual ways. Raises FileNotFoundError with a remedy.
    """
    base = data_dir(folder, name)
    for place in _places(base, name):
        if any(islice(place.glob(pattern), 1)):
            return place
    how = f"fetch it with 'python3 -m edgekit data fetch {name}', or " if card(name).files else ""
    raise FileNotFoundError(f"{name}: no {pattern} below {base / name}; {how}put the folder as published there "
                            f"('python3 -m edgekit data info {name}' says whence)")


def package_file(package: str, module: str, path: str) -> Path:
    """A data file of an installed package, found without importing it. FileNotFoundError with a remedy."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        raise FileNotFoundError(f"{module}: the package {package} is not installed; pip install {package}") from None
    for file in files:
        if file.as_posix() == path and Path(str(file.locate())).is_file():
            return Path(str(file.locate()))
    raise FileNotFoundError(f"{module}: {package} is installed without {path}; "
                            f"pip install --force-reinstall {package}")


def _places(base: Path, name: str):
    level = [base / name]
    for _ in range(DEPTH):
        yield from level
        level = [inner for outer in level if outer.is_dir() for inner in sorted(outer.iterdir()) if inner.is_dir()]
    yield base
