"""Archives are unpacked below their folder, whole, or not at all."""

import io
import os
import stat
import struct
import sys
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data.archive import extract, safe_name

FILES = {"set/a.txt": b"first", "set/deep/b.bin": bytes(3000), "c": b""}


def tar_member(name, content=b"x", kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = (len(content) if kind == tarfile.REGTYPE else 0), kind, link
    return info, io.BytesIO(content)


def make_tar(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for info, content in members:
            archive.addfile(info, content)
    return path


def make_zip(path, names, mode=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if mode:
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return path


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_is_unpacked_whole(tmp_path, mode):
    make_tar(tmp_path / "a", [tar_member(name, content) for name, content in FILES.items()], mode)
    seen = []
    made = extract(tmp_path / "a", tmp_path / "out", progress=lambda done, total: seen.append((done, total)))
    assert everything(tmp_path / "out") == FILES
    assert sorted(made) == sorted(tmp_path / "out" / name for name in FILES)
    assert seen[-1] == (3005, 3005)


def test_zip_is_unpacked_whole_and_again_over_itself(tmp_path):
    make_zip(tmp_path / "a.zip", FILES.items())
    for _ in range(2):
        extract(tmp_path / "a.zip", tmp_path / "out")
        assert everything(tmp_path / "out") == FILES


BAD_NAMES = ["../evil", "set/../../evil", "/etc/evil", "..", "set/..", "C:evil", "C:/evil", "set\\..\\..\\evil",
             "\\\\host\\evil", "nul\0byte", "a\nb", "trailing.", "trailing ", "x" * 300]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_leave_the_folder_or_bend_are_refused_before_anything_is_written(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    good = ("good.txt", b"good")
    if "\0" not in name:  # neither format can hold a zero byte in a name
        make_zip(tmp_path / "a.zip", [good, (name, b"evil")])
        with pytest.raises(ValueError, match=r"a\.zip has a member .* nothing was written"):
            extract(tmp_path / "a.zip", inside / "out")
        make_tar(tmp_path / "a.tar", [tar_member(*good), tar_member(name)])
        with pytest.raises(ValueError, match=r"a\.tar has a member .* nothing was written"):
            extract(tmp_path / "a.tar", inside / "out")
    with pytest.raises(ValueError):
        safe_name(name)
    assert everything(inside) == {}
    assert not any(path.name == "evil" for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    make_tar(tmp_path / "a.tar", [tar_member("way", kind=kind, link="/tmp"), tar_member("way/evil")])
    with pytest.raises(ValueError, match=r"has the (link|device) 'way'"):
        extract(tmp_path / "a.tar", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o666, stat.S_IFIFO | 0o666])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, mode):
    make_zip(tmp_path / "a.zip", [("way", b"/tmp")], mode)
    with pytest.raises(ValueError, match=r"has the (link|device) 'way'"):
        extract(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_that_lies_in_the_folder_already_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "out" / "set")
    make_zip(tmp_path / "a.zip", [("set/evil", b"evil")])
    with pytest.raises(ValueError, match="leads out of"):
        extract(tmp_path / "a.zip", tmp_path / "out")
    assert everything(tmp_path / "elsewhere") == {}


def test_too_many_and_too_large_are_refused(tmp_path):
    make_zip(tmp_path / "many.zip", [(f"f{i}", b"") for i in range(11)])
    with pytest.raises(ValueError, match="more than 10 members; raise max_files"):
        extract(tmp_path / "many.zip", tmp_path / "out", max_files=10)
    make_zip(tmp_path / "bomb.zip", [("zeros", bytes(5_000_000))])
    assert (tmp_path / "bomb.zip").stat().st_size < 10_000
    with pytest.raises(ValueError, match="more than 1000000 bytes \\(at 'zeros'\\); raise max_bytes"):
        extract(tmp_path / "bomb.zip", tmp_path / "out", max_bytes=1_000_000)
    assert not (tmp_path / "out").exists()


def test_a_zip_that_understates_its_size_is_refused(tmp_path):
    path = make_zip(tmp_path / "liar.zip", [("zeros", bytes(100_000))])
    content = path.read_bytes().replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"liar\.zip"):
        extract(path, tmp_path / "out")
    assert everything(tmp_path / "out") == {}


def test_a_name_twice_or_by_another_case_is_refused(tmp_path):
    make_tar(tmp_path / "a.tar", [tar_member("set/a"), tar_member("./set/A")])
    with pytest.raises(ValueError, match="two members for 'set/A'"):
        extract(tmp_path / "a.tar", tmp_path / "out")


def test_encrypted_members_are_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("secret", b"x")])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="encrypted file 'secret'"):
        extract(path, tmp_path / "out")


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_damaged_archives_write_nothing(tmp_path, name):
    noise = bytes((i * 197 + i * i) % 251 for i in range(20_000))
    members = {"one": noise, "two": noise[::-1]}
    if name == "a.zip":
        whole = make_zip(tmp_path / name, members.items()).read_bytes()
    else:
        whole = make_tar(tmp_path / name, [tar_member(*item) for item in members.items()]).read_bytes()
    for content in (b"", whole[: len(whole) // 2], whole[:300] + bytes(50) + whole[350:]):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=r"fetch it again"):
            extract(tmp_path / name, tmp_path / "out")
        assert not (tmp_path / "out").exists() or everything(tmp_path / "out") == {}
    assert not list(tmp_path.rglob(".unpacking-*"))


def test_missing_archive(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.zip; fetch it first"):
        extract(tmp_path / "none.zip", tmp_path / "out")


@given(st.text(min_size=1, max_size=30))
def test_a_safe_name_stays_below_its_folder(name):
    try:
        path = safe_name(name)
    except ValueError:
        return
    resolved = os.path.normpath(os.path.join("/base", str(path)))
    assert resolved == "/base" or resolved.startswith("/base/")
