"""Download one file so that what arrives is what was published: resumed, counted, compared, then put in place.

The bytes gather in `<name>.part`. A download that was cut off goes on from there (HTTP Range, RFC 9110 section
14), if the server still has the same file (If-Range); the checksum of the whole decides at the end. Without a
network the error comes at once, and says which file to put where by hand. Standard library only.
"""

import hashlib
import http.client
import os
import re
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from edgekit import _atomic

TIMEOUT_S = 15.0
ATTEMPTS = 4
BLOCK = 1 << 18
MAX_BYTES = 64 << 30
SPARE_BYTES = 16 << 20  # left free on the disk


class FetchError(ValueError):
    """The file cannot be had, or is not the one expected; the message says what to do."""


class _CutOffError(Exception):
    """The connection broke while bytes came: worth another attempt."""


@dataclass(frozen=True)
class Wanted:
    """One published file. checksum: "sha256:<hex>" or "md5:<hex>", None where the publisher gives none."""

    url: str
    size: int | None = None
    checksum: str | None = None

    @property
    def name(self) -> str:
        """The last part of the path of the address."""
        return urlsplit(self.url).path.rsplit("/", 1)[-1]


def fetch(wanted: Wanted, target, progress=None, timeout_s: float = TIMEOUT_S, schemes=("https",)) -> Path:
    """Download `wanted` to the file `target`, unless it is there already, and return its path.

    progress: called with (bytes so far, bytes in all or None). schemes: the kinds of address allowed, also after
    a redirect. Raises FetchError: no network, refused by the server, too little disk, other size or checksum.
    """
    target = Path(target)
    _check_address(wanted.url, schemes)
    if target.is_file() and _difference(target, wanted) is None:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    _gather(wanted, part, target, progress, timeout_s, schemes)
    difference = _difference(part, wanted)
    if difference:
        _forget(part)
        raise FetchError(f"fetch: {wanted.url} gave {difference}; the publisher changed it or it was altered on the "
                         f"way, so it was thrown away; try again, or {by_hand(wanted, target)}")
    os.replace(part, target)
    _forget(part)
    return target


def by_hand(wanted: Wanted, target) -> str:
    """What to do without this program, in words."""
    about = [f"{wanted.size} bytes"] * (wanted.size is not None) + [wanted.checksum] * (wanted.checksum is not None)
    detail = f" ({', '.join(about)})" if about else ""
    return f"get {wanted.url}{detail} in another way and put it at {target}"


def digest(path, checksum: str) -> str:
    """The digest of the file at `path` by the method that `checksum` names, in the same form.

    Raises ValueError for a form that is neither "sha256:<64 hex>" nor "md5:<32 hex>".
    """
    if not re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", checksum):
        raise ValueError(f"digest: checksum must be sha256:<64 hex digits> or md5:<32 hex digits>, got {checksum!r}")
    method = checksum.split(":")[0]
    with Path(path).open("rb") as file:
        made = hashlib.file_digest(file, lambda: hashlib.new(method, usedforsecurity=False))
    return f"{method}:{made.hexdigest()}"


def _difference(path: Path, wanted: Wanted) -> str | None:
    """What is other than wanted, in words; None when nothing is."""
    size = path.stat().st_size
    if wanted.size is not None and size != wanted.size:
        return f"{size} bytes, expected {wanted.size}"
    if wanted.checksum is not None and digest(path, wanted.checksum) != wanted.checksum:
        return f"a file with {digest(path, wanted.checksum)}, expected {wanted.checksum}"
    return None


def _check_address(url: str, schemes) -> None:
    if urlsplit(url).scheme not in schemes:
        raise FetchError(f"fetch: {url} is not an address of {' or '.join(schemes)}; use the one on the card")


def _gather(wanted: Wanted, part: Path, target: Path, progress, timeout_s: float, schemes) -> None:
    """Bring the `.part` file to its full length, in several attempts if the connection breaks."""
    for attempt in range(1, ATTEMPTS + 1):
        have = _usable(part, wanted)
        if wanted.size is not None and have == wanted.size:
            return
        try:
            with _open(wanted, part, have, target, timeout_s, schemes) as response:
                return _receive(response, wanted, part, have, target, progress)
        except _CutOffError as error:
            if attempt == ATTEMPTS:
                raise FetchError(f"fetch: {wanted.url} broke off {ATTEMPTS} times ({error}); {_size(part)} bytes are "
                                 f"kept in {part}: start again to go on there, or {by_hand(wanted, target)}") from None


