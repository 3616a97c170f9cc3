"""Make the environment once, then continue in it: ``ensure`` is all that the command line calls.

`.venv` gets the pins of requirements.lock, torch in a step of its own (its CPU builds differ by platform, so
the lock holds no hash of it), and the checkout itself, editable. A stamp is written last: without it, or with
the stamp of another lock file, the next start goes on with the installation. Standard library only.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from edgekit.faults import KEPT, SetupError, diagnose
from edgekit.packages import ROOT, missing, read_lock
from edgekit.processes import call, only_one
from edgekit.progress import Progress, say

TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NEEDED_BYTES = 3_000_000_000  # measured: 2.1 GB in .venv, and what pip unpacks on the way
# Set for the process that continues inside .venv, so that it never turns in circles.
MARK = "EDGEKIT_ENVIRONMENT"


def venv_python(root: Path = ROOT) -> Path:
    """The interpreter of the kit's own environment."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stamp(root: Path = ROOT) -> dict:
    """What a finished environment records: the digest of the lock file, and the place of the checkout."""
    digest = hashlib.sha256((root / "requirements.lock").read_bytes()).hexdigest()
    return {"requirements.lock": digest, "root": str(root)}


def ready(root: Path = ROOT) -> bool:
    """Whether `.venv` was finished for exactly this lock file and this place."""
    try:
        written = json.loads((root / ".venv" / "edgekit.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return written == stamp(root) and venv_python(root).exists()


def check_disk(root: Path = ROOT) -> None:
    """Refuse to begin where the installation cannot end."""
    free = shutil.disk_usage(root).free
    if free < NEEDED_BYTES:
        raise SetupError(
            f"the disk is full: {free / 1e9:.1f} GB are free at {root}, the set-up needs "
            f"{NEEDED_BYTES / 1e9:.0f} GB; free some space, then start again"
        )


def make_venv(root: Path = ROOT) -> None:
    """Make `.venv`, without pip where this Python has no ensurepip; keep one whose interpreter runs."""
    python, target = venv_python(root), root / ".venv"
    if target.is_symlink():
        raise SetupError(f"{target} is a link to {target.resolve()}, an environment of someone else, which the set-up "
                         f"would change; remove the link, or use that environment: {python} -m edgekit lab")
    probe = "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    if python.exists() and call([python, "-c", probe])[0] == 0:
        return drop_half_installed(target)
    say(f"making the environment {target}")
    base = getattr(sys, "_base_executable", None) or sys.executable
    status, output = call([base, "-m", "venv", "--clear", target])
    if status and "No module named venv" not in output:
        status, output = call([base, "-m", "venv", "--clear", "--without-pip", target])
    if status:
        shutil.rmtree(target, ignore_errors=True)
        if "No module named venv" in output:
            raise SetupError(
                f"{base} has no venv module; install it (Debian and Ubuntu: apt install python3-venv) "
                "or use a Python from python.org or conda, then start again"
            )
        raise diagnose("making .venv", output)
    return None


def drop_half_installed(target: Path) -> None:
    """Forget packages whose installation was cut off, so that pip installs them again.

    pip writes RECORD last and renames what it replaces to ``~name``: what lacks the one or bears the other
    is cut off.
    """
    for site in (*target.glob("lib/python*/site-packages"), *target.glob("Lib/site-packages")):
        cut_off = [path for path in site.glob("*.dist-info") if not (path / "RECORD").is_file()]
        for path in (*cut_off, *site.glob("~*")):
            shutil.rmtree(path, ignore_errors=True)


def pip(root: Path = ROOT) -> list:
    """The command that installs into `.venv`: its own pip, or this Python's pip pointed at it."""
    python = venv_python(root)
    if call([python, "-m", "pip", "--version"])[0] == 0:
        return [python, "-m", "pip"]
    base = getattr(sys, "_base_executable", None) or sys.executable
    outside = [base, "-m", "pip", "--python", python]
    if call([*outside, "--version"])[0] == 0:
        return outside
    raise SetupError(
        f"{base} has neither ensurepip nor a pip of version 22.3 or newer; install one "
        "(Debian and Ubuntu: apt install python3-venv python3-pip), then start again"
    )


def cpu_index_answers() -> bool:
    """Whether PyTorch's own index of CPU builds can be used here: asked only on Linux, for at most 3 s.

    Elsewhere the default build is a CPU build already; on Linux it carries gigabytes of CUDA.
    """
    if not sys.platform.startswith("linux") or os.environ.get("PIP_NO_INDEX"):
        return False
    try:
        with urllib.request.urlopen(f"{TORCH_CPU_INDEX}/torch/", timeout=3) as answer:
            return answer.status == 200
    except (OSError, ValueError):
        return False


def install(root: Path = ROOT) -> None:
    """Install the pins with their hashes, then torch, then the checkout itself."""
    torch, others, number = read_lock(root)
    command = [*pip(root), "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(others, "utf-8")
        step(
            [*command, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", pins],
            "installing packages",
            number,
        )
    install_torch(command, torch)
    step([*command, "--no-deps", "--no-index", "--no-build-isolation", "-e", root], "installing edgekit", 1)


def install_torch(command: list, pin: str) -> None:
    """Install torch from PyTorch's CPU index where it answers, else as pip is set up here."""
    if cpu_index_answers():
        status, _ = call(
            [*command, "--no-deps", "--index-url", TORCH_CPU_INDEX, pin], Progress("installing torch", 1)
        )
        if status == 0:
            return
        say("PyTorch's CPU index did not serve this build; asking pip's own index")
    step([*command, pin], "installing torch", 1)


def step(command: list, name: str, total: int) -> None:
    """Run one step of the set-up; a failure becomes one line with its remedy."""
    status, output = call(command, Progress(name, total))
    if status:
        raise diagnose(name, output)


def prepare(root: Path = ROOT) -> Path:
    """Make or mend `.venv`, and return its interpreter."""
    with only_one(root):
        if not ready(root):
            (root / ".venv" / "edgekit.json").unlink(missing_ok=True)
            check_disk(root)
            make_venv(root)
            install(root)
            step([venv_python(root), "-c", "import numpy, torch"], "trying NumPy and torch", 1)
            (root / ".venv" / "edgekit.json").write_text(json.dumps(stamp(root)), "utf-8")
            say("the environment is complete")
    return venv_python(root)


def continue_in(python: Path, arguments: list, turn: int) -> int:
    """Run the same command inside `.venv`: in place of this process, or (on Windows) as its child."""
    command = [str(python), "-m", "edgekit", *arguments]
    os.environ[MARK] = str(turn)
    if os.name == "nt":
        return subprocess.call(command)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def ensure(arguments: list, root: Path = ROOT) -> int | None:
    """Return None when this interpreter has all packages; else set up `.venv` and continue there."""
    lacking = missing(root)
    turn = int(os.environ.pop(MARK, "0"))
    if not lacking:
        return None
    if turn > 1:
        raise SetupError(
            f".venv lacks {lacking[0]} even after the set-up; delete the folder .venv and start again"
        )
    if turn == 1:  # the stamp is right, a package was taken away since
        say(f".venv lacks {', '.join(lacking)}; mending it")
        (root / ".venv" / "edgekit.json").unlink(missing_ok=True)
    try:
        return continue_in(prepare(root), arguments, turn + 1)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"set-up interrupted; {KEPT}") from None
    except OSError as error:
        raise diagnose("setting up", str(error)) from error
