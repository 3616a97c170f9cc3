"""Make requirements.lock anew from pyproject.toml: ``python tools/lock.py [--upgrade]`` (needs uv).

Every package is pinned for Linux, macOS and Windows and Python 3.11 to 3.14, with the hashes of its files;
torch is pinned without one, because its CPU builds differ by platform. uv only resolves here.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from edgekit._atomic import write_text  # noqa: E402
from edgekit.packages import declared  # noqa: E402

TORCH = "torch==2.13.0"
# What torch needs beside itself: pinned with the rest, so that installing torch adds nothing of its own.
TORCH_NEEDS = [
    "filelock",
    "typing-extensions>=4.10.0",
    "sympy>=1.13.3",
    "networkx>=2.5.1",
    "jinja2",
    "fsspec>=0.8.5",
    "setuptools>=77.0.3",
]
# uv does not heed an upper bound of Requires-Python: 1.3.1 refuses Python 3.11.
CONSTRAINTS = ["backports-strenum<1.3"]
# What others need of torch is the torch of a step of its own: none for uv to resolve, which would pin CUDA.
OVERRIDES = [f"{TORCH} ; python_version < '0'"]
HEADER = f"""\
# Made by tools/lock.py from pyproject.toml; do not edit by hand.
# One pin of each package for Linux, macOS and Windows, Python 3.11 to 3.14, with the hashes of its files.
# torch carries no hash (its CPU builds differ by platform): edgekit installs it in a step of its own.
{TORCH}
"""


def resolve(folder: Path, upgrade: bool) -> str:
    """Ask uv for one pin of each package, starting from the present lock unless all are to be upgraded."""
    wanted = [f"{name}{ranges}" for name, ranges in declared(ROOT) if name != "torch"]
    (folder / "in.txt").write_text("\n".join(wanted + TORCH_NEEDS), "utf-8")
    (folder / "constraints.txt").write_text("\n".join(CONSTRAINTS), "utf-8")
    (folder / "overrides.txt").write_text("\n".join(OVERRIDES), "utf-8")
    output = folder / "out.txt"
    present = ROOT / "requirements.lock"
    if present.is_file():
        output.write_text(present.read_text("utf-8").replace(HEADER, ""), "utf-8")
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "--only-binary",
        ":all:",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--quiet",
        "--constraint",
        folder / "constraints.txt",
        "--override",
        folder / "overrides.txt",
        "--output-file",
        output,
        folder / "in.txt",
    ]
    subprocess.run([str(part) for part in command + ["--upgrade"] * upgrade], check=True)
    return output.read_text("utf-8")


def pip_agrees(text: str, folder: Path) -> None:
    """Let pip plan the installation for this Python: what uv overlooks shows here."""
    (folder / "pins.txt").write_text(text, "utf-8")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "-r",
            str(folder / "pins.txt"),
        ],
        check=True,
    )


def main() -> int:
    folder = Path(tempfile.mkdtemp())
    try:
        text = resolve(folder, "--upgrade" in sys.argv[1:])
        pip_agrees(text, folder)
        write_text(ROOT / "requirements.lock", HEADER + text)
    finally:
        shutil.rmtree(folder)
    print(f"requirements.lock: {len(re.findall(r'^[a-z0-9]', text, re.MULTILINE)) + 1} pins")
    return 0


if __name__ == "__main__":
    sys.exit(main())