def _usable(part: Path, wanted: Wanted) -> int:
    """How many bytes of an earlier attempt may be kept: none, if nothing would tell a mixture of two files."""
    have = _size(part)
    told = wanted.checksum is not None or _etag_path(part).is_file()
    if have and (not told or (wanted.size is not None and have > wanted.size)):
        _forget(part)
        return 0
    return have


def _open(wanted: Wanted, part: Path, have: int, target: Path, timeout_s: float, schemes):
    headers = {"User-Agent": "edgekit", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if _etag_path(part).is_file():
            headers["If-Range"] = _etag_path(part).read_text(encoding="latin1")
    request = urllib.request.Request(wanted.url, headers=headers)
    try:
        return urllib.request.build_opener(_Redirects(schemes)).open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the part is longer than the file, or whole: begin again
            _forget(part)
            raise _CutOffError("the kept part does not fit") from None
        raise FetchError(f"fetch: {wanted.url} answers {error.code} {error.reason}; look at the page of the set for a "
                         f"new address, or {by_hand(wanted, target)}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(f"fetch: no network: {urlsplit(wanted.url).hostname} does not answer ({reason}); connect and "
                         f"start again, or {by_hand(wanted, target)}") from None


def _receive(response, wanted: Wanted, part: Path, have: int, target: Path, progress) -> None:
    resumed = response.status == 206
    if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        _forget(part)
        raise _CutOffError("the server sent another range than asked for")
    have = have if resumed else 0
    length = response.headers.get("Content-Length")
    total = have + int(length) if length and length.isdigit() else wanted.size
    _check_total(wanted, total, part, target)
    _check_room(part, (total or 0) - have, target)
    _keep_etag(part, response.headers.get("ETag"))
    have = _append(response, part, "ab" if resumed else "wb", have, wanted.size or MAX_BYTES, total, progress)
    _check_total(wanted, have if have > (wanted.size or MAX_BYTES) else None, part, target)
    if total is not None and have < total:
        raise _CutOffError(f"{have} of {total} bytes")


def _append(response, part: Path, mode: str, have: int, most: int, total: int | None, progress) -> int:
    """Write what comes, up to `most` bytes in all, and return how many there are."""
    with part.open(mode) as file:
        for block in _blocks(response):
            have += len(block)
            if have > most:
                break
            file.write(block)
            if progress:
                progress(have, total)
        file.flush()
        os.fsync(file.fileno())
    return have


def _check_total(wanted: Wanted, total: int | None, part: Path, target: Path) -> None:
    if total is None or (total <= MAX_BYTES and wanted.size in (None, total)):
        return
    _forget(part)
    expected = wanted.size or f"at most {MAX_BYTES}"
    raise FetchError(f"fetch: {wanted.url} has {total} bytes or more, expected {expected}; the "
                     f"publisher changed it; {by_hand(wanted, target)}")


def _blocks(response):
    while True:
        try:
            block = response.read(BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise _CutOffError(str(error) or type(error).__name__) from None
        if not block:
            return
        yield block


def _check_room(part: Path, missing: int, target: Path) -> None:
    free = shutil.disk_usage(part.parent).free
    if missing + SPARE_BYTES > free:
        raise FetchError(f"fetch: {target} needs {missing} more bytes, the disk has {free}; free some, or name another "
                         "folder in EDGEKIT_DATA")


def _keep_etag(part: Path, etag: str | None) -> None:
    """Only a strong validator tells that two answers are the same bytes."""
    if etag and not etag.startswith("W/"):
        _atomic.write_bytes(_etag_path(part), etag.encode("latin1"))
    else:
        _etag_path(part).unlink(missing_ok=True)


def _etag_path(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _etag_path(part).unlink(missing_ok=True)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only to an allowed kind of address."""

    def __init__(self, schemes):
        self.schemes = schemes

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        _check_address(newurl, self.schemes)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
