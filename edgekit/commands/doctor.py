"""Say what is here, what is missing and how to get it."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from edgekit import __version__, bootstrap
from edgekit.commands import finish
from edgekit.packages import ROOT, declared, installed, satisfies

# name -> (package, Python that only works when it is usable, what it is for)
BACK_ENDS = {
    "litert": (
        "ai-edge-litert",
        "import ai_edge_litert.interpreter",
        "runs .tflite: the outside judge of integers",
    ),
    "onnx": ("onnx", "import onnx", "writes and checks ONNX files"),
    "ort": ("onnxruntime", "import onnxruntime", "runs ONNX files"),
    "zig": (
        "ziglang",
        "import runpy, sys; sys.argv = ['zig', 'version']; runpy.run_module('ziglang')",
        "compiles C for the host and for Cortex-M",
    ),
    "unicorn": ("unicorn", "import unicorn, capstone", "the virtual microcontroller (with capstone)"),
    "vela": ("ethos-u-vela", "import ethosu.vela", "estimates cycles of an Ethos-U"),
    "optuna": ("optuna", "import optuna", "searches for recipes"),
    "flower": ("flwr", "import flwr", "scales federated learning out"),
}
ALSO_NEEDS = {"unicorn": "capstone"}
FEATURES = (
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "amx_int8",
    "asimd",
    "asimddp",
    "i8mm",
    "sve",
)
SAY = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}


class Finding(NamedTuple):
    """One line of the report: `status` is ok, note (the kit works without) or problem."""

    name: str
    status: str
    found: str
    remedy: str = ""


def add_parser(subparsers):
    """Describe the command's arguments."""
    return subparsers.add_parser("doctor", help=__doc__, description=__doc__)


