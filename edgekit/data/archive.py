"""Unpack an archive from a stranger: only files, only below the folder, only as much as was said.

A tar or zip names its members itself, and a name may be `../../.bashrc`, `/etc/passwd` or a link to either; a
few kilobytes may unpack to terabytes. So every name is checked before anything is written, links and devices
are refused, bytes are counted while they are written, and the whole is unpacked beside its place and moved
there only when it is complete.
"""

import gzip
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

MAX_BYTES = 64 << 30
MAX_FILES = 500_000
BLOCK = 1 << 20
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError,
           NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Member:
    """One entry: its name as written in the archive, its size as the archive says, what it is."""

    name: str
    size: int
    kind: str  # "file", "folder" or what it is instead
    handle: object


def extract(path, into, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES, progress=None) -> list[Path]:
    """Unpack the tar (plain, gz, bz2, xz) or zip at `path` below the folder `into`; return the new files.

    progress: called with (bytes written, bytes in all). Raises FileNotFoundError, or ValueError naming the
    archive and the member: damaged, a name that leaves the folder, a link or device, a name twice, more than
    `max_files` members or `max_bytes` bytes, or a file that is already there and differs in kind.
    """
    path, into = Path(path), Path(into)
    with _opened(path) as (members, open_member):
        members = _checked(path, members, max_bytes, max_files)
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=into) as draft:
            try:
                files = _write_all(path, members, open_member, Path(draft), progress)
            except DAMAGED as error:
                raise _damaged(path, error) from None
            return [_move(path, Path(draft), into, name) for name in files]


def safe_name(name: str) -> PurePosixPath:
    """The member name as a relative path, or ValueError when it is not one on every system.

    >>> safe_name("./set/a.wav")
    PurePosixPath('set/a.wav')
    >>> safe_name("set/../../a.wav")
    Traceback (most recent call last):
    ...
    ValueError: it leaves the folder
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith(("/", "\\")) or ".." in parts:
        raise ValueError("it leaves the folder")
    if any(character in '\\:*?"<>|' or ord(character) < 32 for character in name):
        raise ValueError("it has a character that not every system allows in a name")
    if any(len(part.encode()) > 255 or part != part.rstrip(" .") for part in parts):
        raise ValueError("it is longer than 255 bytes or ends in a point or a space")
    return PurePosixPath(*parts)


@contextmanager
def _opened(path: Path):
    """(members, how to open one) of an archive of either kind."""
    if not path.is_file():
        raise FileNotFoundError(f"extract: no file {path}; fetch it first")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield [_from_zip(info) for info in archive.infolist()], archive.open
        else:
            with tarfile.open(path) as archive:
                yield (_from_tar(info) for info in archive), archive.extractfile
    except DAMAGED as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(f"extract: {path} is not a whole tar or zip ({type(error).__name__}: {error}); fetch it again")


def _from_tar(info: tarfile.TarInfo) -> Member:
    is_a = {"file": info.isreg(), "folder": info.isdir(), "link": info.islnk() or info.issym(), "device": True}
    return Member(info.name, info.size, next(kind for kind, true in is_a.items() if true), info)


def _from_zip(info: zipfile.ZipInfo) -> Member:
    mode = info.external_attr >> 16
    if info.is_dir():
        kind = "folder"
    elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
        kind = "encrypted file" if info.flag_bits & 1 else "file"
    else:
        kind = "link" if stat.S_ISLNK(mode) else "device"
    # zipfile turns the system's separator into a slash; what was written counts here
    return Member(info.orig_filename, info.file_size, kind, info)


def _checked(path: Path, members, max_bytes: int, max_files: int) -> list[tuple[PurePosixPath, Member]]:
    """The files, with safe names; everything is looked at before anything is written."""
    files, seen, total = [], {}, 0
    for count, member in enumerate(members, 1):
        if count > max_files:
            raise ValueError(f"extract: {path} has more than {max_files} members; raise max_files if that is right")
        name = _name(path, member)
        total += member.size
        if total > max_bytes:
            raise ValueError(f"extract: {path} unpacks to more than {max_bytes} bytes (at {member.name!r}); "
                             "raise max_bytes if that is right")
        if member.kind == "file":
            _once(path, name, seen)
            files.append((name, member))
    return files


def _name(path: Path, member: Member) -> PurePosixPath:
    if member.kind not in ("file", "folder"):
        raise ValueError(f"extract: {path} has the {member.kind} {member.name!r}, expected files and folders only; "
                         "it is not the archive of the card, nothing was written")
    try:
        return safe_name(member.name)
    except ValueError as error:
        raise ValueError(f"extract: {path} has a member {member.name!r}: {error}; it is not the archive of the card, "
                         "nothing was written") from None


def _once(path: Path, name: PurePosixPath, seen: dict) -> None:
    """Refuse a name twice, also where a system does not tell `A` from `a`, and a file used as a folder."""
    key = str(name).casefold()
    if key in seen or not name.parts:
        raise ValueError(f"extract: {path} has two members for {str(name)!r}; it is not the archive of the card, "
                         "nothing was written")
    seen[key] = name


def _write_all(path: Path, members, open_member, draft: Path, progress) -> list[PurePosixPath]:
    total, written = sum(member.size for _, member in members), 0
    for name, member in members:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_member(member.handle) as source, target.open("xb") as file:
            written += _copy(path, source, file, member)
        if progress:
            progress(written, total)
    return [name for name, _ in members]


def _copy(path: Path, source: IO[bytes], file: IO[bytes], member: Member) -> int:
    """Copy one member, and no byte more than the archive said that it has."""
    written = 0
    while block := source.read(BLOCK):
        written += len(block)
        if written > member.size:
            break
        file.write(block)
    if written != member.size:
        more = "more than" if written > member.size else f"{written} of"
        raise ValueError(f"extract: {path} has {more} {member.size} bytes in {member.name!r}; it is damaged, "
                         "fetch it again")
    return written


def _move(path: Path, draft: Path, into: Path, name: PurePosixPath) -> Path:
    target = into / name
    inside = os.path.realpath(target.parent)
    if os.path.commonpath([inside, os.path.realpath(into)]) != os.path.realpath(into):
        raise ValueError(f"extract: {target} leads out of {into} through a link; remove the link first")
    if target.is_dir():
        raise ValueError(f"extract: {target} is a folder, but {path} has a file of that name; move it away first")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(draft / name, target)
    return target
