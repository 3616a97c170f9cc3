"""Which grid a layer's weights get: how many bits, and where it ends.

    bits_per_layer(graph, num_bits) -> {output name: bits}
    weight_range(tensor, per_channel, num_bits, observer) -> (low, high), scalars or (O,)
"""

import numpy as np

WITH_WEIGHTS = ("conv2d", "dense", "gru", "lstm")
OBSERVERS = ("minmax", "mse")
FEWEST, MOST = 2, 8
#: ends tried for the least squared error, as shares of the largest weight
SHARES = np.linspace(1.0, 0.3, 36)


def bits_per_layer(graph, num_bits):
    """Return {output name: bits of its weights} for every layer of `graph`; `num_bits` is one number, or such a dict.

    Layers that the dict does not name get 8. Raises ValueError for bits outside 2..8 and for unknown names.
    """
    layers = [node.output for node in graph.nodes if node.op in WITH_WEIGHTS]
    given = dict(num_bits) if hasattr(num_bits, "keys") else dict.fromkeys(layers, num_bits)
    unknown = [name for name in given if name not in layers]
    if unknown:
        raise ValueError(f"quantize_graph: num_bits names {unknown[0]!r}, which is no layer with weights; "
                         f"there are {', '.join(layers)}")
    for name, bits in given.items():
        if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not FEWEST <= bits <= MOST:
            raise ValueError(f"quantize_graph: weights take {FEWEST}..{MOST} bits, got {bits!r} for layer {name!r}")
    return {name: int(given.get(name, MOST)) for name in layers}


def weight_range(tensor, per_channel=True, num_bits=8, observer="minmax"):
    """Return the symmetric (low, high) of a weight `tensor` (O, ...): numbers, or arrays (O,) `per_channel`.

    "minmax" takes the largest magnitude, "mse" the share of it at which sum (w - fake_quantize(w))^2 is least; ties
    keep the wider range. Raises ValueError for weights that are not finite, and for an unknown observer.
    """
    if observer not in OBSERVERS:
        raise ValueError(f"quantize_graph: weight_observer must be one of {OBSERVERS}, got {observer!r}")
    if not np.isfinite(tensor.data).all():
        raise ValueError(f"quantize_graph: weight {tensor.name!r} holds NaN or infinite values; train or export the "
                         "model again")
    rows = tensor.data.astype(np.float64).reshape(tensor.shape[0] if per_channel else 1, -1)
    high = np.abs(rows).max(axis=1)
    if observer == "mse":
        high = high * SHARES[np.argmin([_loss(rows, high * share, num_bits) for share in SHARES], axis=0)]
    return (-high, high) if per_channel else (-high[0], high[0])


def _loss(rows, high, num_bits):
    """Squared error of each row on the symmetric grid that ends at `high` (O,)."""
    qmax = 2 ** (num_bits - 1) - 1
    scale = np.where(high > 0, high, 1.0)[:, None] / qmax
    return np.square(np.clip(np.rint(rows / scale), -qmax, qmax) * scale - rows).sum(axis=1)
