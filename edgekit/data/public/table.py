"""Columns of numbers out of a CSV with a header, by name; gaps are NaN."""

import numpy as np

from edgekit.data.public.recording import read_lines


def read_table(path, columns: tuple[str, ...]) -> np.ndarray:
    """The named columns of the CSV at `path`, (rows, columns) float64; an empty cell or `NaN` is NaN.

    Spaces around a name in the header do not count. Raises FileNotFoundError, or ValueError naming file, line and
    offender: a column that is missing, a cell that is no number, a line cut short.
    """
    lines = read_lines(path)
    header = [name.strip() for name in lines[0].split(",")]
    missing = [name for name in columns if name not in header]
    if missing:
        raise ValueError(f"{path}, line 1: no column {missing[0]!r} among {header}; is it the right file?")
    places = [header.index(name) for name in columns]
    body = lines[1:]
    if len(body) < 2:
        raise ValueError(f"{path}: only {len(body)} lines of samples; the file is truncated, fetch it again")
    if any(line.count(",") != len(header) - 1 for line in body):
        number = next(i for i, line in enumerate(body, 2) if line.count(",") != len(header) - 1)
        raise ValueError(f"{path}, line {number}: {body[number - 2].count(',') + 1} values, expected {len(header)}: "
                         f"{body[number - 2][:40]!r}; the file is truncated or damaged, fetch it again")
    try:
        return np.loadtxt(body, delimiter=",", usecols=places, ndmin=2)
    except ValueError:
        return np.array([_row(path, i, line.split(","), places) for i, line in enumerate(body, 2)])


def check_rate(path, time_s: np.ndarray, fs: float) -> None:
    """ValueError, naming the file, unless `time_s` (L,) rises and its mean rate is `fs` within 1 %."""
    steps = np.diff(time_s)
    if not np.isfinite(time_s).all() or (steps <= 0).any():
        line = int(np.argmax(~np.isfinite(steps) | (steps <= 0))) + 3
        raise ValueError(f"{path}, line {line}: time does not rise; the file is damaged, fetch it again")
    rate = (len(time_s) - 1) / (time_s[-1] - time_s[0])
    if abs(rate / fs - 1) > 0.01:
        raise ValueError(f"{path}: sampled at {rate:.4g} Hz by its times, expected {fs:g} Hz; it is of another set or "
                         "was resampled, fetch it again")


def _row(path, number: int, cells: list[str], places: list[int]) -> list[float]:
    try:
        return [float(cells[place]) if cells[place].strip() else np.nan for place in places]
    except ValueError:
        raise ValueError(f"{path}, line {number}: not a number in {','.join(cells)[:40]!r}; correct it, or fetch the "
                         "file again") from None