def python() -> list[Finding]:
    """The interpreter, and whether it could make an environment."""
    found = [Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")]
    lacking = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if "venv" in lacking:
        found.append(
            Finding("venv", "problem", "no venv module", "Debian and Ubuntu: apt install python3-venv")
        )
    elif lacking and not importlib.util.find_spec("pip"):
        found.append(
            Finding(
                "pip", "problem", "neither ensurepip nor pip", "Debian and Ubuntu: apt install python3-pip"
            )
        )
    return found


def environment(root: Path = ROOT) -> Finding:
    """Which environment this is, and whether it is finished."""
    inside = Path(sys.prefix) == root / ".venv"
    if bootstrap.ready(root):
        return Finding(
            "environment", "ok", f"{root / '.venv'}{', in use' if inside else ''}, as requirements.lock says"
        )
    if not any(installed(name) is None for name, _ in declared(root)):
        return Finding("environment", "ok", f"{sys.prefix}, your own")
    return Finding("environment", "note", "not made yet", "the first `python3 -m edgekit lab` makes it")


def packages(complete: bool, root: Path = ROOT) -> list[Finding]:
    """Each required package against its range; a wrong one is a problem only after the set-up."""
    status, remedy = "note", "the first `python3 -m edgekit lab` installs it"
    if complete:
        status, remedy = (
            "problem",
            "python3 -m edgekit lab (or test) mends .venv; elsewhere: pip install -e .",
        )
    found = []
    for name, ranges in declared(root):
        version = installed(name)
        good = version is not None and satisfies(version, ranges)
        found.append(
            Finding(name, "ok", version)
            if good
            else Finding(name, status, f"{version or 'not installed'}, wanted {ranges}", remedy)
        )
    return found


def usable(code: dict[str, str]) -> dict[str, str]:
    """Run each piece of Python in its own process, all at once: '' where it worked, else its last line."""
    running = {
        name: subprocess.Popen(
            [sys.executable, "-c", text],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for name, text in code.items()
    }
    result = {}
    for name, process in running.items():
        output = process.communicate()[0].strip().splitlines()
        result[name] = (
            "" if process.returncode == 0 else (output or [f"ended with status {process.returncode}"])[-1]
        )
    return result


def torch_build() -> list[Finding]:
    """Whether torch imports, and for what it was built."""
    if installed("torch") is None:
        return []
    code = "import torch; print('CUDA' if torch.version.cuda else 'CPU', torch.get_num_threads())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return [
            Finding(
                "torch build",
                "problem",
                f"torch does not import: {why}",
                "delete .venv and start again; the CPU needs 64 bits and a recent system library",
            )
        ]
    build, threads = done.stdout.strip().rsplit(" ", 1)
    return [Finding("torch build", "ok", f"{build} build, {threads} threads")]


def back_ends() -> list[Finding]:
    """What exports, checks and emulates, each tried in a process of its own."""
    here = {name: code for name, (package, code, _) in BACK_ENDS.items() if installed(package)}
    wrong, found = usable(here), []
    for name, (package, _, purpose) in BACK_ENDS.items():
        if name in here and not wrong[name]:
            found.append(Finding(name, "ok", f"{installed(package)}: {purpose}"))
            continue
        wanted = f"{package} {ALSO_NEEDS[name]}" if name in ALSO_NEEDS else package
        state = f"does not work: {wrong[name]}" if name in here else "not installed"
        found.append(
            Finding(name, "note", f"{state}; {purpose}", f"{sys.executable} -m pip install {wanted}")
        )
    return found


def chromium() -> Finding:
    """The browser that drives the one test of widgets in a real page."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path:
        return Finding("chromium", "ok", f"{path}: the browser test")
    return Finding(
        "chromium",
        "note",
        "not installed; the browser test is skipped",
        "Debian and Ubuntu: apt install chromium",
    )


def cpu() -> list[Finding]:
    """Cores, and the vector instructions that decide how fast integers run."""
    flags, info = set(), Path("/proc/cpuinfo")
    if info.is_file():
        flags = set(info.read_text("utf-8", errors="replace").split())
    elif sys.platform == "darwin":
        done = subprocess.run(
            ["sysctl", "-a", "machdep.cpu", "hw.optional"], capture_output=True, text=True, check=False
        )
        flags = set(done.stdout.lower().replace(".", "_").split())
    have = [name for name in FEATURES if name in flags]
    usable_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        Finding("cpu", "ok", f"{platform.machine()}, {usable_cores} of {os.cpu_count()} cores"),
        Finding("cpu features", "ok", " ".join(have) or "not readable on this system"),
    ]


def disk(finished: bool, root: Path = ROOT) -> Finding:
    """Room for the environment, or beside it."""
    free, needed = shutil.disk_usage(root).free, 200_000_000 if finished else bootstrap.NEEDED_BYTES
    text = f"{free / 1e9:.1f} GB free at {root}"
    if free >= needed:
        return Finding("disk", "ok", text)
    return Finding("disk", "problem", text, f"free {needed / 1e9:.1f} GB")


def public_data() -> Finding:
    """Where the public recordings lie, which are not shipped."""
    value = os.environ.get("EDGEKIT_DATA", "")
    if not value:
        return Finding(
            "EDGEKIT_DATA",
            "note",
            "not set; lessons use the embedded data",
            "set it to a folder of public data",
        )
    if not Path(value).is_dir():
        return Finding("EDGEKIT_DATA", "problem", f"{value} is not a folder", "correct it, or unset it")
    names = sorted(path.name for path in Path(value).iterdir() if not path.name.startswith("."))
    return Finding("EDGEKIT_DATA", "ok", f"{value}: {', '.join(names) or 'empty'}")


def examine() -> list[Finding]:
    """Everything, from the interpreter outwards."""
    where = environment()
    finished = where.status == "ok"
    return [
        *python(),
        where,
        *packages(finished),
        *torch_build(),
        *cpu(),
        disk(finished),
        *back_ends(),
        chromium(),
        public_data(),
    ]


def describe(finding: Finding) -> str:
    """One finding as a line for people, its remedy behind an arrow."""
    remedy = f"  -> {finding.remedy}" if finding.remedy else ""
    return f"{SAY[finding.status]} {finding.name:15} {finding.found}{remedy}"


def main(args) -> int:
    """Report on `.venv` where it is finished, else on this interpreter; 1 when there is a problem."""
    if (
        bootstrap.ready()
        and Path(sys.prefix) != ROOT / ".venv"
        and any(installed(name) is None for name, _ in declared())
    ):
        arguments = ["doctor"] + ["--json"] * args.json + ["--debug"] * args.debug
        return bootstrap.continue_in(bootstrap.venv_python(), arguments, 1)
    found = examine()
    problems = [finding for finding in found if finding.status == "problem"]
    lines = [f"edgekit {__version__} on {platform.platform()}", *map(describe, found)]
    lines.append(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}")
    finish(
        args,
        {
            "version": __version__,
            "platform": platform.platform(),
            "problems": len(problems),
            "findings": [finding._asdict() for finding in found],
        },
        "\n".join(lines),
    )
    return 1 if problems else 0
