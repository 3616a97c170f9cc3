"""Progress on standard error while packages are installed, with a sign of life where it takes long."""

import re
import sys
import threading
import time


def say(text: str) -> None:
    """Tell the user something without touching standard output, which belongs to results."""
    print(f"edgekit: {text}", file=sys.stderr, flush=True)


class Progress:
    """Count what pip says that it collects; tell the time when nothing happens for a while.

    With an empty name nothing is shown. On a terminal one line is rewritten, elsewhere every tenth package
    is told.
    """

    verbose = False  # set by --debug: every line as it comes

    def __init__(self, name: str, total: int = 0, quiet_s: float = 10.0):
        self.name, self.total, self.quiet_s = name, total, quiet_s
        self.count, self.doing, self.start, self.told = 0, "starting", time.monotonic(), time.monotonic()
        self.finished = threading.Event()

    def __enter__(self):
        if self.name:
            self.tell(self.name)
            threading.Thread(target=self._alive, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.finished.set()
        if self.name and sys.stderr.isatty():
            print(file=sys.stderr)

    def line(self, text: str) -> None:
        """Read one line of pip's output."""
        if self.verbose:
            print(text, end="", file=sys.stderr)
        begun = re.match(
            r"(?:Collecting|Processing|Obtaining|Requirement already satisfied:|Ignoring) ([^\s=<>;:]+)", text
        )
        size = re.match(r"\s*Downloading (\S+) \(([\d.]+ [MG]B)\)", text)
        if begun:
            self.count += 1
            self.doing = re.split(r"[/\\]", begun.group(1))[-1].split("-")[0]
        elif size and not size.group(2).startswith(("1.", "2.", "3.", "4.")):
            self.doing = f"{size.group(1).split('-')[0]} ({size.group(2)})"
        elif text.startswith("Installing collected packages"):
            self.doing = "unpacking (the longest step)"
        else:
            return
        if self.name and (sys.stderr.isatty() or not begun or self.count % 10 == 0):
            self.tell(f"{self.name} [{min(self.count, self.total)}/{self.total}] {self.doing}")

    def tell(self, text: str) -> None:
        """Show a line, in place of the one before on a terminal."""
        self.told = time.monotonic()
        text = f"edgekit: {text}, {self.told - self.start:.0f} s"
        if sys.stderr.isatty() and not self.verbose:
            print(f"\r\x1b[2K{text[:100]}", end="", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)

    def _alive(self) -> None:
        while not self.finished.wait(1.0):
            if time.monotonic() - self.told >= self.quiet_s:
                self.tell(f"{self.name} [{min(self.count, self.total)}/{self.total}] {self.doing}")
