"""Data on which integer operators are compared: odd shapes, zero points at the ends, saturated outputs, ties."""

import numpy as np

ZERO_POINTS = (-128, -5, 0, 3, 127)


def ends(num_bits):
    """Return the ends of the grid of codes as the keyword arguments of an operator."""
    return {"qmin": -(2 ** (num_bits - 1)), "qmax": 2 ** (num_bits - 1) - 1}


def zero_points(rng, count, num_bits=8):
    """Return `count` zero points, often at the ends of the range; 0 with 16 bits."""
    if num_bits > 8:
        return [0] * count
    return [int(zero) for zero in rng.choice(ZERO_POINTS, count)]


def layer_scales(rng, ties, outputs, spread, fine=1):
    """Return scale_x, scale_w (outputs,), scale_y; accumulators of deviation `spread` then fill the grid, some pass it.

    With `ties` all are powers of two. The grid has `fine` times 256 codes.
    """
    wanted = spread / (rng.uniform(15, 90) * fine)
    if ties:
        real = 2.0 ** np.minimum(-np.floor(np.log2(wanted)) + rng.integers(0, 2, outputs), -1)
        scale_x, scale_y = (np.float32(2.0 ** -rng.integers(2, 6)) for _ in "xy")
    else:
        real = rng.uniform(0.5, 1.5, outputs) / wanted
        scale_x, scale_y = (np.float32(rng.uniform(0.005, 0.1)) for _ in "xy")
    return scale_x, (real * scale_y / scale_x).astype(np.float32), scale_y


def draw_layer(rng, q_w, ties, fine=1, per_tensor=False):
    """Return (scale_x, scale_w, scale_y), (zero_x, zero_y) and a bias for weights with the output channels first."""
    spread = 74 * fine * np.sqrt((q_w.astype(float) ** 2).reshape(len(q_w), -1).sum(axis=1).mean() + 1)
    scales = layer_scales(rng, ties, 1 if per_tensor else len(q_w), spread, fine)
    return scales, zero_points(rng, 2), rng.integers(-int(spread), int(spread) + 1, len(q_w))


def draw_convolution(rng, kind, greatest_weight=127, num_bits=8):
    """Return q_x, q_w and the geometry: stride or dilation, any channels, weights small or large.

    `kind` is "conv2d", "grouped_conv2d" or "depthwise_conv2d".
    """
    channels, groups = int(rng.choice([1, 2, 3, 5, 8, 16])), 1
    outputs = int(rng.integers(1, 24))
    if kind == "depthwise_conv2d":
        groups, outputs = channels, channels * int(rng.integers(1, 4))
    if kind == "grouped_conv2d":
        groups = int(rng.integers(2, 5))
        channels, outputs = groups * int(rng.integers(2, 6)), groups * int(rng.integers(1, 10))
    kernel = tuple(int(n) for n in rng.integers(1, 6, 2))
    q_x = draw_codes(rng, (6, *rng.integers(13, 25, 2), channels), num_bits)
    q_w = draw_weights(rng, (outputs, *kernel, channels // groups), greatest_weight)
    strided = rng.random() < 0.5
    return q_x, q_w, {
        "stride": tuple(int(n) for n in rng.integers(1, 4, 2)) if strided else (1, 1),
        "dilation": (1, 1) if strided else tuple(int(n) for n in rng.integers(1, 3, 2)),
        "padding": str(rng.choice(["same", "valid"])), "groups": groups,
    }


def draw_codes(rng, shape, num_bits=8):
    """Return codes of the whole range."""
    end = 2 ** (num_bits - 1)
    return rng.integers(-end, end, shape, np.int8 if num_bits == 8 else np.int16)


def draw_weights(rng, shape, greatest=127):
    """Return int8 weights within +-1, +-3 or +-greatest."""
    reach = int(rng.choice([1, 3, greatest]))
    return rng.integers(-reach, reach + 1, shape, np.int8)


def draw_image(rng, most_channels=40, num_bits=8):
    """Return codes (8, H, W, C)."""
    return draw_codes(rng, (8, *rng.integers(9, 31, 2), int(rng.integers(1, most_channels))), num_bits)


def every_code(rng, num_bits=8):
    """Return all codes, those of 8 bits some sixteen times, in a length that no vector width divides."""
    if num_bits > 8:
        codes = np.arange(-(2**15), 2**15, dtype=np.int16)
        return np.append(codes, codes[: int(rng.integers(1, 256))])[None]
    return np.tile(np.arange(-128, 128, dtype=np.int8), 17)[: 16 * 256 + int(rng.integers(1, 256))][None]


def pair_of_grids(rng, ties, least=0.1, most=3.0, num_bits=8):
    """Return scale_x, zero_x, scale_y, zero_y with scale_y / scale_x from `least` to `most`."""
    ratio = 2.0 ** rng.integers(int(np.log2(least)), int(np.log2(most)) + 1) if ties else rng.uniform(least, most)
    scale_x = np.float32(2.0 ** -rng.integers(2, 6) if ties else rng.uniform(0.005, 0.1))
    zero_x, zero_y = zero_points(rng, 2, num_bits)
    return scale_x, zero_x, np.float32(scale_x * ratio), zero_y


def named_grids(scale_x, zero_x, scale_y, zero_y):
    """Return the four as the keyword arguments of an operator."""
    return {"scale_x": scale_x, "zero_point_x": zero_x, "scale_y": scale_y, "zero_point_y": zero_y}
