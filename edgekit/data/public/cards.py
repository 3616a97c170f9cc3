"""What is known of each public set: address, size, checksum, licence, split, metric, citation. Standard library only.

The cards lie in `cards.json`, one object per set, so that every address that the kit may fetch is on one page.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edgekit.data.fetch import Wanted


@dataclass(frozen=True)
class File:
    """One published file. part: its name in `data fetch NAME --part`; into: the folder below the set's folder
    where it is unpacked; inner: an archive inside the archive, unpacked after it."""

    part: str
    wanted: Wanted
    into: str = ""
    inner: str | None = None

    @property
    def packed(self) -> bool:
        """Whether it is an archive (a list such as pairs.txt is not)."""
        return not self.part.endswith(".txt")


@dataclass(frozen=True)
class Card:
    """One public set. package: the installed package that holds it, if one does; splits: what `load` takes."""

    name: str
    title: str
    kind: str
    size: str
    homepage: str
    files: tuple[File, ...]
    package: str | None
    licence: str
    splits: tuple[str, ...]
    official_split: str
    metric: str
    reference: str
    layout: str
    citation: str


@cache
def cards() -> dict[str, Card]:
    """All cards by name.

    >>> cards()["esc50"].licence
    'CC BY-NC 3.0 (the ESC-10 classes CC BY)'
    """
    text = Path(__file__).with_name("cards.json").read_text(encoding="utf-8")
    return {name: _card(name, fields) for name, fields in json.loads(text)["cards"].items()}


def card(name: str) -> Card:
    """The card of `name`; ValueError with the known names for another."""
    if name not in cards():
        raise ValueError(f"card: unknown public set {name!r}; known: {', '.join(cards())}")
    return cards()[name]


def _card(name: str, fields: dict) -> Card:
    files = tuple(File(entry["part"], Wanted(entry["url"], entry["bytes"], entry["checksum"]), entry["into"],
                       entry.get("inner")) for entry in fields["files"])
    return Card(name, **fields | {"files": files, "splits": tuple(fields["splits"])})
