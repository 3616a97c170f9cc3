"""The cards, loading by name, and fetching with unpacking."""

import functools
import hashlib
import http.server
import io
import re
import shutil
import threading
import zipfile
from urllib.parse import urlsplit

import numpy as np
import pytest

from edgekit import data
from edgekit.data import Dataset
from edgekit.data.fetch import Wanted, digest
from edgekit.data.public import registry
from edgekit.data.public.cards import Card, File, card, cards
from edgekit.data.public.index import Index
from edgekit.data.public.splits import leave_one_out


@pytest.mark.parametrize("name", cards())
def test_every_card_is_complete(name):
    found = card(name)
    for field in ("title", "kind", "size", "homepage", "licence", "official_split", "metric", "layout", "citation"):
        assert getattr(found, field).strip(), field
    assert set(found.splits) <= {"train", "val", "test", "all"}
    assert re.search(r"\b(19|20)\d\d\b", found.citation)
    parts = [file.part for file in found.files]
    assert len(set(parts)) == len(parts)
    for file in found.files:
        assert urlsplit(file.wanted.url).scheme == "https"
        assert not file.part.startswith("-")  # it is an argument of a command
        assert file.wanted.checksum is None or re.fullmatch(r"sha256:\w{64}|md5:\w{32}", file.wanted.checksum)


def test_the_figures_of_the_cards_that_are_the_law():
    assert card("speech_commands").files[0].wanted.size == 112_563_277
    assert card("speech_commands").files[1].wanted == Wanted(
        "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz", 2_428_923_189,
        "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58")
    assert [len(card(name).files) for name in ("mimii", "dcase2020", "mimic_perform_af")] == [12, 6, 2]


@pytest.mark.parametrize("name", cards())
def test_every_reader_takes_the_splits_of_its_card_and_no_other(name, tmp_path):
    for split in card(name).splits:
        purpose = "report" if split == "test" else "select"
        try:
            assert isinstance(registry.load(name, split, purpose, tmp_path), Dataset)
        except FileNotFoundError as error:
            assert str(tmp_path) in str(error)  # noqa: PT017 - it may also be there
    with pytest.raises(ValueError, match=f"split of {name} must be"):
        registry.load(name, "holdout", folder=tmp_path)


def test_the_test_split_is_sealed_and_options_are_checked(tmp_path):
    with pytest.raises(ValueError, match="the test split of cifar10 is sealed; choose by 'val'"):
        registry.load("cifar10", "test", folder=tmp_path)
    with pytest.raises(ValueError, match="purpose must be 'select' or 'report', got 'peek'"):
        registry.load("cifar10", "test", "peek", folder=tmp_path)
    with pytest.raises(ValueError, match=r"dcase2020: got an unexpected .*'motor'; its options are: machine"):
        registry.load("dcase2020", "train", folder=tmp_path, motor="fan")
    with pytest.raises(ValueError, match="unknown public set 'imagenet'; known: cifar10, "):
        registry.load("imagenet", "train")


