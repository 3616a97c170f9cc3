"""Claims: results of a lesson that must hold on every computer, each with a tolerance and its reason.

`notebooks/claims.json` maps a name to its reference value, tolerance, unit and reason. A lesson calls
`claim(name, value)`; the printed line is the same on every computer, and a value outside raises.
"""

import json
import math
import re
from pathlib import Path

from edgekit import _atomic
from edgekit.course.places import notebooks_dir

NAME = re.compile(r"^[a-z0-9_]+(/[a-z0-9_]+)+$")


class ClaimError(ValueError):
    """A result that is not what the lesson says."""


def claim(name, value, path=None):
    """Print what is claimed, after checking `|value - reference| <= tolerance`.

    `name` is a key of the claims file (`path`, default `notebooks/claims.json`); `value` is a number. The
    printed line holds the reference and the tolerance, never `value`, whose last digits may differ. Raises
    ClaimError for an unknown name, a value that is not a finite number, and a value outside.
    """
    entry = load(path).get(name)
    if entry is None:
        raise ClaimError(f"claim: no claim {name!r} in {_path(path).name}; record it "
                         f"with 'edgekit lessons claim {name} {value!r} --tolerance T --why REASON'")
    reference, tolerance, unit = entry["reference"], entry["tolerance"], entry["unit"]
    said = f"{reference:g} ± {tolerance:g}{' ' + unit if unit else ''}"
    number = _number(name, value)
    if not abs(number - reference) <= tolerance:
        raise ClaimError(f"claim {name}: got {number:.6g}, expected {said} ({entry['why']}); find what "
                         "changed, or record the new value and say why")
    print(f"claim {name}: {said} holds")


def load(path=None) -> dict:
    """Read the claims file. Raises ClaimError when it is missing, not JSON, or an entry is incomplete."""
    path = _path(path)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        for name, entry in entries.items():
            _checked(name, entry)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClaimError(f"claim: {path} is not a claims file ({type(error).__name__}: {error}); restore it "
                         "with 'git checkout -- notebooks/claims.json'") from None
    return entries


def record(name, reference, tolerance, why, unit="", path=None):
    """Add or replace one claim in the claims file, written whole or not at all."""
    path = _path(path)
    entries = load(path) if path.exists() else {}
    entries[name] = {"reference": reference, "tolerance": tolerance, "unit": unit, "why": why}
    _checked(name, entries[name])
    _atomic.write_text(path, json.dumps(dict(sorted(entries.items())), indent=2, ensure_ascii=False) + "\n")


def _path(path):
    return Path(path) if path is not None else notebooks_dir() / "claims.json"


def _number(name, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ClaimError(f"claim {name}: value must be one number, got {value!r}; print it first") from None
    if not math.isfinite(number):
        raise ClaimError(f"claim {name}: value must be finite, got {number}; look for a division by 0")
    return number


def _checked(name, entry):
    if not NAME.match(name):
        raise ValueError(f"claim: a name must be lesson/what in lower case, got {name!r}; write one such as "
                         "quantize/db_per_bit")
    reference, tolerance, why = float(entry["reference"]), float(entry["tolerance"]), entry["why"]
    if not (math.isfinite(reference) and math.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"{name}: reference and tolerance >= 0 must be finite, got {reference}, {tolerance}")
    if not (isinstance(why, str) and why.strip() and isinstance(entry["unit"], str)):
        raise ValueError(f"{name}: say in 'why' whence the tolerance comes, and give a unit, or an empty one")
