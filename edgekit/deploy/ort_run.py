"""Run a graph in ONNX Runtime on one thread, and take times by turns.

    runner(graph, x) -> function that computes the graph on the batch x
    race(runners, rounds) -> {name: least seconds}
"""

import time

import numpy as np

from edgekit.deploy.onnx import to_onnx


def runner(graph, x):
    """Return a function of nothing that runs `graph` on `x`, a batch in the graph's layout, and gives ORT's outputs.

    The session and the array in ONNX's layout are made once, here.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.qdqisint8allowed", "1")  # else x86 computes QDQ of int8 in float32
    session = onnxruntime.InferenceSession(to_onnx(graph), options, providers=["CPUExecutionProvider"])
    first = np.ascontiguousarray(np.moveaxis(x, -1, 1) if x.ndim == 4 else x)
    inputs = {session.get_inputs()[0].name: first}
    return lambda: session.run(None, inputs)


def race(runners, rounds=30, in_a_row=3):
    """Return {name: the least seconds of a call}: in every round each of `runners` is called `in_a_row` times.

    What disturbs the computer makes a call longer, never shorter, and by turns it disturbs all alike. The calls in a
    row find in the caches what fits there, instead of what another runner left. The first round does not count.

    >>> sorted(race({"short": lambda: None, "long": lambda: time.sleep(0.001)}, 3))
    ['long', 'short']
    """
    least = dict.fromkeys(runners, float("inf"))
    for turn in range(1 + rounds):
        for name, work in runners.items():
            for _ in range(in_a_row):
                start = time.perf_counter()
                work()
                taken = time.perf_counter() - start
                if turn:
                    least[name] = min(least[name], taken)
    return least
