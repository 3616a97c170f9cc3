"""Damaged files: a reader must refuse each with a clear error, or give a graph that runs within bounds.

EDGEKIT_FUZZ_CASES sets how many mutants of each format are read; 500 by default.
"""

import io
import json
import os
import time
import zipfile
from copy import deepcopy

import numpy as np

from edgekit.graph import cost
from edgekit.graph.run import run

CASES = int(os.environ.get("EDGEKIT_FUZZ_CASES", "500"))
SECONDS = 10  # one mutant takes milliseconds; this is the border to a hang
MAX_MACS = 20_000_000  # what runs within those seconds; a larger graph is sound, only slow
NASTY = (0, 1, -1, 2, 127, -128, 255, 2**16, 2**31 - 1, -(2**31), 2**32, 2**63, 1e38, -1e38, 1e-45, float("nan"),
         float("inf"), None, True, "", "x", "../../etc/passwd", [], {}, [0], [[1, 2], [3]], {"as_int": -7})


def mutate(rng, data):
    """Return `data` with a few bytes changed, cut, doubled or moved."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 64))
        kind = rng.integers(7)
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            data[at] = int(rng.integers(256))
        elif kind == 2:
            value = int(rng.choice([0, 1, 2**31 - 1, 2**32 - 1, 2**31, 2**16])).to_bytes(4, "little")
            data[at : at + 4] = value[: len(data) - at]
        elif kind == 3:
            del data[at : at + length]
        elif kind == 4:
            data[at:at] = data[at : at + length]
        elif kind == 5:
            data[at : at + length] = rng.bytes(length)
        elif rng.integers(4) == 0:
            del data[at:]
        if not data:
            return b""
    return bytes(data)


def mutate_json(rng, text):
    """Return JSON text in which one or two values, anywhere, are something nasty."""
    tree = json.loads(text)
    for _ in range(int(rng.integers(1, 3))):
        place = tree
        while isinstance(place, (dict, list)) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = keys[int(rng.integers(len(keys)))]
            inner = place[key]
            if not isinstance(inner, (dict, list)) or not inner or rng.integers(8) == 0:
                if rng.integers(6) == 0:
                    del place[key]
                else:
                    place[key] = deepcopy(NASTY[int(rng.integers(len(NASTY)))])
                break
            place = inner
    return json.dumps(tree)


def mutate_zip(rng, data, of=mutate_json, ending=".json"):
    """Return the archive with one member that ends in `ending` changed by `of`, and sound checksums."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        members = {entry.filename: source.read(entry) for entry in source.infolist()}
    names = [name for name in members if name.endswith(ending)]
    chosen = names[int(rng.integers(len(names)))]
    changed = of(rng, members[chosen])
    members[chosen] = changed.encode() if isinstance(changed, str) else changed
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, payload in members.items():
            target.writestr(name, payload)
    return buffer.getvalue()


def outcome(read, data, name):
    """Read a mutant: "refused" with a ValueError that names the file, or "ran"; anything else fails the test."""
    start, graph, complaint = time.monotonic(), None, ""
    try:
        graph = read(data, name)
    except ValueError as error:
        complaint = str(error)
    result = "refused" if graph is None else _run(graph)
    assert graph is not None or name in complaint, f"the error does not name the file: {complaint}"
    assert time.monotonic() - start < SECONDS, "a hang"
    return result


def _run(graph):
    """Run batch 1 of zeros, where that is little work; ValueErrors of the interpreter are clear errors too."""
    if cost.macs(graph) > MAX_MACS:
        return "too large to run"
    sources = [graph.tensors[name] for name in graph.inputs]
    x = tuple(np.zeros((1, *tensor.shape), tensor.dtype) for tensor in sources)
    try:
        with np.errstate(all="ignore"):
            run(graph, x[0] if len(x) == 1 else x)
    except ValueError:
        return "refused when run"
    return "ran"


def survey(read, sound, mutations, name, cases=CASES, seed=0):
    """Read `cases` mutants of the `sound` files; return how often each outcome came about."""
    rng = np.random.default_rng(seed)
    counts = {}
    for case in range(cases):
        mutation = mutations[case % len(mutations)]
        mutant = mutation(rng, sound[int(rng.integers(len(sound)))])
        result = outcome(read, mutant, name)
        counts[result] = counts.get(result, 0) + 1
    return counts
