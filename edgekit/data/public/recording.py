"""One long recording, and the folder in which public data lie."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Recording:
    """A signal `x` (L,) in the units of its sensor at `fs` Hz, with its name, origin, licence and, where an
    electrocardiogram ran beside it, the intervals `rr` between heart beats in s."""

    name: str
    x: np.ndarray
    fs: float
    origin: str
    licence: str
    rr: np.ndarray | None = None

    @property
    def seconds(self) -> float:
        """How long the recording lasts."""
        return len(self.x) / self.fs


def data_dir(folder=None, name: str = "NAME") -> Path:
    """`folder`, or the one that EDGEKIT_DATA names; FileNotFoundError with a remedy when there is none.

    name: the set that is looked for, for the remedy.
    """
    named = folder or os.environ.get("EDGEKIT_DATA")
    if not named:
        raise FileNotFoundError(f"data_dir: no folder of public data; make one, set EDGEKIT_DATA to it (or pass "
                                f"folder=...), and fill it: 'python3 -m edgekit data info {name}' says whence")
    if not Path(named).is_dir():
        raise FileNotFoundError(f"data_dir: {named} is not a folder; correct EDGEKIT_DATA or folder=...")
    return Path(named)


def read_columns(path, header: tuple[str, ...] | None, parse: tuple | None = None) -> np.ndarray:
    """A CSV of numbers, (rows, columns) float64; every bad line is named with the offender and a remedy.

    header: the names that line 1 must hold, None for a file without one. parse: one function per column,
    `float` by default.
    """
    lines = read_lines(path)
    parse = parse or (float,) * (len(header) if header else 1)
    if header and [name.strip() for name in lines[0].split(",")] != list(header):
        raise ValueError(f"{path}, line 1: expected the header {','.join(header)!r}, got {lines[0]!r}; "
                         "is it the right file?")
    first = 2 if header else 1
    rows = [_row(path, first + i, line, parse) for i, line in enumerate(lines[first - 1:]) if line.strip()]
    if len(rows) < 2:
        raise ValueError(f"{path}: only {len(rows)} samples; the file is truncated, fetch it again")
    return np.array(rows)


def read_lines(path) -> list[str]:
    """The lines of a text file; a missing, empty or binary file is an error that says so."""
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing; fetch the data set again or correct the folder") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text; expected a CSV file, fetch it again") from None
    if not lines:
        raise ValueError(f"{path} is empty; fetch it again")
    return lines


def _row(path, number: int, line: str, parse: tuple) -> list[float]:
    cells = line.split(",")
    if len(cells) != len(parse):
        raise ValueError(f"{path}, line {number}: {len(cells)} values, expected {len(parse)}: {line[:40]!r}; "
                         "the file is damaged, fetch it again")
    try:
        values = [function(cell) for function, cell in zip(parse, cells, strict=True)]
    except ValueError:
        raise ValueError(f"{path}, line {number}: not a number in {line[:40]!r}; correct or delete the line") from None
    if not np.isfinite(values).all():
        raise ValueError(f"{path}, line {number}: NaN or infinite in {line[:40]!r}; correct or delete the line")
    return values
