"""What is made once and kept in the user's cache: EDGEKIT_CACHE, else the platform's folder for caches."""

import os
import sys
from pathlib import Path

from edgekit import _atomic


def cache_dir() -> Path:
    """The folder of generated data that may be deleted at any time."""
    if named := os.environ.get("EDGEKIT_CACHE"):
        return Path(named)
    home = Path.home()
    place = {"win32": home / "AppData" / "Local", "darwin": home / "Library" / "Caches"}.get(sys.platform)
    return (place or Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")) / "edgekit"


def cached_bytes(name: str, build) -> bytes:
    """The bytes of the cache file `name`; `build()` makes them, once, when it is not there."""
    path = cache_dir() / name
    if path.is_file():
        return path.read_bytes()
    content = build()
    _atomic.write_bytes(path, content)
    return content
