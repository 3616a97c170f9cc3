"""How long a model takes on this computer, in the kit's own interpreter."""

import time

import numpy as np

from edgekit.graph.run import run


def latency_ms(graph, x, repeats=50, warm_up=5, preset="cmsis"):
    """Return {"median", "p90", "kind": "measured"}: milliseconds of one inference at batch 1, over `repeats` runs.

    x: a batch in the graph's input type; its examples are used in turn.
    """
    times = []
    for i in range(warm_up + repeats):
        example = x[i % len(x)][None]
        start = time.perf_counter()
        run(graph, example, preset)
        times.append((time.perf_counter() - start) * 1e3)
    median, p90 = np.percentile(times[warm_up:], [50, 90])
    return {"median": float(median), "p90": float(p90), "kind": "measured"}
