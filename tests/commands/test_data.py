"""`edgekit data`: what it prints, for people and for scripts, and how it fails."""

import json
import shutil

import pytest

from edgekit import cli
from edgekit.data import datasets_dir
from edgekit.data.public import registry
from edgekit.data.store import MANIFEST, read_manifest


@pytest.fixture
def edgekit(monkeypatch, capsys):
    """Run one command line in this process: (status, standard output, standard error)."""
    monkeypatch.setattr("edgekit.bootstrap.ensure", lambda arguments: None)

    def run(*arguments):
        try:
            status = cli.main(["data", *map(str, arguments)])
        except SystemExit as leaving:
            status = leaving.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_list_names_every_set_and_says_where_it_lies(edgekit, monkeypatch, tmp_path):
    (tmp_path / "person_detection").mkdir()
    (tmp_path / "person_detection" / "person.bmp").write_bytes(b"BM")
    monkeypatch.setenv("EDGEKIT_DATA", str(tmp_path))
    status, out, err = edgekit("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)["sets"]}
    assert (status, err) == (0, "")
    assert set(registry.cards()) | {"ppg"} <= set(rows)
    assert rows["ppg"]["origin"] == "synthetic"
    assert rows["person_detection"]["place"] == str(tmp_path / "person_detection")
    assert rows["cifar10"] == {"name": "cifar10", "tier": "public", "origin": "real", "title": "CIFAR-10",
                               "place": None}
    text = edgekit("list")[1]
    assert len(text.splitlines()) == len(rows)
    assert "CIFAR-10" in text


def test_json_may_stand_before_or_after_the_action(edgekit):
    assert json.loads(edgekit("--json", "info", "esc50")[1]) == json.loads(edgekit("info", "esc50", "--json")[1])


def test_info_of_a_public_and_of_an_embedded_set(edgekit):
    card = json.loads(edgekit("info", "speech_commands", "--json")[1])
    assert card["licence"] == "CC BY 4.0"
    assert card["files"][1]["bytes"] == 2_428_923_189
    assert {"official_split", "metric", "citation", "homepage", "splits", "layout"} <= set(card)
    text = edgekit("info", "speech_commands")[1]
    assert "sha256:af14739ee7dc" in text
    assert "CC BY 4.0" in text
    sheet = json.loads(edgekit("info", "ppg", "--json")[1])
    assert sheet["files"] == {path: entry for path, entry in read_manifest(datasets_dir()).items()
                              if path.startswith("ppg/")}


def test_a_set_that_shares_the_files_of_a_family_has_their_card(edgekit):
    whole, part = (json.loads(edgekit("info", name, "--json")[1]) for name in ("acoustic", "acoustic-fault"))
    assert part["files"] == whole["files"]
    assert part["datasheet"] == whole["datasheet"]


@pytest.mark.parametrize(("name", "how"), [("esc50", "not here: data fetch esc50"),
                                           ("welltory", "not here: by hand from https://github.com/Welltory")])
def test_a_set_that_is_not_here_comes_with_the_way_to_it(edgekit, monkeypatch, tmp_path, name, how):
    monkeypatch.setenv("EDGEKIT_DATA", str(tmp_path))
    assert how in edgekit("info", name)[1]
    assert how in edgekit("list")[1]


def test_verify_finds_a_broken_file_and_fails(edgekit, tmp_path):
    root = tmp_path / "datasets"
    (root / "ppg").mkdir(parents=True)
    shutil.copy(datasets_dir() / MANIFEST, root / MANIFEST)
    for path in read_manifest(root):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(datasets_dir() / path, root / path)
    status, out, err = edgekit("verify", "--root", root, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["ok"] is True
    whole = (root / "ppg" / "val.npz").read_bytes()
    (root / "ppg" / "val.npz").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    (root / "ppg" / "test.npz").unlink()
    status, out, err = edgekit("verify", "--root", root, "--json")
    result = json.loads(out)
    assert (status, result["ok"]) == (1, False)
    assert {one["file"] for one in result["embedded"] if not one["ok"]} == {"ppg/val.npz", "ppg/test.npz"}
    assert len(err.splitlines()) == 2
    assert all(line.startswith("edgekit: load: ") and "; copy it from " in line for line in err.splitlines())
    assert "BROKEN  ppg/val.npz" in edgekit("verify", "--root", root)[1]


def test_make_writes_where_it_is_told(edgekit, tmp_path, monkeypatch):
    def small(name, out):
        (out / name).mkdir(parents=True)
        (out / name / "val.npz").write_bytes(b"12345")
        return out / name

    monkeypatch.setattr("edgekit.data.make", small)
    status, out, err = edgekit("make", "ppg", "--out", tmp_path, "--json")
    result = json.loads(out)
    assert (status, result["bytes"], result["place"]) == (0, 5, str(tmp_path / "ppg"))
    assert err == "edgekit: making ppg\n"


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["info", "imagenet"], "data info: unknown set 'imagenet'; known: acoustic, "),
    (["make", "imagenet"], "make: unknown data set 'imagenet'"),
    (["make", "esc50"], "esc50 is a real set: see 'python3 -m edgekit data info esc50'"),
    (["make", "acoustic-fault"], "acoustic-fault lies in the files of acoustic"),
    (["fetch", "ppg"], "data fetch: ppg is embedded, there is nothing to fetch"),
    (["fetch", "imagenet"], "unknown public set 'imagenet'"),
    (["fetch", "dcase2020"], "dcase2020 has 6 parts"),
    (["fetch", "heartpy"], "pip install heartpy"),
    (["verify", "--root", "/nonexistent"], "is missing; copy it from the folder datasets of a checkout, or name"),
    (["fetch"], "the following arguments are required: NAME"),
    (["shuffle"], "invalid choice: 'shuffle'"),
    ([], "required: ACTION"),
])
def test_a_failure_is_one_line_and_no_output(edgekit, monkeypatch, tmp_path, arguments, complaint):
    monkeypatch.setenv("EDGEKIT_DATA", str(tmp_path))
    status, out, err = edgekit(*arguments)
    assert status != 0
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("edgekit: ")
    assert complaint in err


