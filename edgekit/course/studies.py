"""Studies: stored results of several seeds, with everything needed to distrust and to repeat them.

A lesson reads one with `Study.load(name)` and prints its values and their interval. `study_runs` computes and
verifies them.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from edgekit import _atomic
from edgekit.course.code_digest import combined
from edgekit.course.places import notebooks_dir

SCHEMA = 1


class StudyError(ValueError):
    """A study that is missing, broken, stale, or not confirmed."""


@dataclass(frozen=True)
class Study:
    """A stored study: `values[key]` holds one number per seed, in the order of `seeds`.

    `tried` counts the configurations tried before `config` was frozen; `code` maps every module and file that
    the result depends on to a digest; `host` is the kind of computer; `command` computes it again.
    """

    name: str
    question: str
    command: str
    seeds: tuple
    values: dict
    tolerance: dict
    config: dict
    tried: int
    host: dict
    code: dict

    @classmethod
    def load(cls, name, folder=None):
        """Read `NAME.json` from `folder` (default `notebooks/studies`). Raises StudyError."""
        path = studies_dir(folder) / f"{name}.json"
        try:
            return cls(**_checked(json.loads(path.read_text(encoding="utf-8")), name))
        except FileNotFoundError:
            raise StudyError(f"study: no result {path.name}; run 'edgekit study run {name}'") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudyError(f"study: {path} is broken ({error}); restore it: 'git checkout -- "
                             f"notebooks/studies/{path.name}', or 'edgekit study run {name} "
                             "--fresh'") from None

    def save(self, folder=None):
        """Write `NAME.json`, whole or not at all."""
        record = {"schema": SCHEMA, **asdict(self), "code_hash": combined(self.code)}
        path = studies_dir(folder) / f"{self.name}.json"
        _atomic.write_text(path, json.dumps(record, indent=1) + "\n")

    def mean(self, key) -> float:
        """The mean over the seeds."""
        return math.fsum(self._column(key)) / len(self.seeds)

    def interval(self, key) -> tuple[float, float]:
        """The 95 % t-interval of the mean: `mean ± t s / sqrt(n)`, with the sample deviation s."""
        column, mean, n = self._column(key), self.mean(key), len(self.seeds)
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / (n - 1))
        half = t_quantile(n - 1) * deviation / math.sqrt(n)
        return mean - half, mean + half

    def _column(self, key):
        if key not in self.values:
            raise StudyError(f"study {self.name}: no value {key!r}; there are: {', '.join(self.values)}")
        return self.values[key]


def t_quantile(df: int) -> float:
    """The 0.975 quantile of Student's t with `df` >= 4 degrees of freedom, within 0.001.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.

    >>> round(t_quantile(4), 2), round(t_quantile(9), 2)
    (2.78, 2.26)
    """
    if df < 4:
        raise ValueError(f"t_quantile: df must be at least 4, got {df}; a study has at least 5 seeds")
    z = 1.959963984540054
    return (z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
            + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * df**4))


def studies_dir(folder=None) -> Path:
    """The folder of the stored studies."""
    return Path(folder) if folder is not None else notebooks_dir() / "studies"


def _checked(record, name):
    """The fields of `Study` from a stored record. Raises ValueError for one that does not hold together."""
    if record.pop("schema") != SCHEMA:
        raise ValueError(f"its schema is unknown, this edgekit reads {SCHEMA}")
    if record["name"] != name or combined(record["code"]) != record.pop("code_hash"):
        raise ValueError("its name or its code_hash does not fit its content")
    record["seeds"] = tuple(record["seeds"])
    for key, column in record["values"].items():
        if len(column) != len(record["seeds"]) or not all(math.isfinite(value) for value in column):
            raise ValueError(f"{key} needs one finite number per seed, got {column}")
    return record
