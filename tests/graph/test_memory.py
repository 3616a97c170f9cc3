import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.graph import memory
from edgekit.graph.ir import Graph, Node, Tensor


def chain(widths, skip=False):
    """relu after relu over tensors of the given widths (bytes / 4); with `skip`, the input is added at the end."""
    tensors = {f"t{i}": Tensor(f"t{i}", (width,)) for i, width in enumerate(widths)}
    nodes = [Node("relu", (f"t{i}",), f"t{i + 1}") for i in range(len(widths) - 1)]
    last = f"t{len(widths) - 1}"
    if skip:
        tensors["sum"] = Tensor("sum", (widths[-1],))
        nodes.append(Node("add", ("t0", last), "sum"))
        last = "sum"
    return Graph("chain", tensors, nodes, ("t0",), (last,))


def test_chain_needs_the_largest_neighbouring_pair():
    assert memory.plan(chain([16, 64, 32, 8])).peak_ram_bytes == 4 * (64 + 32)


def test_a_skip_connection_keeps_its_input_alive():
    without, with_skip = (memory.plan(chain([16, 16, 16], skip)).peak_ram_bytes for skip in (False, True))
    assert (without, with_skip) == (4 * 32, 4 * 48)


def test_reshape_moves_no_data():
    tensors = {"x": Tensor("x", (1, 4, 4)), "flat": Tensor("flat", (16,)), "y": Tensor("y", (16,))}
    nodes = [Node("reshape", ("x",), "flat", {"shape": (16,)}), Node("relu", ("flat",), "y")]
    assert memory.plan(Graph("g", tensors, nodes, ("x",), ("y",))).peak_ram_bytes == 4 * 32


@given(widths=st.lists(st.integers(1, 200), min_size=2, max_size=12), skip=st.booleans())
def test_living_blocks_never_overlap_and_peak_is_bounded(widths, skip):
    if skip:
        widths[-1] = widths[0]
    blocks = memory.plan(chain(widths, skip)).blocks
    for a, b in itertools.combinations(blocks, 2):
        if a.first <= b.last and b.first <= a.last:
            assert a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
    steps = range(max(block.last for block in blocks) + 1)
    alive = [sum(b.size for b in blocks if b.first <= step <= b.last) for step in steps]
    peak = max(block.offset + block.size for block in blocks)
    assert max(alive) <= peak <= sum(np.ceil(b.size / memory.ALIGNMENT) * memory.ALIGNMENT for b in blocks)
