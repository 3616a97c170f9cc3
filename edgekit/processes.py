"""Run one command with its progress shown, and keep two set-ups apart. Standard library only."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

from edgekit.packages import ROOT
from edgekit.progress import Progress, say


def call(command: list, progress: Progress | None = None) -> tuple[int, str]:
    """Run a command, show its progress, and return its exit status with all that it wrote."""
    progress = progress or Progress("")
    lines = []
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        close_fds=False,  # the child keeps the set-up's lock, should it outlive us
    )
    try:
        with progress:
            for line in process.stdout:
                lines.append(line)
                progress.line(line)
        return process.wait(), "".join(lines)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def only_one(root: Path = ROOT):
    """Hold the set-up to one process at a time; the lock falls when that process and its pip have ended."""
    with open(root / ".edgekit-setup.lock", "a+b") as handle:
        if not _try_lock(handle):
            say("another set-up is at work in this checkout; waiting for it")
            while not _try_lock(handle):
                time.sleep(0.5)
        os.set_inheritable(handle.fileno(), True)
        yield


def _try_lock(handle) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
