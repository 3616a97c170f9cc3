"""From which sparsity on a format of `core.sparse` is smaller than the dense one: bits per weight, derived.

q = sparsity, b = bits of a weight, zeros at random places, long rows (headers and row ends cost nothing):

    bitmap     1 + (1 - q) b
    csr        (1 - q) (b + i)                     i bits for a column
    run        (1 - q) (b + 4) / (1 - q^16)        a run is longer than 15 with probability q^16, again and again
    huffman    >= entropy: h(q) + (1 - q) H        H bits of entropy among the weights that are not 0
"""

import math

RUN = 16


def bits_per_weight(form, sparsity, value_bits, index_bits=16):
    """Return the expected bits per weight of `form` (bitmap, csr, run) at `sparsity` in [0, 1).

    >>> bits_per_weight("bitmap", 0.5, 8), bits_per_weight("csr", 0.5, 8, 8)
    (5.0, 8.0)
    """
    density = 1 - sparsity
    if form == "bitmap":
        return 1 + density * value_bits
    if form == "csr":
        return density * (value_bits + index_bits)
    if form == "run":
        return density * (value_bits + 4) / (1 - sparsity**RUN)
    raise ValueError(f"bits_per_weight: form must be bitmap, csr or run, got {form!r}")


def break_even(form, value_bits, index_bits=16):
    """Return the sparsity beyond which `form` takes fewer bits than `value_bits` per weight.

        bitmap  1 / b        csr  i / (b + i)        run  where (1 - q) (b + 4) = b (1 - q^16)

    >>> break_even("bitmap", 8), break_even("csr", 8, 8), round(break_even("run", 8), 4)
    (0.125, 0.5, 0.3333)
    """
    if form == "bitmap":
        return 1 / value_bits
    if form == "csr":
        return index_bits / (value_bits + index_bits)
    low, high = 0.0, 1 - 1e-6
    while high - low > 1e-12:
        middle = (low + high) / 2
        if bits_per_weight(form, middle, value_bits) < value_bits:
            high = middle
        else:
            low = middle
    return high


def entropy_bits(sparsity, value_entropy):
    """Return the entropy in bits per weight: h(q) + (1 - q) H. Huffman's words take at most one bit more.

    >>> entropy_bits(0.5, 4.0)
    3.0
    """
    parts = [p for p in (sparsity, 1 - sparsity) if p > 0]
    return -sum(p * math.log2(p) for p in parts) + (1 - sparsity) * value_entropy
