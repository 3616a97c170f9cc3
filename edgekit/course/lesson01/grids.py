"""What the exercises of lesson 01 share: the tensor to dissect and the ends of a signed grid."""

import numpy as np

SIX = np.array([-1.0, -0.5, 0.0, 0.3, 0.8, 1.2])
SIX_CODES = np.array([-128, -70, -12, 23, 81, 127])
STEP = 2.2 / 255


def signed_grid(num_bits):
    """The ends of a signed grid: -128 and 127 for 8 bits."""
    return -(2 ** (num_bits - 1)), 2 ** (num_bits - 1) - 1
