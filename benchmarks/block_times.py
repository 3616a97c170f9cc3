"""Measure every block of the `BlockExplorer` in ONNX Runtime on one thread, and store the times for it.

    python -m benchmarks.block_times [--rounds N]

Blocks of one size take turns, three calls each, and the least of all counts. The times are float32's.
"""

import argparse
import importlib.metadata
import json
import os
import platform
from itertools import groupby

import torch

from edgekit import _atomic
from edgekit.deploy.ort_time import race, runners
from edgekit.graph.fold import fold
from edgekit.nn.blocks import ConvBlock, InvertedResidual, Separable
from edgekit.nn.trace import to_graph_layout, trace
from edgekit.nn.train import seeded
from edgekit.ui.blocks import TIMES, every


def build(block):
    """Return the torch block."""
    c, k = block.channels, block.kernel
    if block.kind in ("standard", "grouped"):
        return ConvBlock(c, c, k, groups=block.factor)
    if block.kind == "separable":
        return Separable(c, c, kernel=k)
    return InvertedResidual(c, block.factor * c, c, k, excite=block.narrow or False)


def graph_of(block):
    """Return (folded graph, batch of one) with random weights."""
    model = seeded(lambda: build(block), 0).eval()
    x = torch.randn(1, block.channels, block.side, block.side, generator=torch.Generator().manual_seed(0))
    return fold(trace(model, x)), to_graph_layout(x)


def size_of(block):
    """What the blocks of one race share."""
    return block.side, block.channels


def main():
    """Measure and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    rounds, taken = parser.parse_args().rounds, {}
    for (side, channels), blocks in groupby(sorted(every(), key=size_of), size_of):
        found = race(runners({block.key: graph_of(block) for block in blocks}), rounds)
        taken |= {key: round(1e3 * seconds, 5) for key, seconds in found.items()}
        print(f"{side} x {side}, {channels} channels: {len(found)} blocks", flush=True)
    runtime = f"ONNX Runtime {importlib.metadata.version('onnxruntime')}, float32, one thread"
    host = {"machine": platform.machine(), "system": platform.system(), "cores": os.cpu_count()}
    record = {"host": host, "runtime": runtime, "ms": {block.key: taken[block.key] for block in every()}}
    _atomic.write_text(TIMES, json.dumps(record, indent=0) + "\n")


if __name__ == "__main__":
    main()
