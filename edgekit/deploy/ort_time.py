"""How long float models take in ONNX Runtime at batch 1 on one thread, and in which of its nodes the time goes.

    interleaved_ms({"whole": graph, "thin": smaller}, x)     one inference of each in turn, again and again
    race(runners({"one": (graph, x), "two": (other, y)}))    the least time of each, with inputs of their own
    node_times(graph, x)                                     its own profile: what it made of the graph

The clock is the processor time of this thread, where the system counts it finely: other programs on the computer then
cost little more than the cache lines they take. Interleaving lets whatever changes with time hit all models alike.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgekit.deploy.onnx.write import to_onnx
from edgekit.graph.fold import fold

FINE_S = 1e-5
EACH = 3  # inferences between two looks at the clock


def interleaved_ms(graphs, x, rounds=100, rng=None, warm_up=5):
    """Return {name: milliseconds (rounds,) of one inference} of float graphs with one input (1, ...).

    Batch norms are folded first. `rng` shuffles the order within every round. Needs the package onnxruntime.
    """
    runs = {name: _runner(graph, x) for name, graph in graphs.items()}
    for run in runs.values():
        for _ in range(warm_up):
            run()
    now, found, names = clock(), {name: [] for name in runs}, list(runs)
    for _ in range(rounds):
        for name in rng.permutation(names) if rng is not None else names:
            start = now()
            for _ in range(EACH):
                runs[name]()
            found[name].append(1e3 * (now() - start) / EACH)
    return {name: np.array(times) for name, times in found.items()}


def runners(rivals):
    """Return {name: function of nothing that runs a float graph on one thread} of {name: (graph, input (1, ...))}."""
    return {name: _runner(graph, x) for name, (graph, x) in rivals.items()}


def race(functions, rounds=30):
    """Return {name: the least seconds of a call}; in every round each of `functions` is called `EACH` times in a row.

    What disturbs the computer makes a call longer, never shorter, and by turns it disturbs all alike. Calls in a row
    find in the caches what fits there, not what another function left. The first round does not count.

    >>> found = race({"short": lambda: 0, "long": lambda: sum(range(9999))}, 3)
    >>> found["short"] < found["long"]
    True
    """
    now, least = clock(), dict.fromkeys(functions, float("inf"))
    for turn in range(1 + rounds):
        for name, work in functions.items():
            for _ in range(EACH):
                start = now()
                work()
                taken = now() - start
                if turn:
                    least[name] = min(least[name], taken)
    return least


def clock():
    """The processor time of this thread in seconds where it is counted finely, else the time of day."""
    return time.thread_time if time.get_clock_info("thread_time").resolution <= FINE_S else time.perf_counter


class NodeTime(NamedTuple):
    """One node as the runtime runs it: its operator, the shapes that it reads, and the median of its microseconds.

    `weight` is the shape of a convolution's weights (out, in, height, width) as the runtime has laid them out.
    """

    op: str
    shapes: tuple
    microseconds: float

    @property
    def weight(self):
        """The shape of the weights of a convolution, else ()."""
        return tuple(self.shapes[1]) if self.op.endswith("Conv") else ()

    @property
    def depthwise(self):
        """Whether each output channel of this convolution reads one input channel of several."""
        return bool(self.weight) and self.weight[1] == 1 < self.shapes[0][1]


def node_times(graph, x, repeats=100):
    """Return a `NodeTime` for each node that ONNX Runtime runs for a float graph, in its order, from its profile."""
    with tempfile.TemporaryDirectory() as folder:
        session, feed = _session(graph, x, profile=str(Path(folder) / "profile"))
        for _ in range(repeats):
            session.run(None, feed)
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    times, kinds = {}, {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            times.setdefault(event["name"], []).append(event["dur"])
            shapes = tuple(tuple(shape) for one in event["args"]["input_type_shape"] for shape in one.values())
            kinds[event["name"]] = event["args"]["op_name"], shapes
    return [NodeTime(*kinds[name], float(np.median(values))) for name, values in times.items()]


def _runner(graph, x):
    session, feed = _session(graph, x)
    return lambda: session.run(None, feed)


def _session(graph, x, profile=None):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if profile:
        options.enable_profiling, options.profile_file_prefix = True, profile
    session = onnxruntime.InferenceSession(to_onnx(fold(graph)), options, providers=["CPUExecutionProvider"])
    first = session.get_inputs()[0]
    return session, {first.name: np.ascontiguousarray(np.moveaxis(x, -1, 1) if x.ndim == 4 else x, np.float32)}
