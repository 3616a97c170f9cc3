"""Altered `.edge` files: each is a ValueError that names the file, or a graph that runs within bounds.

EDGEKIT_FUZZ_CASES says how many (500; the slow run takes 10,000).
"""

import copy
import io
import json
import os
import time
import warnings
import zipfile

import numpy as np
import pytest

from edgekit.graph import file, ptq
from edgekit.graph.run import run

CASES = int(os.environ.get("EDGEKIT_FUZZ_CASES", "500"))
#: seconds for one file, far above what a bounded run of these small graphs needs
LONGEST = 60.0
STRANGE = [None, True, -1, 0, 1, 2, 3, 7, 255, 1000, 100_000, 2**31 - 1, 2**31, 2**63, 10**400, 0.5, -0.0, 1e-300]
STRANGE += [1e300, float("nan"), float("inf"), "", "x", "relu", "int8", "gru", [], {}, [[]], [0], [1, 2], {"a": 1}]
STRANGE += ["x" * 5000, [1] * 5000]


def describe(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return json.loads(archive.read("graph.json")), archive.read("weights.safetensors")


def pack(description, weights):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("graph.json", json.dumps(description))
        archive.writestr("weights.safetensors", weights)
    return buffer.getvalue()


def altered_bytes(rng, data):
    """A few bytes changed, cut out, doubled or swapped, anywhere in the file."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 40))
        choice = rng.integers(5)
        if choice < 2:
            data[at] ^= int(rng.integers(1, 256))
        elif choice == 2:
            del data[at : at + length]
        elif choice == 3:
            data[at:at] = data[at : at + length]
        else:
            data[at : at + length] = rng.bytes(length)
        if not data:
            return b""
    return bytes(data)


def altered_weights(rng, data):
    """Bytes of the weights changed inside a zip whose checksums are right."""
    description, weights = describe(data)
    return pack(description, altered_bytes(rng, weights) if rng.random() < 0.5 else flipped(rng, weights))


def flipped(rng, data):
    data = bytearray(data)
    for at in rng.integers(len(data), size=rng.integers(1, 20)):
        data[at] ^= 1 << int(rng.integers(8))
    return bytes(data)


def altered_description(rng, data):
    """One to three values of graph.json replaced, removed, doubled, swapped or moved, under right checksums."""
    description, weights = describe(data)
    for _ in range(rng.choice([1, 1, 2, 3])):
        places = list(walk(description))
        holder, key = places[rng.integers(len(places))]
        alter(rng, holder, key, places)
    return pack(description, weights)


def walk(value):
    """Every (dictionary or list, key or index) in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from walk(inner)


def alter(rng, holder, key, places):
    choice, value = rng.integers(6), holder[key]
    if choice == 0:
        del holder[key]
    elif choice == 1 and isinstance(holder, list):
        holder.insert(int(rng.integers(len(holder) + 1)), copy.deepcopy(value))
    elif choice == 2:
        other, place = places[rng.integers(len(places))]
        holder[key] = copy.deepcopy(other[place]) if place in range(len(other)) or isinstance(other, dict) else None
    elif choice == 3 and isinstance(value, (int, float)) and not isinstance(value, bool):
        holder[key] = value * int(rng.choice([-1, 2, 10, 1000])) + int(rng.integers(-1, 2))
    elif choice == 4 and isinstance(holder, list):
        rng.shuffle(holder)
    else:
        holder[key] = copy.deepcopy(STRANGE[rng.integers(len(STRANGE))])


MUTATIONS = {"bytes": altered_bytes, "weights": altered_weights, "description": altered_description}


def loaded(data):
    try:
        return file.from_bytes(data, "m.edge"), ""
    except ValueError as error:
        return None, str(error)


def outcome(data):
    """"refused", by an error that names the file, or "ran", with outputs of the declared shapes."""
    graph, message = loaded(data)
    if graph is None:
        assert message.startswith("load m.edge: ")
        assert len(message) < 1000
        return "refused"
    sources = [graph.tensors[name] for name in graph.inputs]
    x = tuple(np.ones((1, *source.shape), source.dtype) for source in sources)
    with np.errstate(all="ignore"):
        outputs = run(graph, x, all_outputs=True)
    assert [y.shape for y in outputs] == [(1, *graph.tensors[name].shape) for name in graph.outputs]
    return "ran"


@pytest.fixture(scope="module")
def originals(every_operator):
    """A graph with every operator, in real numbers and in integers."""
    x = np.random.default_rng(1).normal(size=(8, 6, 6, 4)).astype(np.float32)
    graphs = every_operator, ptq.post_training_quantize(every_operator, [x])
    return [file.to_bytes(graph) for graph in graphs]


@pytest.mark.parametrize("kind", MUTATIONS)
def test_altered_files_are_refused_or_run_within_bounds(kind, originals):
    counts = {"refused": 0, "ran": 0}
    for case in range(-(-CASES // len(MUTATIONS))):
        rng = np.random.default_rng([case, list(MUTATIONS).index(kind)])
        data = MUTATIONS[kind](rng, originals[case % 2])
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # altered weights overflow
            counts[outcome(data)] += 1
        took = time.perf_counter() - start
        assert took < LONGEST, f"case {case} took {took:.0f} s"
    print(f"\n{kind}: {counts}")
    assert counts["refused"] > 0
    assert kind == "bytes" or counts["ran"] > 0  # mutations too small to matter prove that the others were reached
