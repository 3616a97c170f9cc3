import json

import numpy as np
import pytest

from edgekit.graph import cost, file


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


def test_bad_calls_are_one_line(edgekit, run_folder, result):
    for arguments, message in (
        (("compress", "dance"), "unknown task 'dance'; known: ppg"),
        (("compress", "ppg", "--out", run_folder), "is not an empty folder; choose another one with --out"),
        (("compress", "ppg", "--observer", "guess"), "--observer must be one of minmax"),
        (("compress", "ppg", "--seed", -1), "--seed must be 0 or more, got -1"),
        (("compress", "ppg", "--calibration", 0), "--calibration must be at least 1, got 0"),
    ):
        status, out, err = edgekit(*arguments)
        assert status != 0
        assert out == ""
        assert message in err
        assert err.count("\n") == 1


def test_shipped_int8_model_is_what_compress_makes(run_folder, result):
    from edgekit.nn import zoo

    made, shipped = file.load(run_folder / "int8.edge"), zoo.load("ppg-cnn-int8")
    for a, b in zip(made.constants, shipped.constants, strict=True):
        assert np.abs(a.data.astype(int) - b.data.astype(int)).max() <= 1  # other CPUs may round a range differently
