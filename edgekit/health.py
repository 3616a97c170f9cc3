"""What is here and what is missing, as findings with remedies; packages are tried in other processes."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from edgekit import bootstrap
from edgekit.packages import ROOT, declared, installed, missing, satisfies

SETUP = "`python3 -m edgekit lab` installs"
# name -> (packages, Python that only works when it is usable, what it is for)
BACK_ENDS = {
    "litert": ("ai-edge-litert", "import ai_edge_litert.interpreter", "runs .tflite, judges our integers"),
    "onnx": ("onnx", "import onnx", "writes and checks ONNX files"),
    "ort": ("onnxruntime", "import onnxruntime", "runs ONNX files"),
    "zig": (
        "ziglang",
        "import runpy, sys; sys.argv = ['zig', 'version']; runpy.run_module('ziglang')",
        "compiles C for the host and for Cortex-M",
    ),
    "unicorn": ("unicorn capstone", "import unicorn, capstone", "the virtual microcontroller"),
    "vela": ("ethos-u-vela", "import ethosu.vela", "estimates the cycles of an Ethos-U"),
    "optuna": ("optuna", "import optuna", "searches for recipes"),
    "flower": ("flwr", "import flwr", "scales federated learning out"),
}
FEATURES = (
    *("sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"),
    *("asimd", "asimddp", "i8mm", "sve"),
)


class Finding(NamedTuple):
    """One line of the report: `status` is ok, note (the kit works without) or problem."""

    name: str
    status: str
    found: str
    remedy: str = ""


def python() -> list[Finding]:
    """The interpreter, and whether it could make an environment."""
    found = [Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")]
    have = {name: importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip", "pip")}
    apt = "Debian and Ubuntu: apt install python3-venv python3-pip"
    if not have["venv"]:
        found.append(Finding("venv", "problem", "this Python has no venv module", apt))
    elif not have["ensurepip"] and not have["pip"]:
        found.append(Finding("pip", "problem", "this Python has neither ensurepip nor pip", apt))
    return found


def environment(root: Path = ROOT) -> Finding:
    """Which environment this is, and whether it is finished."""
    inside = Path(sys.prefix) == root / ".venv"
    if bootstrap.ready(root) and inside:
        return Finding("environment", "ok", f"{root / '.venv'}, as requirements.lock says")
    if not missing(root):
        return Finding("environment", "ok", f"{sys.prefix}, your own")
    state = f"{root / '.venv'} is not finished" if (root / ".venv").exists() else "not made yet"
    return Finding("environment", "note", state, f"{SETUP} it")


def packages(root: Path = ROOT) -> list[Finding]:
    """Each required package against its range; a wrong one is a problem only after the set-up."""
    lacking = [name for name, _ in declared(root) if installed(name) is None]
    if lacking and not bootstrap.ready(root):
        count = f"{len(lacking)} of {len(declared(root))} are not installed yet"
        return [Finding("packages", "note", count, f"{SETUP} them")]
    remedy = "python3 -m edgekit lab (or test) mends .venv; in an environment of your own: pip install -e ."
    found = []
    for name, ranges in declared(root):
        version = installed(name)
        if version is not None and satisfies(version, ranges):
            found.append(Finding(name, "ok", version))
        else:
            found.append(Finding(name, "problem", f"{version or 'not installed'}, wanted {ranges}", remedy))
    return found


def outside(code: dict[str, str]) -> dict[str, tuple[bool, str]]:
    """Run each piece of Python in its own process, all at once: whether it worked, and its last line."""
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
        lines = process.communicate()[0].strip().splitlines() or [f"status {process.returncode}"]
        result[name] = (process.returncode == 0, lines[-1])
    return result


def torch_build() -> list[Finding]:
    """Whether torch imports, and for what it was built."""
    if installed("torch") is None:
        return []
    code = "import torch; print('CUDA' if torch.version.cuda else 'CPU', torch.get_num_threads())"
    works, line = outside({"torch": code})["torch"]
    if not works:
        return [Finding("torch build", "problem", line, "delete .venv and start again; torch wants 64 bits")]
    build, threads = line.split()
    return [Finding("torch build", "ok", f"{build} build, {threads} threads")]


def back_ends(root: Path = ROOT) -> list[Finding]:
    """What exports, checks and emulates, each tried in a process of its own."""
    here = {name: code for name, (wanted, code, _) in BACK_ENDS.items() if installed(wanted.split()[0])}
    required = {name for name, _ in declared(root)}
    target = bootstrap.venv_python(root) if missing(root) else sys.executable
    tried, found = outside(here), []
    for name, (wanted, _, purpose) in BACK_ENDS.items():
        works, line = tried.get(name, (False, "not installed"))
        if works:
            found.append(Finding(name, "ok", f"{installed(wanted.split()[0])}, {purpose}"))
            continue
        remedy = f"{SETUP} it" if wanted in required else f"{target} -m pip install {wanted}"
        found.append(Finding(name, "note", f"{line}; {purpose}", remedy))
    return found


def chromium() -> Finding:
    """The browser that drives the one test of widgets in a real page."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path:
        return Finding("chromium", "ok", f"{path}, for the browser test")
    remedy = "Debian and Ubuntu: apt install chromium"
    return Finding("chromium", "note", "not installed; the browser test is skipped", remedy)


def cpu() -> list[Finding]:
    """Cores, and the vector instructions that decide how fast integers run."""
    flags, info = set(), Path("/proc/cpuinfo")
    if info.is_file():
        flags = set(info.read_text("utf-8", errors="replace").split())
    elif sys.platform == "darwin":
        line = ["sysctl", "-a", "machdep.cpu", "hw.optional"]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        flags = set(done.stdout.lower().replace(".", "_").split())
    have = " ".join(name for name in FEATURES if name in flags)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        Finding("cpu", "ok", f"{platform.machine()}, {cores} of {os.cpu_count()} cores"),
        Finding("cpu features", "ok", have or "not readable on this system"),
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
    name, value = "EDGEKIT_DATA", os.environ.get("EDGEKIT_DATA", "")
    if not value:
        return Finding(
            name, "note", "not set; the embedded data are used", "set it to a folder of public data"
        )
    if not Path(value).is_dir():
        return Finding(name, "problem", f"{value} is not a folder", "correct it, or unset it")
    folders = sorted(path.name for path in Path(value).iterdir() if not path.name.startswith("."))
    return Finding(name, "ok", f"{value}: {', '.join(folders) or 'empty'}")


def examine(root: Path = ROOT) -> list[Finding]:
    """Everything, from the interpreter outwards."""
    where = environment(root)
    inner = [*python(), where, *packages(root), *torch_build(), *cpu(), disk(where.status == "ok", root)]
    return [*inner, *back_ends(root), chromium(), public_data()]
