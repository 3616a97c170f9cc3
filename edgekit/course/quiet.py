"""Keep the greetings of other libraries out of a lesson, whose output must be the same on every computer."""

import logging
import os
import sys
import tempfile
import warnings
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout

STDERR = 2  # the file descriptor itself: libraries in C++ know nothing of `sys.stderr`


@contextmanager
def quiet():
    """Within it nothing is told: no print, no warning, no log message below an error, nothing on standard error.

    If an exception leaves it, what was held back is written to standard error after all.

    >>> with quiet():
    ...     _ = os.write(2, b"INFO: hello")
    ...     print("Loading ...")
    """
    with tempfile.TemporaryFile("w+", buffering=1, encoding="utf-8") as kept:
        try:
            with ExitStack() as held:
                held.enter_context(_descriptor(kept.fileno()))
                held.enter_context(redirect_stdout(kept))
                held.enter_context(redirect_stderr(kept))
                held.enter_context(warnings.catch_warnings(action="ignore"))
                held.enter_context(_logs_of_errors_only())
                yield
        except BaseException:
            kept.seek(0)
            sys.stderr.write(kept.read())
            raise


@contextmanager
def _descriptor(target):
    """Let the descriptor of standard error lead to `target`."""
    before = os.dup(STDERR)
    os.dup2(target, STDERR)
    try:
        yield
    finally:
        os.dup2(before, STDERR)
        os.close(before)


@contextmanager
def _logs_of_errors_only():
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
