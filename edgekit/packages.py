"""What the kit needs and what is here: pyproject's ranges, the lock file's pins, the installed versions.

Standard library only: this is read before any package is installed.
"""

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
COMPARE = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


class Requirement(NamedTuple):
    """A package by its normalized name, and the comma-separated range of versions that will do."""

    name: str
    ranges: str


def normalize(name: str) -> str:
    """Spell a package name as the index does.

    >>> normalize("Typing_Extensions")
    'typing-extensions'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def release(version: str) -> tuple[int, ...]:
    """The release numbers of a version, without what follows them.

    >>> release("2.13.0+cpu"), release("26.3rc1")
    ((2, 13, 0), (26, 3))
    """
    return tuple(int(part) for part in re.match(r"[\d.]*\d", version).group().split("."))


def satisfies(version: str, ranges: str) -> bool:
    """Whether a version lies in every one of the ranges; pre-release marks are ignored.

    >>> satisfies("2.13.0+cpu", ">=2.9,<2.15"), satisfies("3.0", ">=2.1,<3")
    (True, False)
    """
    for part in filter(None, ranges.replace(" ", "").split(",")):
        operator, bound = re.fullmatch(r"(>=|<=|==|!=|>|<)(.+)", part).groups()
        have, want = release(version), release(bound)
        width = max(len(have), len(want))
        pad = lambda numbers, width=width: numbers + (0,) * (width - len(numbers))  # noqa: E731
        if not COMPARE[operator](pad(have), pad(want)):
            return False
    return True


def parse(requirement: str) -> Requirement:
    """Split ``name>=1,<2`` into name and ranges.

    >>> parse("PyYAML >=6,<7")
    Requirement(name='pyyaml', ranges='>=6,<7')
    """
    name, ranges = re.fullmatch(r"\s*([A-Za-z0-9._-]+)\s*([^;]*?)\s*(?:;.*)?", requirement).groups()
    return Requirement(normalize(name), ranges.replace(" ", ""))


def declared(root: Path = ROOT) -> list[Requirement]:
    """What pyproject.toml says lessons and tests need; empty where there is no checkout."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return []
    return [parse(text) for text in tomllib.loads(path.read_text("utf-8"))["project"]["dependencies"]]


def installed(name: str) -> str | None:
    """The version of an installed package, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def missing(root: Path = ROOT) -> list[str]:
    """Requirements that this interpreter does not meet, each with what it has instead."""
    found = []
    for name, ranges in declared(root):
        version = installed(name)
        if version is None or not satisfies(version, ranges):
            found.append(f"{name}{ranges} (has {version or 'none'})")
    return found


def read_lock(root: Path = ROOT) -> tuple[str, str, int]:
    """Split the lock file: the pin of torch, the text of all others (with hashes), and their number."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + (root / "requirements.lock").read_text("utf-8"))
    pins = [entry for entry in entries if re.match(r"[A-Za-z0-9]", entry)]
    torch = [pin.split("#")[0].strip() for pin in pins if pin.startswith("torch==")]
    others = [pin for pin in pins if not pin.startswith("torch==")]
    assert len(torch) == 1, "requirements.lock: expected one torch== line"
    return torch[0], "\n".join(others), len(others)
