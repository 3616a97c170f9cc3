"""Embedded files: packing is exact, and a missing, truncated or altered file is named with its remedy."""

import ast
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from edgekit import data
from edgekit.data import store
from edgekit.data.dataset import Dataset


@given(hnp.arrays(np.int16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20)))
def test_packing_is_exact_over_all_codes(codes):
    assert np.array_equal(store.unpack_codes(store.pack_codes(codes)), codes)


def test_packing_literal():
    # differences 3, 2, -9 -> zigzag 6, 4, 17
    planes = store.pack_codes(np.array([[3, 5, -4]], np.int16))
    assert planes.tolist() == [[[6, 4, 17]], [[0, 0, 0]]]


def toy(n: int = 3) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset("ppg", "val", rng.integers(-32768, 32768, (n, 50)).astype(np.int16), np.arange(n) % 2, ("a", "b"),
                   fs=100.0, group=np.arange(n), extras={"bpm": np.linspace(60, 70, n)})


def test_bytes_there_and_back():
    made = toy()
    read = store.from_bytes(store.to_bytes(made), "ppg", "val")
    assert np.array_equal(read.x, made.x)
    assert read.x.dtype == np.float32
    assert read.class_names == made.class_names
    assert np.array_equal(read.extras["bpm"], made.extras["bpm"])
    assert (read.fs, read.origin) == (made.fs, made.origin)


def test_signals_beside_the_signal_come_back_exactly_and_small():
    """Three axes on a grid of 1/128: 7,500 numbers that hardly change take less than a byte each."""
    acc = (np.cumsum(np.random.default_rng(1).integers(-1, 2, (10, 250, 3)), axis=1) / 128).astype(np.float32)
    made = replace(toy(10), extras={"acc": acc, "bpm": np.ones(10)})
    content = store.to_bytes(made, {"acc": 1 / 128})
    read = store.from_bytes(content, "ppg", "val").extras
    assert np.array_equal(read["acc"], acc)
    assert read["acc"].dtype == np.float32
    assert set(read) == {"acc", "bpm"}
    assert len(content) < len(store.to_bytes(replace(made, extras={}))) + acc.size


@pytest.mark.parametrize("value", [1 / 256, 300.0, np.nan])
def test_a_signal_off_its_grid_is_refused(value):
    made = replace(toy(), extras={"acc": np.full((3, 5, 3), value)})
    with pytest.raises(ValueError, match=r"extra 'acc' must lie on multiples of 0.0078125 within 16 bits"):
        store.to_bytes(made, {"acc": 1 / 128})


def test_the_same_data_give_the_same_bytes():
    assert store.to_bytes(toy()) == store.to_bytes(toy())


@pytest.fixture
def root(tmp_path):
    store.write_family(tmp_path, "ppg", {"val.npz": store.to_bytes(toy())})
    return tmp_path


def test_whole_file_loads(root):
    assert len(data.load("ppg", "val", root=root)) == 3


@pytest.mark.parametrize(("damage", "words"), [
    (lambda path: path.unlink(), "is missing"),
    (lambda path: path.write_bytes(path.read_bytes()[:-7]), "truncated"),
    (lambda path: path.write_bytes(b"\0" * path.stat().st_size), "was altered"),
])
def test_damage_is_named_with_file_and_remedy(root, damage, words):
    damage(root / "ppg" / "val.npz")
    with pytest.raises((ValueError, FileNotFoundError), match=words) as error:
        data.load("ppg", "val", root=root)
    assert "val.npz" in str(error.value)
    assert "git checkout" in str(error.value)


def test_one_flipped_bit_is_seen(root):
    path = root / "ppg" / "val.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="altered"):
        data.load("ppg", "val", root=root)


def test_broken_manifests(root):
    (root / "MANIFEST.json").write_text("{")
    with pytest.raises(ValueError, match="not a manifest"):
        data.load("ppg", "val", root=root)
    (root / "MANIFEST.json").write_text(json.dumps({"files": {}}))
    with pytest.raises(ValueError, match=r"val.npz is not in"):
        data.load("ppg", "val", root=root)
    (root / "MANIFEST.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"MANIFEST\.json is missing"):
        data.load("ppg", "val", root=root)


def test_no_object_arrays_are_read():
    buffer = io.BytesIO()
    np.savez(buffer, codes=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match=r"not a readable \.npz"):
        store.from_bytes(buffer.getvalue(), "ppg", "val")


def test_writing_one_family_keeps_the_lines_of_another(root):
    store.write_family(root, "other", {"a.bin": b"xyz"})
    assert set(store.read_manifest(root)) == {"ppg/val.npz", "other/a.bin"}


@pytest.mark.parametrize(("name", "split", "words"), [
    ("pgp", "val", "unknown data set 'pgp'"), ("ppg", "dev", "train, val or test"), ("ppg", "test", "sealed")])
def test_requests_that_are_refused(name, split, words):
    with pytest.raises(ValueError, match=words):
        data.load(name, split)


def test_datasets_dir_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_DATASETS", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="EDGEKIT_DATASETS"):
        store.datasets_dir()


def test_every_embedded_file_is_whole_and_listed():
    root = data.datasets_dir()
    manifest = store.read_manifest(root)
    for relative in manifest:
        store.checked_bytes(root, relative)
    on_disk = {path.relative_to(root).as_posix() for path in root.rglob("*.npz")}
    assert on_disk <= set(manifest)


def opens_the_test_split(source: str) -> bool:
    """Whether code passes purpose="report"."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return any(key.arg == "purpose" and isinstance(key.value, ast.Constant) and key.value.value == "report"
               for call in calls for key in call.keywords)


def test_the_seal_holds_where_things_are_chosen(root_of_checkout):
    """Floors that train or describe models never open the test split; search and course may only report."""
    for floor in ("core", "graph", "data", "nn", "federated", "deploy"):
        for path in (root_of_checkout / "edgekit" / floor).rglob("*.py"):
            assert not opens_the_test_split(path.read_text(encoding="utf-8")), path


def test_the_seal_test_can_fail():
    assert opens_the_test_split('load("ppg", "test", purpose="report")')
    assert not opens_the_test_split('load("ppg", "val", purpose="select")  # purpose="report"')


@pytest.fixture
def root_of_checkout():
    return data.datasets_dir().parent


def test_make_refuses_unknown_names(tmp_path):
    with pytest.raises(ValueError, match="unknown data set"):
        data.make("nothing", out=tmp_path)
