"""``python3 -m edgekit``: check the Python first, in words that an old one can still read."""

import sys

MINIMUM = (3, 11)


def newer_python():
    """Name a Python on the PATH that is new enough, or return None."""
    import shutil

    which = getattr(shutil, "which", lambda name: None)
    names = ["python3.{}".format(minor) for minor in (14, 13, 12, 11)]
    return next((name for name in names if which(name)), None)


def too_old(version):
    """Say in one line that this Python is too old, where it is, and what to do; None when it will do."""
    if tuple(version[:2]) >= MINIMUM:
        return None
    found = newer_python()
    remedy = "start it as: {} -m edgekit".format(found) if found else "install Python 3.11 or newer"
    return "edgekit: Python {}.{} at {} is too old, edgekit needs {}.{} or newer; {}".format(
        version[0], version[1], sys.executable, MINIMUM[0], MINIMUM[1], remedy
    )


def main():
    """Start the command line, or say why this Python cannot."""
    complaint = too_old(sys.version_info)
    if complaint:
        sys.stderr.write(complaint + "\n")
        return 1
    from edgekit.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
