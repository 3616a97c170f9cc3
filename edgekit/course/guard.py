"""Call a learner's function so that nothing it does ends the lesson: errors, endless loops, changed arguments."""

import _thread
import copy
import linecache
import signal
import threading
import time
import traceback
from dataclasses import dataclass

import numpy as np

TIME_LIMIT_S = 5.0


@dataclass(frozen=True)
class Outcome:
    """What a call gave: a value, or an error with the line of the function where it arose."""

    value: object = None
    error: BaseException | None = None
    line: str = ""
    changed: bool = False  # the function wrote into its arguments
    timed_out: bool = False

    @property
    def unwritten(self):
        """Whether the function still holds the placeholder, or returns nothing."""
        if self.error is not None:
            return isinstance(self.error, NotImplementedError)
        return self.value is None or self.value is ...

    def describe(self, limit_s) -> str:
        """Say in one line what went wrong, and where."""
        if self.timed_out:
            return f"nothing within {limit_s:g} s; is there a loop that never ends?"
        return f"{type(self.error).__name__}: {self.error}{self.line}"


def call(function, args, limit_s=TIME_LIMIT_S) -> Outcome:
    """Return the outcome of `function(*args)`; after `limit_s` seconds a running loop is interrupted."""
    before = copy.deepcopy(args)
    clock = _Clock(limit_s)
    try:
        with clock:
            value = function(*args)
        return Outcome(value, changed=not _equal(args, before))
    except KeyboardInterrupt as error:
        if not clock.rang:
            raise
        return Outcome(error=error, timed_out=True)
    except (Exception, SystemExit) as error:
        return Outcome(error=error, line=_where(function, error))


class _Clock:
    """Interrupt the main thread when time is up; in another thread it only waits.

    The interrupt is SIGINT's, which a process in the background may have inherited as ignored: it is heard meanwhile.
    """

    def __init__(self, limit_s):
        self.rang = False
        self.handler = None
        self.timer = threading.Timer(limit_s, self._ring)
        self.timer.daemon = True

    def _ring(self):
        self.rang = True
        _thread.interrupt_main()

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            self.handler = signal.signal(signal.SIGINT, signal.default_int_handler)
            self.timer.start()

    def __exit__(self, kind, error, trace):
        self.timer.cancel()
        if self.rang and kind is not KeyboardInterrupt:  # it rang on the last step: let the interrupt arrive here
            time.sleep(0.1)
        if self.handler is not None:
            signal.signal(signal.SIGINT, self.handler)


def _where(function, error):
    """The line of the learner's function, from the innermost frame that belongs to it."""
    code = getattr(function, "__code__", None)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if code is not None and frame.filename == code.co_filename]
    if not frames:
        return ""
    number = frames[-1].lineno
    return f", in the line `{linecache.getline(frames[-1].filename, number).strip()}`"


def _equal(args, before):
    pairs = zip(args, before, strict=True)
    return all(np.array_equal(a, b, equal_nan=np.asarray(b).dtype.kind == "f") for a, b in pairs)
