"""The style that a machine can hold: ruff finds nothing, and it would find something."""

import subprocess
import sys

PLACES = ("edgekit", "tests", "tools", "notebooks")


def ruff(root, *arguments, source=None):
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", *arguments]
    return subprocess.run(command, cwd=root, input=source, capture_output=True, text=True)


def test_ruff_finds_nothing(root):
    done = ruff(root, *(place for place in PLACES if (root / place).is_dir()))
    assert (done.returncode, done.stdout.strip()) == (0, "All checks passed!")


def test_ruff_would_find_an_unused_import_a_pickle_and_a_shell(root):
    source = "import os\nimport pickle\nimport subprocess\n\npickle.loads(b'')\nsubprocess.run('ls', shell=True)\n"
    found = ruff(root, "--stdin-filename", "edgekit/core/new.py", "-", source=source).stdout
    assert all(code in found for code in ("F401", "S301", "S602"))
