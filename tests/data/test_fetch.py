"""Downloads against a server on this computer that can resume, refuse, break off and lie."""

import hashlib
import http.server
import socket
import threading
import time

import pytest

from edgekit.data.fetch import FetchError, Wanted, by_hand, digest, fetch

CONTENT = bytes((i * i + 31 * i) % 256 for i in range(700_001))
SIZE = len(CONTENT)
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.content` in the manner that `server.manner` says, and notes every request."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        server = self.server
        server.requests.append(dict(self.headers))
        if server.redirect:
            self.send_response(302)
            self.send_header("Location", server.redirect)
            self.end_headers()
            return
        if server.status != 200:
            self.send_error(server.status)
            return
        start = self.start_of_range()
        if start is not None and start >= len(server.content):
            self.send_error(416)
            return
        body = server.content[start or 0:]
        self.send_response(206 if start is not None else 200)
        if start is not None:
            claimed = start + server.range_offset
            self.send_header("Content-Range", f"bytes {claimed}-{len(server.content) - 1}/{len(server.content)}")
        if server.etag:
            self.send_header("ETag", server.etag)
        if server.say_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = server.cuts.pop(0) if server.cuts else None
        self.wfile.write(body if cut is None else body[:cut])
        self.close_connection = True

    def start_of_range(self):
        asked = self.headers.get("Range")
        same = self.headers.get("If-Range") in (None, self.server.etag)
        if not (self.server.ranges and asked and same):
            return None
        return int(asked.removeprefix("bytes=").rstrip("-"))


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.content, server.requests, server.cuts = CONTENT, [], []
        server.status, server.redirect, server.etag = 200, None, '"one"'
        server.ranges, server.say_length, server.range_offset = True, True, 0
        server.url = f"http://127.0.0.1:{server.server_address[1]}/set/file.bin"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


def get(server, target, size=SIZE, checksum=SHA256, **options):
    return fetch(Wanted(server.url, size, checksum), target, schemes=("http",), timeout_s=5, **options)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_with_progress_and_nothing_beside_it(tmp_path, server):
    seen = []
    path = get(server, tmp_path / "new" / "file.bin", progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["file.bin"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_file_that_is_there_is_not_fetched_again_but_an_altered_one_is(tmp_path, server):
    target = tmp_path / "file.bin"
    target.write_bytes(CONTENT)
    get(server, target)
    assert server.requests == []
    target.write_bytes(CONTENT[:-1] + b"?")
    get(server, target)
    assert len(server.requests) == 1
    assert target.read_bytes() == CONTENT


def test_an_interruption_is_resumed_by_itself(tmp_path, server):
    server.cuts = [200_000, 150_000]
    path = get(server, tmp_path / "file.bin")
    assert path.read_bytes() == CONTENT
    assert [request.get("Range") for request in server.requests] == [None, "bytes=200000-", "bytes=350000-"]
    assert server.requests[1]["If-Range"] == '"one"'


def test_a_download_given_up_is_resumed_by_the_next_call(tmp_path, server):
    server.cuts = [100_000, 50_000, 0, 0]
    with pytest.raises(FetchError, match=r"broke off 4 times .*150000 bytes are kept in .*\.part: start again"):
        get(server, tmp_path / "file.bin")
    assert not (tmp_path / "file.bin").exists()
    assert (tmp_path / "file.bin.part").stat().st_size == 150_000
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT
    assert server.requests[-1]["Range"] == "bytes=150000-"
    assert names(tmp_path) == ["file.bin"]


def test_a_server_without_ranges_sends_all_again(tmp_path, server):
    server.ranges, server.cuts = False, [300_000]
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_a_file_that_changed_in_between_is_not_mixed(tmp_path, server):
    (tmp_path / "file.bin.part").write_bytes(bytes(1000))
    (tmp_path / "file.bin.part.etag").write_bytes(b'"old"')
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT
    assert server.requests[0]["If-Range"] == '"old"'


def test_a_wrong_part_is_found_by_the_checksum_and_thrown_away(tmp_path, server):
    server.etag = None
    (tmp_path / "file.bin.part").write_bytes(bytes(1000))
    with pytest.raises(FetchError, match=r"expected sha256.*thrown away"):
        get(server, tmp_path / "file.bin")
    assert names(tmp_path) == []
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_part_is_not_kept_when_nothing_would_tell_a_mixture(tmp_path, server):
    (tmp_path / "file.bin.part").write_bytes(bytes(1000))
    assert get(server, tmp_path / "file.bin", checksum=None).read_bytes() == CONTENT
    assert "Range" not in server.requests[0]


def test_a_part_longer_than_the_file_and_a_whole_part(tmp_path, server):
    (tmp_path / "file.bin.part").write_bytes(CONTENT + b"more")
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT
    (tmp_path / "again.bin.part").write_bytes(CONTENT)
    count = len(server.requests)
    assert get(server, tmp_path / "again.bin").read_bytes() == CONTENT
    assert len(server.requests) == count
    (tmp_path / "third.bin.part").write_bytes(CONTENT)
    assert get(server, tmp_path / "third.bin", size=None).read_bytes() == CONTENT  # 416, then from the beginning


def test_a_range_other_than_asked_for_is_not_appended(tmp_path, server):
    server.cuts, server.range_offset = [1000], 7
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT
    assert [request.get("Range") for request in server.requests] == [None, "bytes=1000-", None]


@pytest.mark.parametrize("checksum", ["sha256:" + "0" * 64, "md5:" + "0" * 32])
def test_a_wrong_checksum_leaves_nothing_in_place(tmp_path, server, checksum):
    with pytest.raises(FetchError, match=f"expected {checksum}.*put it at .*file.bin"):
        get(server, tmp_path / "file.bin", checksum=checksum)
    assert names(tmp_path) == []


def test_an_old_file_survives_a_failed_fetch(tmp_path, server):
    (tmp_path / "file.bin").write_bytes(b"old")
    with pytest.raises(FetchError):
        get(server, tmp_path / "file.bin", checksum="md5:" + "0" * 32)
    assert (tmp_path / "file.bin").read_bytes() == b"old"


def test_other_sizes_are_refused(tmp_path, server):
    with pytest.raises(FetchError, match="has 700001 bytes or more, expected 1000; the publisher changed it"):
        get(server, tmp_path / "file.bin", size=1000)
    with pytest.raises(FetchError, match="has 700001 bytes or more, expected 700002"):
        get(server, tmp_path / "file.bin", size=SIZE + 1)
    server.say_length = False
    with pytest.raises(FetchError, match="bytes or more, expected 1000"):
        get(server, tmp_path / "file.bin", size=1000)
    assert names(tmp_path) == []


def test_an_answer_without_length_is_checked_by_size(tmp_path, server):
    server.say_length = False
    server.cuts = [500_000]
    assert get(server, tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_refusal_by_the_server_is_told(tmp_path, server):
    server.status = 404
    with pytest.raises(FetchError, match="answers 404 Not Found; look at the page"):
        get(server, tmp_path / "file.bin")
    assert len(server.requests) == 1


def test_only_https_unless_allowed_also_after_a_redirect(tmp_path, server):
    with pytest.raises(FetchError, match="is not an address of https"):
        fetch(Wanted(server.url), tmp_path / "file.bin")
    server.redirect = "ftp://127.0.0.1/file.bin"
    with pytest.raises(FetchError, match=r"ftp://127\.0\.0\.1/file\.bin is not an address of http"):
        get(server, tmp_path / "file.bin")
    assert names(tmp_path) == []


def test_without_a_network_it_says_so_at_once_and_what_to_put_where(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        wanted = Wanted(f"http://127.0.0.1:{closed.getsockname()[1]}/set/file.bin", 12, "md5:" + "0" * 32)
        start = time.monotonic()
        with pytest.raises(FetchError, match=r"no network: 127\.0\.0\.1 does not answer") as caught:
            fetch(wanted, tmp_path / "file.bin", schemes=("http",))
    assert time.monotonic() - start < 5
    assert str(caught.value).endswith(by_hand(wanted, tmp_path / "file.bin"))
    assert f"(12 bytes, {wanted.checksum}) in another way and put it at {tmp_path / 'file.bin'}" in str(caught.value)


def test_an_unknown_host_is_no_network(tmp_path, monkeypatch):
    def nowhere(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(FetchError, match=r"no network: data\.example does not answer \(.*not known\)"):
        fetch(Wanted("https://data.example/file.bin"), tmp_path / "file.bin")


def test_a_silent_server_is_given_up_after_the_timeout(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # accepts, never answers
        start = time.monotonic()
        with pytest.raises(FetchError, match="no network"):
            fetch(Wanted(f"http://127.0.0.1:{silent.getsockname()[1]}/file.bin"), tmp_path / "file.bin",
                  schemes=("http",), timeout_s=0.3)
    assert time.monotonic() - start < 5


def test_a_full_disk_is_told_before_the_first_byte(tmp_path, server, monkeypatch):
    monkeypatch.setattr("edgekit.data.fetch.SPARE_BYTES", 1 << 60)
    with pytest.raises(FetchError, match=r"the disk has .* EDGEKIT_DATA"):
        get(server, tmp_path / "file.bin")


def test_digest_and_its_form(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert digest(tmp_path / "a", "md5:" + "0" * 32) == "md5:900150983cd24fb0d6963f7d28e17f72"
    with pytest.raises(ValueError, match="sha256:<64 hex digits>"):
        digest(tmp_path / "a", "crc32:00000000")
