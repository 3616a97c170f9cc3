"""Vela takes what the kit writes, with every operator on the NPU."""
import importlib.util
from pathlib import Path

import pytest

from edgekit.core.affine import QParams
from edgekit.deploy import litert, npu
from edgekit.graph import file
from edgekit.graph.ir import Graph, Node, Tensor

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

HERE = pytest.mark.skipif(importlib.util.find_spec("ethosu") is None,
                          reason="Vela is not installed: pip install ethos-u-vela")
#: neither LiteRT nor Ethos-U has a hard sigmoid: the file looks its codes up, with an addition and a gathering
OPERATORS_OF_A_TABLE = 2
SHIPPED = sorted((Path(npu.__file__).parents[1] / "nn" / "weights").glob("*int8*.edge"))


def alone(op, shape=(1, 8, 4)):
    q = QParams(0.05, 3)
    tensors = {"x": Tensor("x", shape, "int8", None, q), "y": Tensor("y", shape, "int8", None, QParams(1 / 256, -128))}
    return litert.write(Graph(op, tensors, [Node(op, ("x",), "y")], ("x",), ("y",)))


@HERE
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_operator_of_a_shipped_model_runs_on_the_npu(path):
    graph = file.load(path)
    if {"gru", "lstm"} & {node.op for node in graph.nodes}:
        pytest.skip("LiteRT has no such operator in int8, so there is no file to compile")
    report = npu.compile_model(litert.write(graph))
    by_table = sum(node.op == "hard_sigmoid" for node in graph.nodes)
    assert report.cpu_operators == OPERATORS_OF_A_TABLE * by_table
    assert report.npu_operators > 2 * report.cpu_operators
    assert 0 < report.latency_ms < 5
    assert report.cycles == pytest.approx(report.latency_ms * 500e3, rel=1e-6)  # 500 MHz


@HERE
def test_a_bigger_accelerator_needs_fewer_cycles():
    models = [litert.write(file.load(path)) for path in SHIPPED if "teacher" in path.stem or "cnn" in path.stem]
    for model in models:
        small, large = (npu.compile_model(model, name).cycles for name in ("ethos-u55-32", "ethos-u55-256"))
        assert large < small


@HERE
def test_what_vela_cannot_read_is_refused():
    with pytest.raises(ValueError, match=r"npu.compile_model: Vela stopped: .+"):
        npu.compile_model(b"nothing of the kind")


def test_an_unknown_accelerator_is_refused():
    with pytest.raises(ValueError, match=r"accelerator must be one of ethos-u55-32, .*, got 'ethos-u99'"):
        npu.compile_model(b"", "ethos-u99")


@pytest.mark.skipif(importlib.util.find_spec("ethosu") is not None, reason="Vela is installed")
def test_without_vela_the_error_says_how_to_get_it():
    with pytest.raises(ValueError, match=r"No module named.*ethosu.*; pip install ethos-u-vela"):
        npu.compile_model(alone("sigmoid"))


def test_the_report_is_read_from_what_vela_prints(tmp_path):
    """In the form of Vela 5.2, so that the parser is tested where Vela is not installed."""
    summary = tmp_path / "m_summary.csv"
    summary.write_text("network,inference_time,sram_memory_used,off_chip_flash_memory_used,cycles_total\n"
                       "m,0.0001,1.5,2.0,50000.0\n")
    report = npu._report("CPU operators = 1 (2.5%)\nNPU operators = 39 (97.5%)\n", summary)
    assert report == npu.NpuReport(39, 1, 50_000, pytest.approx(0.1), 1536, 2048)
