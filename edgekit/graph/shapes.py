"""Which shape every operator gives: what a graph declares must be what it computes.

    infer(op, shapes, attrs) -> shape      shapes of all inputs, weights too, without the batch
    check_shapes(graph)                    every node of a graph
"""

import math


def infer(op, shapes, attrs):
    """Return the shape, without the batch, that `op` gives for inputs of `shapes`; raise ValueError if none.

    >>> infer("avg_pool2d", [(6, 6, 8)], {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0))})
    (3, 3, 8)
    """
    return _RULES.get(op, _same)(attrs, *map(tuple, shapes))


def check_shapes(graph):
    """Raise ValueError, which names the node, unless every declared shape is the one that its inputs give."""
    for node in graph.nodes:
        declared = graph.tensors[node.output].shape
        try:
            shape = infer(node.op, [tensor.shape for tensor in graph.inputs_of(node)], node.attrs)
        except ValueError as error:
            raise ValueError(f"Graph {graph.name!r}: node {node.output!r} ({node.op}): {error}") from None
        if shape != declared:
            raise ValueError(
                f"Graph {graph.name!r}: node {node.output!r} ({node.op}): declared shape {declared}, but its inputs "
                f"give {shape}"
            )


def padded(shape, padding):
    """Return (H, W, C) grown by ((top, bottom), (left, right))."""
    _expect(len(shape) == 3, f"takes (H, W, C), got {shape}")
    (top, bottom), (left, right) = padding
    return shape[0] + top + bottom, shape[1] + left + right, shape[2]


def _expect(condition, message):
    if not condition:
        raise ValueError(message)


def _same(attrs, x, *_):
    return x


def _windows(x, attrs, kernel, dilation=(1, 1)):
    """(H, W) of the places where a kernel fits."""
    *space, _ = padded(x, attrs["padding"])
    size = tuple(
        (n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(space, kernel, attrs["stride"], dilation, strict=True)
    )
    _expect(min(size) >= 1, f"kernel {kernel} with dilation {dilation} does not fit in {tuple(space)}")
    return size


def _conv2d(attrs, x, w, bias=None):
    groups = attrs["groups"]
    _expect(len(x) == 3 and len(w) == 4, f"takes (H, W, C) and weights (O, KH, KW, C / groups), got {x} and {w}")
    fits = w[3] * groups == x[2] and w[0] % groups == 0
    _expect(fits, f"weights {w} do not fit {x[2]} channels in {groups} groups")
    _check_bias(bias, w[0])
    return (*_windows(x, attrs, w[1:3], attrs["dilation"]), w[0])


def _dense(attrs, x, w, bias=None):
    _expect(len(x) >= 1 and len(w) == 2 and x[-1] == w[1], f"takes (..., C) and weights (O, C), got {x} and {w}")
    _check_bias(bias, w[0])
    return (*x[:-1], w[0])


def _check_bias(bias, channels):
    _expect(bias in (None, (channels,)), f"a bias has one value per output channel, {(channels,)}, got {bias}")


def _batch_norm(attrs, x, *parameters):
    _expect(all(p == x[-1:] != () for p in parameters), f"needs parameters of shape {x[-1:]}, got {parameters}")
    return x


def _pool(attrs, x):
    smaller = all(max(side) < k for side, k in zip(attrs["padding"], attrs["kernel"], strict=True))
    _expect(smaller, f"padding {attrs['padding']} must be smaller than the kernel {attrs['kernel']}")
    return (*_windows(x, attrs, attrs["kernel"]), x[2])


def _add(attrs, a, b):
    _expect(a == b, f"both inputs must have one shape, got {a} and {b}")
    return a


def _mul(attrs, a, b):
    fits = all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1], strict=False))
    _expect(fits, f"shapes {a} and {b} do not fit; every axis must be equal or 1")
    longer, shorter = sorted((a, b), key=len, reverse=True)
    shorter = (1,) * (len(longer) - len(shorter)) + shorter
    return tuple(map(max, longer, shorter))


def _reshape(attrs, x):
    shape = attrs["shape"]
    _expect(math.prod(shape) == math.prod(x), f"cannot turn {x} into {shape}: different numbers of elements")
    return shape


def _concat(attrs, *shapes):
    axis, first = attrs["axis"], shapes[0]
    fits = all(len(s) == len(first) >= -axis and _without(s, axis) == _without(first, axis) for s in shapes)
    _expect(fits, f"all axes but {axis} must be equal, got {shapes}")
    joined = list(first)
    joined[axis] = sum(shape[axis] for shape in shapes)
    return tuple(joined)


def _without(shape, axis):
    place = axis % len(shape)
    return shape[:place] + shape[place + 1 :]


def _pad(attrs, x):
    return padded(x, attrs["padding"])


def _resize(attrs, x):
    _expect(len(x) == 3, f"takes (H, W, C), got {x}")
    return (*attrs["size"], x[2])


def _mean(attrs, x):
    gone = {axis + len(x) for axis in attrs["axes"]}
    _expect(min(gone) >= 0, f"{x} has no axes {attrs['axes']}")
    if attrs["keepdims"]:
        return tuple(1 if i in gone else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


def _recurrent(gates):
    def rule(attrs, x, w_input, w_hidden, b_input, b_hidden):
        rows, hidden = w_hidden if len(w_hidden) == 2 else (0, 0)
        fits = len(x) == 3 and x[0] == 1 and rows == gates * hidden and w_input == (rows, x[2])
        _expect(
            fits and b_input == b_hidden == (rows,),
            f"takes (1, T, C), weights ({gates}H, C) and ({gates}H, H) and two biases ({gates}H,), "
            f"got {x}, {w_input}, {w_hidden}, {b_input}, {b_hidden}",
        )
        return (1, x[1], hidden) if attrs["return_sequence"] else (hidden,)

    return rule


_RULES = {
    "conv2d": _conv2d,
    "dense": _dense,
    "batch_norm": _batch_norm,
    "avg_pool2d": _pool,
    "max_pool2d": _pool,
    "add": _add,
    "mul": _mul,
    "reshape": _reshape,
    "concat": _concat,
    "pad": _pad,
    "resize_nearest": _resize,
    "mean": _mean,
    "gru": _recurrent(3),
    "lstm": _recurrent(4),
}
