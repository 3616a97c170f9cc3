"""Run all tests, notebooks included; what follows goes to pytest."""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from edgekit.commands import finish
from edgekit.packages import ROOT

CELL_TIMEOUT_S = 300
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


def pytest_arguments(rest: list, root: Path = ROOT) -> list[str]:
    """All that can fail, in one run: tests, the package's doctests, each lesson cell against its output."""
    common = ["--doctest-modules", "--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT_S}"]
    if (root / SANITIZERS).is_file():
        common.append(f"--nbval-sanitize-with={SANITIZERS}")
    if any(names_tests(argument, root) for argument in rest):
        return [*common, *rest]
    lessons = sorted(str(path.relative_to(root)) for path in root.glob("notebooks/*.ipynb"))
    return [*common, *rest, "tests", "edgekit", *lessons]


def summary(report: Path, status: int) -> dict:
    """Count what pytest's JUnit report says."""
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in suites:
        for key in counts:
            counts[key] += int(suite.get(key, 0))
    return {"status": status, **counts}


def main(args) -> int:
    """Run pytest in the root of the checkout; its own closing line is the last."""
    command = [sys.executable, "-m", "pytest", *pytest_arguments(args.rest)]
    if not args.json:
        return subprocess.call(command, cwd=ROOT)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        status = subprocess.call([*command, f"--junitxml={report}"], cwd=ROOT, stdout=sys.stderr)
        finish(args, summary(report, status) if report.is_file() else {"status": status}, "")
    return status
