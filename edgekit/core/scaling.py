"""One number makes a whole network wider or narrower, another its picture larger or smaller.

    round_channels(channels, width)      alpha C, rounded to a multiple of 8
    scaled_size(size, resolution)        rho H, rho W
"""

import math


def round_channels(channels, width=1.0, divisor=8):
    """Return `width * channels` rounded to the nearest multiple of `divisor`, but never below 90 % of it.

        C' = max(d, floor((alpha C + d / 2) / d) d),    C' + d where that is less than 0.9 alpha C

    Vector units work on 8 or 16 channels at once: 61 channels cost as much as 64. Raises ValueError for sizes that are
    not positive. Source: `_make_divisible` in tensorflow/models, research/slim/nets/mobilenet/mobilenet.py, which
    MobileNetV2 and V3 are built with.

    >>> round_channels(32, 0.75), round_channels(24, 0.35), round_channels(16, 0.25)
    (24, 8, 8)
    """
    if channels < 1 or not 0 < width < math.inf or divisor < 1:
        raise ValueError(f"round_channels: channels and divisor must be at least 1 and width above 0, got {channels}, "
                         f"{divisor}, {width}; a width of 0.5 halves the channels")
    wanted = width * channels
    rounded = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * wanted else rounded + divisor


def scaled_size(size, resolution=1.0):
    """Return (H, W) times `resolution`, rounded, at least 1; an axis of length 1, as a signal's height, stays.

    >>> scaled_size((96, 96), 0.5), scaled_size((1, 1000), 0.25)
    ((48, 48), (1, 250))
    """
    if not 0 < resolution < math.inf:
        raise ValueError(f"scaled_size: resolution must be above 0, got {resolution}; 0.5 halves every side")
    return tuple(max(1, round(side * resolution)) for side in size)
