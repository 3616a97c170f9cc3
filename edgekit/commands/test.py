"""Run all tests, notebooks included; what follows goes to pytest."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from edgekit.commands import finish
from edgekit.packages import ROOT

CELL_TIMEOUT_S = 300
WORKERS = min(os.cpu_count() or 1, 8)
SANITIZERS = "tests/nbval_sanitize.cfg"


def add_parser(subparsers):
    """Describe the command's arguments."""
    parser = subparsers.add_parser(
        "test", help=__doc__, description=__doc__, epilog="example: python3 -m edgekit test -k floors"
    )
    return parser


def names_tests(argument: str, root: Path = ROOT) -> bool:
    """Whether an argument is a place to look for tests rather than an option or its value."""
    return not argument.startswith("-") and (root / argument.split("::")[0]).exists()


def pytest_runs(rest: list, root: Path = ROOT) -> list[list[str]]:
    """The arguments of each run of pytest: tests, the package's doctests, each lesson cell against its output.

    Without arguments tests run side by side, one process a core, a file in one of them; lessons follow one after
    the other, since each has a kernel of its own. With arguments all is one run, in order.
    """
    common = ["--doctest-modules", "--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT_S}"]
    if (root / SANITIZERS).is_file():
        common.append(f"--nbval-sanitize-with={SANITIZERS}")
    lessons = sorted(str(path.relative_to(root)) for path in root.glob("notebooks/*.ipynb"))
    if any(names_tests(argument, root) for argument in rest):
        return [[*common, *rest]]
    if rest or not lessons:
        return [[*common, *rest, "tests", "edgekit", *lessons]]
    return [[*common, "-n", str(WORKERS), "--dist", "loadfile", "tests", "edgekit"], [*common, *lessons]]


def summary(reports: list, status: int) -> dict:
    """Count what pytest's JUnit reports say."""
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for report in filter(Path.is_file, reports):
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            for key in counts:
                counts[key] += int(suite.get(key, 0))
    return {"status": status, **counts}


def main(args) -> int:
    """Run pytest in the root of the checkout; its own closing lines are the last. The worst status counts."""
    with tempfile.TemporaryDirectory() as folder:
        reports, statuses = [], []
        for number, arguments in enumerate(pytest_runs(args.rest)):
            reports.append(Path(folder) / f"report{number}.xml")
            command = [sys.executable, "-m", "pytest", *arguments, f"--junitxml={reports[-1]}"]
            statuses.append(subprocess.call(command, cwd=ROOT, stdout=sys.stderr if args.json else None))
        status = max(statuses, key=abs)  # that of a run ended by a signal is negative
        if args.json:
            finish(args, summary(reports, status), "")
    return status
