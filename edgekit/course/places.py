"""Where the lessons lie: the checkout, its `notebooks/` folder and what stands in it."""

import re
from pathlib import Path

LESSON = re.compile(r"^[\dA]\d_[a-z0-9_]+$")  # a lesson, or an appendix: A1


def checkout() -> Path:
    """The root of the checkout. Raises FileNotFoundError when the package stands without its lessons."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "notebooks").is_dir():
        raise FileNotFoundError(f"lessons: no folder {root / 'notebooks'}; work in a checkout of edgekit "
                                "(git clone, then pip install -e .)")
    return root


def notebooks_dir() -> Path:
    """The folder of the executed lessons, of `claims.json` and of `studies/`."""
    return checkout() / "notebooks"


def sources(folder: Path) -> list[Path]:
    """The lesson sources `source/NN_name.py` of a notebooks folder, in the order of their numbers."""
    return sorted(path for path in (folder / "source").glob("*.py") if LESSON.match(path.stem))


def find_source(folder: Path, number) -> Path:
    """The source of lesson `number` (1, "01", "A1" or its whole name). Raises ValueError when there is none."""
    wanted = str(number)
    known = sources(folder)
    for path in known:
        if wanted in (path.stem, path.stem[:2]) or wanted.zfill(2) == path.stem[:2]:
            return path
    names = ", ".join(path.stem for path in known) or "none"
    raise ValueError(f"lessons: no lesson {number!r} in {folder / 'source'}; there are: {names}")
