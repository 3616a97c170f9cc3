"""``python3 -m edgekit``: check the Python first, in words that an old one can still read."""

import sys

MINIMUM = (3, 11)


def newer_python():
    """Name a Python on the PATH that is new enough and starts, or return None."""
    import os
    import subprocess

    for name in ["python3.{}".format(minor) for minor in (13, 12, 11, 14)]:
        try:
            with open(os.devnull, "w") as nowhere:
                if subprocess.call([name, "-c", "pass"], stdout=nowhere, stderr=nowhere) == 0:
                    return name
        except OSError:
            continue
    return None


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
