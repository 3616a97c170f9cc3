"""Damaged .tflite files: each gives a clear error, or a graph whose run is finite and bounded.

EDGEKIT_FUZZ_CASES sets how many files, 500 by default.
"""
import os
import time
from pathlib import Path

import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.deploy import litert
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run

resource = pytest.importorskip("resource", reason="Windows does not tell the peak of memory")
pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

CASES = int(os.environ.get("EDGEKIT_FUZZ_CASES", "500"))
SECONDS_PER_CASE = 5.0
GROWTH_BYTES = 1 << 30


def small_model(bits=8):
    """Convolution, pooling, sum, dense, softmax: a file of which most bytes are structure; `bits` per activation."""
    rng, q = np.random.default_rng(0), QParams(0.05, -4) if bits == 8 else QParams(0.0002, 0, 16)
    fixed = QParams(1 / 256, -128) if bits == 8 else QParams(1 / 32768, 0, 16)
    codes = {"w1": rng.integers(-127, 128, (4, 3, 3, 2)), "w2": rng.integers(-127, 128, (3, 4))}
    shapes = {"x": (8, 8, 2), "a": (8, 8, 4), "b": (4, 4, 4), "c": (4, 4, 4), "d": (64,), "y": (4, 4, 3)}
    tensors = {name: Tensor(name, shape, f"int{bits}", None, q) for name, shape in shapes.items()}
    tensors |= {name: Tensor(name, (4, 4, 3), f"int{bits}", None, fixed) for name in ("s", "p")}
    for name, w in codes.items():
        scale = QParams(np.full(len(w), 0.01), np.zeros(len(w), int), axis=0)
        tensors[name] = Tensor(name, w.shape, "int8", w.astype(np.int8), scale)
        wide = np.int32 if bits == 8 else np.int64
        tensors[f"{name}.b"] = Tensor(f"{name}.b", (len(w),), np.dtype(wide).name, np.arange(len(w), dtype=wide))
    window = {"stride": (1, 1), "padding": ((1, 1), (2, 0)), "dilation": (1, 1), "groups": 1}
    pool = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0))}
    nodes = [Node("conv2d", ("x", "w1", "w1.b"), "a", window), Node("max_pool2d", ("a",), "b", pool),
             Node("add", ("b", "b"), "c", {"activation": "relu"}), Node("dense", ("c", "w2", "w2.b"), "y"),
             Node("reshape", ("c",), "d", {"shape": (64,)}), Node("sigmoid", ("y",), "s"),
             Node("softmax", ("y",), "p")]
    return litert.write(Graph("small", tensors, nodes, ("x",), ("s", "p", "d"), {"class_names": ["a", "b"]}))


def small_memory():
    """An LSTM of int8: a file of which most bytes are structure."""
    rng, q = np.random.default_rng(0), QParams(0.05, -4)
    tensors = {"x": Tensor("x", (1, 6, 3), "int8", None, q), "y": Tensor("y", (4,), "int8", None, QParams(1 / 128, 0))}
    for name, shape in {"wi": (16, 3), "wh": (16, 4)}.items():
        scale = QParams(np.full(16, 0.01), np.zeros(16, int), axis=0)
        tensors[name] = Tensor(name, shape, "int8", rng.integers(-127, 128, shape).astype(np.int8), scale)
    tensors |= {name: Tensor(name, (16,), "int32", np.zeros(16, np.int32)) for name in ("bi", "bh")}
    node = Node("lstm", ("x", "wi", "wh", "bi", "bh"), "y", {"return_sequence": False})
    return litert.write(Graph("memory", tensors, [node], ("x",), ("y",)))


def originals():
    folder = os.environ.get("EDGEKIT_DATA", "")
    paths = [os.path.join(folder, "mlperf_tiny", f"{name}.tflite") for name in ("kws_ref_model", "ad01_int8")]
    large = [Path(path).read_bytes() for path in paths if os.path.isfile(path)]
    return [small_model()] * 3 + [small_model(16)] * 2 + [small_memory()] * 2 + large


def mutate(rng, data):
    """Flip bytes, cut, splice, or put a number where an offset or a length may be."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        # most of a large file are weights; its structure lies at both ends
        at = int(rng.choice([rng.integers(len(data)), rng.integers(min(len(data), 4096)),
                             len(data) - 1 - rng.integers(min(len(data), 8192))]))
        kind = rng.integers(5)
        if kind == 0:
            data[at] ^= 1 << rng.integers(8)
        elif kind == 1:
            data[at] = rng.integers(256)
        elif kind == 2 and rng.random() < 0.3:
            del data[at:]
        elif kind == 3:
            length, source = int(rng.integers(1, 64)), int(rng.integers(len(data)))
            data[at:at + (0 if rng.random() < 0.3 else length)] = data[source:source + length]
        else:
            at -= at % 4
            number = int(rng.choice([0, 1, 4, 8, 255, 65535, 1 << 24, 2**31 - 1, 2**31, 2**32 - 4, 2**32 - 1, at,
                                     len(data), rng.integers(len(data) + 1)]))
            data[at:at + 4] = number.to_bytes(4, "little")
        if not data:
            break
    return bytes(data)


def outcome(path):
    """What became of a file: 'refused', 'unrunnable' or 'ran'."""
    try:
        graph = litert.read(path)
    except ValueError as error:
        return "refused" if str(error).startswith(f"litert.read {path}: ") else f"unclear: {error}"
    try:
        inputs = tuple(np.zeros((1, *graph.tensors[name].shape), graph.tensors[name].dtype) for name in graph.inputs)
        with np.errstate(all="ignore"):
            values = run(graph, inputs, "reference", all_outputs=True)
    except ValueError:
        return "unrunnable"
    for name, value in zip(graph.outputs, values, strict=True):
        assert value.shape == (1, *graph.tensors[name].shape)
    return "ran"


def test_damaged_files(tmp_path):
    rng, models = np.random.default_rng(20), originals()
    path, seen, slowest = tmp_path / "damaged.tflite", dict.fromkeys(("refused", "unrunnable", "ran"), 0), 0.0
    outcome_of_original = []
    for model in models:
        path.write_bytes(model)
        outcome_of_original.append(outcome(path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for case in range(CASES):
        path.write_bytes(mutate(rng, models[case % len(models)]))
        start = time.perf_counter()
        found = outcome(path)
        assert found in seen, found
        seen[found] += 1
        slowest = max(slowest, time.perf_counter() - start)
    growth = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    print(f"{CASES} files: {seen}, slowest {slowest:.2f} s, memory grew by {growth / 2**20:.0f} MiB")
    assert set(outcome_of_original) == {"ran"}
    assert min(seen["refused"], seen["ran"]) > CASES // 20
    assert slowest < SECONDS_PER_CASE
    assert growth < GROWTH_BYTES
