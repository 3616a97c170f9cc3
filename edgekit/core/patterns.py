"""Patterns of zeros that hardware knows: N weights of every M neighbours stay (`core.masks.n_of_m`).

Source: Mishra et al., arXiv:2104.08378.
"""

#: the one sparsity that a pattern has
PATTERNS = {"2:4": 0.5, "1:4": 0.75}
