"""Compute, repeat and affirm studies."""

import datetime
import importlib
import importlib.metadata
import json
import math
import os
import platform
import statistics
import time
from dataclasses import replace
from pathlib import Path

from edgekit import _atomic
from edgekit.course.code_digest import combined, file_digest, module_digests
from edgekit.course.places import checkout
from edgekit.course.studies import Study, StudyError, studies_dir
from edgekit.course.study_defs import Definition

DEFINITIONS = "edgekit.course.study_defs"


def declared() -> list[str]:
    """The names of all declared studies."""
    folder = Path(importlib.import_module(DEFINITIONS).__file__).parent
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def find(name: str) -> tuple[Definition, str]:
    """Return the definition of a study and the name of its module. Raises StudyError when there is none."""
    if name not in declared():
        raise StudyError(f"study: no study {name!r}; there are: {', '.join(declared()) or 'none'}; "
                         "name one of them, `study list` says what each asks")
    module = f"{DEFINITIONS}.{name}"
    return importlib.import_module(module).STUDY, module


def digests(definition: Definition, module: str) -> dict[str, str]:
    """What a result depends on: every module and every declared file, with its digest."""
    files = {f"file {name}": file_digest(checkout() / name) for name in definition.files}
    return {**module_digests(module), **files}


def stale(study: Study, code: dict[str, str]) -> list[str]:
    """The modules and files of `code` that changed since the study was computed or affirmed."""
    return sorted(key for key in study.code.keys() | code.keys() if study.code.get(key) != code.get(key))


def stale_message(name, changed) -> str:
    """Say that a study is stale, why, and what to do."""
    return (f"study {name}: stale, after a change in {', '.join(changed)}; affirm it with 'edgekit study "
            f"verify {name} --all' or compute it anew with 'edgekit study run {name}'")


def run(name, definition, module, folder=None, progress=None, say=print, fresh=False) -> Study:
    """Compute the missing cells of a study, store it, and return it.

    Each finished cell is saved at once in the folder `progress` (default `runs/studies`), so that an
    interrupted run goes on where it stopped. The result replaces an older one only when it is complete. Cells
    that other code computed are not taken over; `fresh` takes over none.
    """
    code, target = digests(definition, module), studies_dir(folder) / f"{name}.json"
    path = (Path(progress) if progress else checkout() / "runs" / "studies") / f"{name}.json"
    cells, cpu_s = ({}, {}) if fresh else _finished(path, combined(code))
    if target.exists() and not cells and not fresh and not stale(Study.load(name, folder), code):
        say(f"{name}: complete and of the present code; --fresh computes it anew")
        return Study.load(name, folder)
    for count, seed in enumerate(definition.seeds, start=1):
        if str(seed) not in cells:
            start = time.process_time()
            cells[str(seed)] = compute(name, definition, seed)
            cpu_s[str(seed)] = time.process_time() - start
            record = {"code_hash": combined(code), "cells": cells, "cpu_s": cpu_s}
            _atomic.write_text(path, json.dumps(record, indent=1))
        say(f"{name}: seed {seed} ({count} of {len(definition.seeds)}): {_row(cells[str(seed)])}")
    values = {key: [cells[str(seed)][key] for seed in definition.seeds] for key in definition.tolerance}
    study = Study(name, definition.question, f"edgekit study run {name}", definition.seeds, values,
                  definition.tolerance, definition.config, definition.tried, host(cpu_s), code)
    study.save(folder)
    path.unlink()
    return study


def compute(name, definition, seed) -> dict[str, float]:
    """Compute one cell. Raises StudyError unless it gives one finite number for every declared value."""
    row = definition.cell(seed)
    if set(row) != set(definition.tolerance):
        raise StudyError(f"study {name}: seed {seed} gave {sorted(row)}, declared are "
                         f"{sorted(definition.tolerance)}; give every value a tolerance in the definition")
    row = {key: float(row[key]) for key in definition.tolerance}
    if not all(map(math.isfinite, row.values())):
        raise StudyError(f"study {name}: seed {seed} gave {_row(row)}; every value must be finite")
    return row


def verify(name, definition, module, folder=None, every=False, today=None, say=print) -> None:
    """Repeat one cell, chosen by date, or `every` cell, and compare within the declared tolerance.

    When every cell holds, a stale study is affirmed: stored again with the present code. Raises StudyError
    for a cell outside its tolerance, other seeds than declared, and a stale study that is not affirmed.
    """
    study, code = Study.load(name, folder), digests(definition, module)
    if study.seeds != definition.seeds or set(study.values) != set(definition.tolerance):
        raise StudyError(f"study {name}: its seeds or values are not those declared; "
                         f"compute it anew with 'edgekit study run {name}'")
    day = (today or datetime.date.today()).toordinal()
    for index in range(len(study.seeds)) if every else [day % len(study.seeds)]:
        _compare(study, definition, index)
        say(f"{name}: seed {study.seeds[index]} holds")
    changed = stale(study, code)
    if changed and not every:
        raise StudyError(stale_message(name, changed))
    if changed:
        replace(study, question=definition.question, tolerance=definition.tolerance, config=definition.config,
                tried=definition.tried, code=code).save(folder)
        say(f"{name}: affirmed for the present code")


def _compare(study, definition, index):
    """Compute one cell again and raise StudyError when a value lies outside its tolerance."""
    row = compute(study.name, definition, study.seeds[index])
    for key, tolerance in definition.tolerance.items():
        stored = study.values[key][index]
        if not abs(row[key] - stored) <= tolerance:
            raise StudyError(f"study {study.name}: seed {study.seeds[index]} gave {key} = {row[key]:.6g}, "
                             f"stored is {stored:.6g} ± {tolerance:g}; find what changed, or compute it "
                             f"anew with 'edgekit study run {study.name} --fresh'")


def of_the_day(today=None, longest_s=math.inf, folder=None) -> str:
    """The declared study whose turn it is, among those of which one cell takes at most `longest_s` of processor time.

    A study whose record does not say how long its cells took counts as short.
    """
    names = [name for name in declared() if Study.load(name, folder).host.get("cell_cpu_s", 0) <= longest_s]
    return names[(today or datetime.date.today()).toordinal() % len(names)]


def host(cpu_s) -> dict:
    """The kind of computer, the versions that matter, and the processor time of a cell; no name that tells whose it is.
    """
    packages = {}
    for package in ("numpy", "torch"):
        try:
            packages[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            packages[package] = "absent"
    return {"machine": platform.machine(), "system": platform.system(), "cores": os.cpu_count(),
            "cell_cpu_s": round(statistics.median(cpu_s.values()), 1), "python": platform.python_version(), **packages}


def _finished(path, code_hash):
    """The cells of an interrupted run of the same code and their times; none when the file is not there or broken."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return (dict(record["cells"]), dict(record["cpu_s"])) if record["code_hash"] == code_hash else ({}, {})
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}


def _row(row):
    return ", ".join(f"{key} {value:.4g}" for key, value in row.items())
