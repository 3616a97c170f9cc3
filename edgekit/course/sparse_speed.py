"""Does a zero save time? Dense and sparse products of one matrix, timed in turn in one run.

    speed-up = best time of the dense product / best time of the other      above 1 the other is faster
    break-even = the sparsity at which the speed-up passes 1

Only ratios within one run mean anything: seconds belong to one computer and to one moment.
"""

import time

import numpy as np

#: products as layers have them: rows, columns, positions. "vector" is the first layer of the autoencoder, "patches" a
#: convolution of the pulse network at all its positions, "large" a dense layer that does not fit into a cache.
SHAPES = {"vector": (64, 1280, 1), "patches": (32, 160, 125), "large": (1024, 4096, 1)}
SPARSITIES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.995)
WAYS = ("zeros", "ours", "scipy")


def best_seconds(works, rounds=25, least_s=4e-4):
    """Return {name: seconds of one call}, the best of `rounds`, of functions that are timed in turn.

    Each turn calls a function until `least_s` are over, so that the clock is fine enough; taking turns lets a slow
    moment of the computer meet all of them.
    """
    best = dict.fromkeys(works, np.inf)
    for _ in range(rounds):
        for name, work in works.items():
            calls, start = 0, time.perf_counter()
            while (taken := time.perf_counter() - start) < least_s or not calls:
                work()
                calls += 1
            best[name] = min(best[name], taken / calls)
    return best


def speed_ups(shape, sparsity, rng, **timing):
    """Return {way: speed-up over the dense product of a full matrix} for a random matrix of `shape` with zeros.

    "zeros": the dense product of the matrix with zeros; "ours": `sparse_product.csr_matvec`; "scipy": SciPy's CSR. The
    smallest weights become 0. `timing` goes to `best_seconds`. Raises ValueError when a product is not the dense one.
    """
    from scipy.sparse import csr_array
    from threadpoolctl import threadpool_limits

    from edgekit.core.masks import kept_count, top
    from edgekit.core.sparse import csr
    from edgekit.core.sparse_product import csr_matvec

    rows, columns, positions = shape
    full = aligned(rng.standard_normal((rows, columns)).astype(np.float32))
    x = rng.standard_normal((columns, positions)).astype(np.float32).squeeze()
    thin = aligned(np.where(top(np.abs(full), kept_count(full.size, sparsity)), full, np.float32(0)))
    ours, theirs = csr(thin), csr_array(thin)
    works = {"full": lambda: full @ x, "zeros": lambda: thin @ x, "ours": lambda: csr_matvec(ours, x),
             "scipy": lambda: theirs @ x}
    _check_equal({way: works[way]() for way in WAYS}, columns * 2.0**-23 * (np.abs(thin) @ np.abs(x)).max())
    with threadpool_limits(1):
        taken = best_seconds(works, **timing)
    return {way: taken["full"] / taken[way] for way in WAYS}


def aligned(x, to=64):
    """Return a copy of x whose first byte lies at a multiple of `to`: where an array happens to lie may cost a fifth.

    >>> aligned(np.arange(3.0)).ctypes.data % 64
    0
    """
    room = np.empty(x.nbytes + to, np.uint8)
    start = -room.ctypes.data % to
    copy = room[start : start + x.nbytes].view(x.dtype).reshape(x.shape)
    copy[...] = x
    return copy


def _check_equal(products, bound):
    """Raise ValueError unless all products agree within `bound`, K float32 roundings of the sum of sizes."""
    for name, product in products.items():
        if np.abs(product - products["zeros"]).max() > bound:
            raise ValueError(f"speed_ups: the product {name!r} is not the dense one; time no wrong answers")


def break_even(sparsities, speed_ups):
    """Return the sparsity at which a rising speed-up passes 1, between the measured ones on a line in log(density).

    0 when it is at least 1 from the first on, and 1 when it never gets there.

    >>> round(break_even((0.5, 0.9, 0.99), (0.25, 0.5, 2.0)), 3)
    0.968
    """
    ahead = [i for i, value in enumerate(speed_ups) if value >= 1]
    if not ahead:
        return 1.0
    i = ahead[0]
    if i == 0:
        return 0.0
    logs = np.log(speed_ups[i - 1 : i + 1])
    density = np.log1p(-np.asarray(sparsities[i - 1 : i + 1], np.float64))
    return float(1 - np.exp(np.interp(0.0, logs, density)))


def network_ratio(full, thin, x, rounds=60):
    """Return the speed-up of a float graph `thin` over `full` in ONNX Runtime, batch 1, one thread; x (1, ...)."""
    from edgekit.deploy.ort_time import interleaved_ms

    taken = interleaved_ms({"full": full, "thin": thin}, x, rounds)
    return float(taken["full"].min() / taken["thin"].min())
