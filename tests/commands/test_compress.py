import json

import numpy as np
import pytest

from edgekit import tasks
from edgekit.graph import cost, file
from edgekit.nn import zoo


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run") / "ppg"


@pytest.fixture(scope="module")
def result(run_folder):
    """One compression of the pulse task, through the command line, for all tests of this module."""
    import contextlib
    import io

    from edgekit import cli

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.main(["compress", "ppg", "--json", "--out", str(run_folder)]) == 0
    return json.loads(out.getvalue())


def test_json_holds_what_the_contract_says(result):
    assert (result["task"], result["metric"]) == ("ppg", "macro_f1")
    assert [stage["name"] for stage in result["stages"]] == ["float", "int8"]
    for stage in result["stages"]:
        assert set(stage) == {
            "name", "value", "weight_bytes", "file_bytes", "macs", "peak_ram_bytes", "latency_ms",
        }  # fmt: skip
        assert set(stage["latency_ms"]) == {"median", "p90", "kind"}
        assert stage["latency_ms"]["kind"] == "measured"
        assert 0 < stage["latency_ms"]["median"] <= stage["latency_ms"]["p90"]


def test_the_targets_of_the_kit_hold(result):
    floating, int8 = result["stages"]
    assert floating["value"] >= 0.90
    assert floating["value"] - int8["value"] <= 0.005
    assert int8["weight_bytes"] <= 0.28 * floating["weight_bytes"]


def test_the_model_files_are_the_models_that_were_measured(result, run_folder):
    for stage in result["stages"]:
        path = run_folder / f"{stage['name']}.edge"
        graph = file.load(path)
        assert path.stat().st_size == stage["file_bytes"]
        assert cost.weight_bytes(graph) == stage["weight_bytes"]
        assert graph.is_integer == (stage["name"] == "int8")


def test_run_json_says_how_to_repeat_it(result, run_folder):
    record = json.loads((run_folder / "run.json").read_text())
    assert record["stages"] == result["stages"]
    assert record["seed"] == 0
    assert {"numpy", "safetensors"} <= set(record["packages"])


def test_report_holds_its_figures_and_its_verdict(run_folder, result):
    page = (run_folder / "report.html").read_text()
    assert page.count("<img alt=") == 3
    assert f"{result['stages'][1]['weight_bytes']:,}" in page
    assert "within the allowed loss" in page
    assert 'src="http' not in page


def test_run_json_says_what_went_in_and_what_came_out(run_folder):
    from hashlib import sha256

    record = json.loads((run_folder / "run.json").read_text())
    assert record["calibration_used"] == record["calibration"] == 512
    hashes = record["sha256"]
    assert hashes["model"] == {"ppg-cnn.edge": sha256(zoo.read("ppg-cnn.edge")).hexdigest()}
    assert {"ppg/train.npz", "ppg/test.npz"} <= set(hashes["data"])
    for name, digest in hashes["written"].items():
        assert sha256((run_folder / name).read_bytes()).hexdigest() == digest


# task -> (figures of the report, what the page must say)
PAGES = {
    "acoustic-fault": (3, ("fan_unbalance", "precision, int8", "Where it comes from")),
    "acoustic-anomaly": (4, ("pAUC, int8", "Anomaly scores", "mean_auc")),
    "camera-presence": (3, ("recall, float", "vehicle", "accuracy")),
    "camera-detect": (4, ("average precision, int8", "true boxes", "map_50")),
}
SHIPPED = [task for task in PAGES if tasks.get(task).shipped in zoo.names()]


@pytest.fixture
def few_pictures(monkeypatch):
    """The first 48 pictures of every split of the camera set stand for all; sound stays as it is."""
    from edgekit import data

    load = data.load

    def short(name, *given, **options):
        part = load(name, *given, **options)
        return part.subset(np.arange(48)) if name == "camera" else part

    monkeypatch.setattr(data, "load", short)


@pytest.mark.parametrize("task", SHIPPED)
def test_every_task_is_compressed_and_reported(edgekit_json, few_pictures, tmp_path, task):
    result = edgekit_json("compress", task, "--out", tmp_path / "run", "--observer", "minmax", "--calibration", 64)
    floating, int8 = result["stages"]
    assert (result["task"], floating["name"], int8["name"]) == (task, "float", "int8")
    assert floating["value"] - int8["value"] <= (0.07 if "camera" in task else 0.01)  # 48 pictures: 3 of them
    assert int8["weight_bytes"] < 0.45 * floating["weight_bytes"]
    assert file.load(tmp_path / "run" / "int8.edge").is_integer
    page = (tmp_path / "run" / "report.html").read_text()
    figures, words = PAGES[task]
    assert page.count("<img alt=") == figures
    assert all(word.lower() in page.lower() for word in words)


def test_more_calibration_examples_than_there_are_is_said(edgekit, few_pictures, tmp_path):
    status, _, err = edgekit("compress", "camera-presence", "--calibration", 999, "--out", tmp_path / "run", "--json")
    assert status == 0
    assert "asked for 999 calibration examples, the training split holds 48: all serve" in err
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (record["calibration"], record["calibration_used"]) == (999, 48)
    assert "48 calibration examples of 999 asked for" in (tmp_path / "run" / "report.html").read_text()


def test_bad_calls_are_one_line(edgekit, run_folder, result):
    for arguments, message in (
        (("compress", "dance"), "unknown task 'dance'; known: ppg"),
        (("compress", "ppg", "--out", run_folder), "is not an empty folder; choose another one with --out"),
        (("compress", "ppg", "--observer", "guess"), "--observer must be one of minmax"),
        (("compress", "ppg", "--seed", -1), "--seed must be 0 or more, got -1; 0 is the default"),
        (("compress", "ppg", "--calibration", 0), "--calibration must be at least 1, got 0"),
    ):
        status, out, err = edgekit(*arguments)
        assert status != 0
        assert out == ""
        assert message in err
        assert err.count("\n") == 1


def test_shipped_int8_model_is_what_compress_makes(run_folder, result):
    made, shipped = file.load(run_folder / "int8.edge"), zoo.load("ppg-cnn-int8")
    for a, b in zip(made.constants, shipped.constants, strict=True):
        assert np.abs(a.data.astype(int) - b.data.astype(int)).max() <= 1  # other CPUs may round a range differently
