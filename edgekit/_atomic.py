"""Write a file whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_bytes(path, data):
    """Write `data` (bytes) to `path` atomically: a reader sees the old file or the new one, never half.

    The bytes go to a temporary file in the same folder, which then replaces `path`. The folder is made if missing.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(path, data)
    except OSError as error:  # says where the caller wanted to write, not the name of the temporary file
        raise type(error)(error.errno, error.strerror, str(path)) from error


def _write(path, data):
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_text(path, text):
    """Write `text` to `path` atomically, as UTF-8 with the line ends it has."""
    write_bytes(path, text.encode("utf-8"))


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
