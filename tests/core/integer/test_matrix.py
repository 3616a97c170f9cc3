"""Every cell of the matrix operator x runtime: no output differs, on random data and on data made of ties.

EDGEKIT_ORACLE_OUTPUTS sets how many outputs of either kind each cell compares, 1,000,000 by default.
"""
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from edgekit.core.integer import dense
from edgekit.core.integer.fixed_point import make_multiplier, profile_of
from edgekit.core.integer.matrix import APPROXIMATE, ORACLES, cells
from edgekit.core.integer.presets import INT16, PRESETS, PROFILES, VARIANTS
from edgekit.deploy import operator_matrix, oracles

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operator_matrix.md"
OUTPUTS = int(os.environ.get("EDGEKIT_ORACLE_OUTPUTS", "1_000_000"))
PROVEN = [cell for cell in cells() if cell.oracle]
#: arithmetic that rounds the ties of an operator alike, so that ties cannot tell it apart
SAME_TIES = {
    "add": ({"A", "DA", "E"}, {"B", "C", "D"}),
    **dict.fromkeys(("depthwise_conv2d", "conv2d", "grouped_conv2d"), ({"R", "D"},)),
    **dict.fromkeys(("quantize", "concat"), ({"coarse", "D"}, {"blocks", "B"}, {"even", "C"})),
}


@cache
def compared(op, num_bits, runtime):
    library = {"litert": "ai_edge_litert", "ort": "onnxruntime"}[runtime]
    pytest.importorskip(library, reason="no wheel for this platform")
    return oracles.compare(op, num_bits, runtime, OUTPUTS)


def of(cell):
    return compared(cell.op, cell.num_bits, "ort" if cell.preset == "ort" else "litert")[cell.preset]


def name(cell):
    return f"{cell.op}-int{cell.num_bits}-{cell.preset}"


@pytest.mark.parametrize("cell", PROVEN, ids=name)
def test_no_output_differs(cell):
    result = of(cell)
    assert min(result.ties, result.outputs - result.ties) >= OUTPUTS
    allowed = APPROXIMATE.get((cell.op, cell.preset), 0) * result.outputs / 1e6
    assert result.mismatches <= allowed, f"{result.mismatches} of {result.outputs} differ, by up to {result.largest}"
    assert result.largest <= (1 if allowed else 0)


@pytest.mark.parametrize("cell", [cell for cell in PROVEN if oracles.rivals_of(cell.op, cell.num_bits)],
                         ids=name)
def test_the_ties_tell_the_arithmetic_apart(cell):
    result, alike = of(cell), {cell.arithmetic}
    alike |= next((group for group in SAME_TIES.get(cell.op, ()) if cell.arithmetic in group), set())
    others = {rival: n for rival, n in result.rivals.items() if rival not in alike}
    assert others
    assert min(others.values()) > result.ties / 10_000, others


def test_the_matrix_names_every_operator_of_the_presets_and_known_arithmetic():
    assert {op for op, _ in ORACLES} | {"reshape", "relu", "recurrent"} == set(PRESETS["cmsis"])
    assert {op for op, bits in ORACLES if bits == 16} <= set(PRESETS["cmsis"])
    wide = {arithmetic for table in INT16.values() for arithmetic in table.values()}
    assert {cell.arithmetic for cell in cells()} | wide <= {*PROFILES, *VARIANTS}
    assert {(cell.op, cell.num_bits) for cell in cells()} == set(ORACLES)


def test_the_published_page_says_what_the_presets_say():
    """Arithmetic and oracle come from the table of the package; only the counts come from a run."""
    stated = operator_matrix.read_page(PAGE.read_text())
    assert [row[:4] for row in stated] == [operator_matrix.row_of(cell)[:4] for cell in cells()]
    for cell, (*_, outputs, mismatches) in zip(cells(), stated, strict=True):
        if cell.oracle:
            assert outputs >= 20_000_000
            assert mismatches <= APPROXIMATE.get((cell.op, cell.preset), 0) * outputs / 1e6


@pytest.mark.parametrize("runtime", ["litert", "ort"])
def test_an_operator_without_an_oracle_is_refused(runtime):
    with pytest.raises(ValueError, match=f"compare: {runtime} has no operator for 'gelu' with 8 bits; it has"):
        oracles.compare("gelu", 8, runtime)


@pytest.mark.parametrize("activation", ["RELU", "RELU6"])
@pytest.mark.parametrize("resolver", ["reference", "builtin", "xnnpack"])
def test_a_fused_activation_only_moves_the_clip(resolver, activation):
    pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")
    from edgekit.deploy.litert_run import run
    from edgekit.deploy.litert_writer import FileTensor
    from edgekit.deploy.oracle_litert import model

    rng = np.random.default_rng(11)
    q_x, q_w = rng.integers(-128, 128, (500, 40), np.int8), rng.integers(-127, 128, (30, 40), np.int8)
    scale_x, scale_w, scale_y, zero_x, zero_y = np.float32(0.02), np.float32(0.01), np.float32(0.04), 7, -50
    file = model("FULLY_CONNECTED", [q_x], [(scale_x, zero_x)], (500, 30), (scale_y, zero_y),
                 {"fused_activation_function": activation}, [FileTensor("w", q_w.shape, "int8", q_w, scale_w)])
    six = zero_y + round(6 / float(scale_y)) if activation == "RELU6" else 127
    multiplier = make_multiplier(scale_x, scale_w, scale_y)
    ours = dense.dense(q_x, q_w, None, multiplier=multiplier, zero_point_x=zero_x, zero_point_y=zero_y, qmin=zero_y,
                       qmax=six, profile=profile_of(resolver, "dense"))
    assert np.array_equal(ours, run(file, q_x, resolver))
    assert {ours.min(), ours.max()} == {zero_y, six}
