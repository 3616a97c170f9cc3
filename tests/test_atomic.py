"""Files appear whole or not at all, and a failure names the file that was wanted."""

import os

import pytest

from edgekit import _atomic


def test_a_file_appears_whole_with_its_folder(tmp_path):
    _atomic.write_text(tmp_path / "new" / "a.txt", "α\r\nβ")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "α\r\nβ".encode()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_a_failure_names_the_target_and_leaves_nothing(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def full(*given):
        raise OSError(28, "No space left on device", given[0])

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left") as caught:
        _atomic.write_text(target, "new")
    assert caught.value.filename == str(target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_target_that_is_a_folder_is_named(tmp_path):
    (tmp_path / "here").mkdir()
    with pytest.raises(OSError, match="here") as caught:
        _atomic.write_text(tmp_path / "here", "new")
    assert caught.value.filename == str(tmp_path / "here")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