@pytest.mark.parametrize("name", ["cifar10", "welltory", "speech_commands"])
def test_without_edgekit_data_the_remedy_names_the_set(monkeypatch, name):
    monkeypatch.delenv("EDGEKIT_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match=f"set EDGEKIT_DATA to it .* data info {name}'"):
        registry.load(name, card(name).splits[0])


def test_one_name_leads_from_the_embedded_to_the_public_set(tmp_path, monkeypatch):
    for name in ("bidmc", "mimic_perform_af", "cifar10"):
        monkeypatch.setenv("EDGEKIT_DATA", str(tmp_path))
        with pytest.raises(FileNotFoundError, match=f"fetch it with 'python3 -m edgekit data fetch {name}', or put"):
            data.load(name, "val")
    with pytest.raises(ValueError, match="the test split of cifar10 is sealed"):
        data.load("cifar10", "test")
    with pytest.raises(ValueError, match="welltory must be all, got 'val'; its official split: none"):
        data.load("welltory", "val")
    digits = data.load("sklearn_digits", "all")
    assert (type(digits), digits.origin, digits.x.shape) == (Dataset, "real", (1797, 8, 8))


def test_the_folder_may_be_given_by_hand_and_options_reach_the_reader(tmp_path, monkeypatch, noise):
    monkeypatch.delenv("EDGEKIT_DATA", raising=False)
    for number in range(20):
        noise(tmp_path / "dcase2020" / "dev_data" / "fan" / "train" / f"normal_id_00_{number:08d}.wav", 90)
    found = data.load("dcase2020", "train", root=tmp_path, machine="fan", limit=3)
    assert (found.name, found.split, found.x.shape[0], found.fs) == ("dcase2020", "train", 3, 16000.0)
    with pytest.raises(ValueError, match="embedded set ppg takes no options, got limit"):
        data.load("ppg", "val", limit=3)


def test_an_unknown_name_lists_both_kinds():
    with pytest.raises(ValueError, match=r"'pgp'; embedded: acoustic, .*ppg; public, .*: cifar10, .*person_detection"):
        data.load("pgp", "val")


def test_no_public_set_hides_behind_an_embedded_name():
    assert not set(data.embedded()) & set(cards())


def test_without_edgekit_data_the_remedy_is_told(monkeypatch):
    monkeypatch.delenv("EDGEKIT_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match="set EDGEKIT_DATA"):
        registry.load("cifar10", "train")


def test_real_sets_by_name(edgekit_data):
    here = {path.name for path in edgekit_data.iterdir()}
    for name, split in (("welltory", "all"), ("mlperf_tiny", "all"), ("person_detection", "all")):
        if name in here:
            assert registry.found(name).is_dir()
            assert registry.load(name, split).origin == "real"
    if "welltory" in here:
        data = registry.load("welltory", "all")
        assert len(set(data.group.tolist())) == 21
        assert ((data.extras["bpm"] > 40) & (data.extras["bpm"] < 120)).all()


def test_recordings_of_the_package_as_windows():
    data = registry.load("heartpy", "all", recording="data")
    assert data.x.shape == (2, 1000)
    assert data.fs == 100
    with pytest.raises(ValueError, match="unknown recording 'data9'"):
        registry.load("heartpy", "all", recording="data9")


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A card "toy" of three parts, and a server on this computer that has them."""
    served = tmp_path / "served"
    served.mkdir()
    inner = packed({"deep/b.txt": b"b"})
    contents = {"one.zip": packed({"set/a.txt": b"a"}), "two.zip": packed({"data.zip": inner}), "list.txt": b"a\nb\n"}
    for name, content in contents.items():
        (served / name).write_bytes(content)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *arguments: None)
    monkeypatch.setenv("no_proxy", "*")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        base = f"http://127.0.0.1:{server.server_address[1]}"
        wanted = {name: Wanted(f"{base}/{name}", len(content), "sha256:" + hashlib.sha256(content).hexdigest())
                  for name, content in contents.items()}
        files = (File("one", wanted["one.zip"], "first"), File("two", wanted["two.zip"], "", "data.zip"),
                 File("list.txt", wanted["list.txt"]))
        toy = Card("toy", "Toy", "sound", "3 files", "https://toy.example", files, None, "CC0", ("all",), "none",
                   "none", "", "a.txt", "2024")
        monkeypatch.setattr(registry, "card", lambda name: toy)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield toy, served
        server.shutdown()
        thread.join(5)


def everything(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_download_unpacks_every_part_where_the_card_says(tmp_path, toy):
    told = []
    registry.download("toy", ("all",), tmp_path / "data", lambda *values: told.append(values), schemes=("http",))
    assert everything(tmp_path / "data") == {"toy/first/set/a.txt": b"a", "toy/deep/b.txt": b"b",
                                             "toy/list.txt": b"a\nb\n"}
    assert {file.part for file, _, _ in told} == {"one", "two", "list.txt"}


def test_download_of_one_part_keeping_the_archive(tmp_path, toy):
    registry.download("toy", ("one",), tmp_path / "data", keep=True, schemes=("http",))
    assert set(everything(tmp_path / "data")) == {"toy/one.zip", "toy/first/set/a.txt"}
    assert digest(tmp_path / "data" / "toy" / "one.zip", toy[0].files[0].wanted.checksum)


def test_a_copy_put_there_by_hand_is_unpacked_without_a_network(tmp_path, toy):
    (tmp_path / "data" / "toy").mkdir(parents=True)
    shutil.move(toy[1] / "one.zip", tmp_path / "data" / "toy" / "one.zip")
    registry.download("toy", ("one",), tmp_path / "data", schemes=("http",))
    assert everything(tmp_path / "data") == {"toy/first/set/a.txt": b"a"}


def test_parts_must_be_chosen_and_known():
    with pytest.raises(ValueError, match=r"mimii has 12 parts .*choose with --part NAME or .* known: minus6_dB_fan"):
        registry.chosen_parts(card("mimii"), ())
    with pytest.raises(ValueError, match="mimii has no part '9_dB_fan'"):
        registry.chosen_parts(card("mimii"), ("9_dB_fan",))
    with pytest.raises(ValueError, match="heartpy has no address to fetch from; pip install heartpy"):
        registry.chosen_parts(card("heartpy"), ())
    with pytest.raises(ValueError, match=r"welltory has no address .*put its folder in EDGEKIT_DATA/welltory"):
        registry.chosen_parts(card("welltory"), ())
    assert [file.part for file in registry.chosen_parts(card("lfw"), ("pairs.txt", "lfw"))] == ["lfw", "pairs.txt"]
    assert [registry.archive_name(file) for file in card("lfw").files[:2]] == ["lfw.tgz", "pairs.txt"]
    assert registry.archive_name(card("cifar10").files[0]) == "cifar-10-python.tar.gz"


def test_index_limits_and_batches_agree_with_load():
    index = Index("toy", "all", tuple(range(10)), np.arange(10) % 2, ("even", "odd"),
                  lambda item: {"x": np.full(3, item), "twice": 2 * item}, group=np.arange(10))
    whole = index.load()
    parts = list(index.batches(4))
    np.testing.assert_array_equal(np.concatenate([part.x for part in parts]), whole.x)
    np.testing.assert_array_equal(np.concatenate([part.extras["twice"] for part in parts]), 2 * np.arange(10))
    for limit in range(1, 11):
        assert len(set(index.load(limit).group.tolist())) == limit
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="at least 1"):
            index.load(wrong)
        with pytest.raises(ValueError, match="at least 1"):
            next(index.batches(wrong))
    with pytest.raises(ValueError, match="has no example"):
        index.subset(np.zeros(10, bool)).load()


@pytest.mark.parametrize("held_out", [1, 4, 9])
def test_leave_one_out_covers_everybody_once(held_out):
    groups = np.array([1, 1, 4, 9, 9])
    masks = [leave_one_out("toy", groups, split, held_out) for split in ("train", "val", "test")]
    assert (np.sum(masks, axis=0) == 1).all()
    assert set(groups[masks[2]]) == {held_out}
