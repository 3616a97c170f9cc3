"""Keep the greetings of native libraries out of a lesson, whose output must be the same on every computer."""

import os
import tempfile
from contextlib import contextmanager

STDERR = 2  # the file descriptor itself: libraries in C++ know nothing of `sys.stderr`


@contextmanager
def quiet():
    """Within it nothing reaches standard error. If an exception leaves it, what was held back is written after all.

    >>> with quiet():
    ...     _ = os.write(2, b"INFO: hello")
    """
    with tempfile.TemporaryFile() as kept:
        before = os.dup(STDERR)
        os.dup2(kept.fileno(), STDERR)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(before, STDERR)
            os.close(before)
            if failed:
                kept.seek(0)
                os.write(STDERR, kept.read())