def test_fetch_needs_a_folder(edgekit, monkeypatch):
    monkeypatch.delenv("EDGEKIT_DATA", raising=False)
    status, out, err = edgekit("fetch", "esc50")
    assert (status, out) == (1, "")
    assert "set EDGEKIT_DATA" in err


def test_fetch_reports_places_on_standard_output_and_progress_on_standard_error(edgekit, monkeypatch, tmp_path):
    def download(name, parts, into, progress, keep):
        file = registry.card(name).files[0]
        progress(file, 500_000, 1_000_000)
        progress(file, 1_000_000, 1_000_000)
        return [into / name / "-".join(parts)]

    monkeypatch.setattr(registry, "download", download)
    status, out, err = edgekit("fetch", "lfw", "--part", "lfw", "--part", "pairs.txt", "--to", tmp_path, "--json")
    assert (status, json.loads(out)) == (0, {"name": "lfw", "places": [str(tmp_path / "lfw" / "lfw-pairs.txt")]})
    assert err.splitlines() == ["edgekit: lfw 0.5 of 1.0 MB, 50 %", "edgekit: lfw 1.0 of 1.0 MB, 100 %"]


def test_fetch_offline_says_so_in_one_line(edgekit, monkeypatch, tmp_path):
    def nowhere(*arguments, **options):
        raise OSError("Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", nowhere)
    monkeypatch.setenv("no_proxy", "*")
    status, out, err = edgekit("fetch", "bidmc", "--to", tmp_path)
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "no network: physionet.org does not answer" in err
    assert f"put it at {tmp_path / 'bidmc'}" in err
