"""Say what is here, what is missing and how to get it."""

import platform
import sys
from pathlib import Path

from edgekit import __version__, bootstrap, health
from edgekit.commands import finish
from edgekit.packages import ROOT, missing

SAY = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}


def add_parser(subparsers):
    """Describe the command's arguments."""
    return subparsers.add_parser("doctor", help=__doc__, description=__doc__)


def describe(finding: health.Finding) -> str:
    """One finding as a line for people, its remedy behind an arrow."""
    remedy = f"  -> {finding.remedy}" if finding.remedy else ""
    return f"{SAY[finding.status]} {finding.name:15} {finding.found}{remedy}"


def main(args) -> int:
    """Report on `.venv` where it is finished, else on this interpreter; 1 when there is a problem."""
    if bootstrap.ready() and Path(sys.prefix) != ROOT / ".venv" and missing():
        arguments = ["doctor"] + ["--json"] * args.json + ["--debug"] * args.debug
        return bootstrap.continue_in(bootstrap.venv_python(), arguments, 1)
    found = health.examine()
    problems = sum(finding.status == "problem" for finding in found)
    lines = [f"edgekit {__version__} on {platform.platform()}", *map(describe, found)]
    lines.append(f"{problems} problem{'' if problems == 1 else 's'}")
    result = {"version": __version__, "platform": platform.platform(), "problems": problems}
    result["findings"] = [finding._asdict() for finding in found]
    finish(args, result, "\n".join(lines))
    return 1 if problems else 0
