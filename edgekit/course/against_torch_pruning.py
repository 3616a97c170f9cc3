"""The same trained network pruned by torch-pruning, the field's tool, to the same number of MACs.

What comes back is a `Graph` again: both arms of a comparison are then trained, judged and counted by the same code.
Source: Fang et al., "DepGraph: Towards Any Structural Pruning", CVPR 2023; the package torch-pruning.
"""

from copy import deepcopy

from edgekit.graph.cost import macs

RANKS = ("together", "layer")
STEPS = 8  # halvings of the range in which the ratio lies
MOST = 0.9  # of the channels of one layer, so that none vanishes


def torch_pruned(model, input_shape, limit, rank="layer", multiple=None):
    """Return the `Graph` of a torch `model` that torch-pruning thinned until it takes at most `limit` MACs.

    Importance: the L2 norm over all weights of a group of coupled channels. rank "layer" removes one share everywhere,
    "together" compares the channels of all layers (their `global_pruning`); the outputs stay whole. multiple: their
    `round_to`. The model is left as it was. Raises ValueError for an unknown rank, and when no ratio reaches the limit.
    """
    if rank not in RANKS:
        raise ValueError(f"torch_pruned: rank must be one of {', '.join(RANKS)}, got {rank!r}")
    best, low, high = None, 0.0, 1.0
    for _ in range(STEPS):
        ratio = (low + high) / 2
        found = _at_ratio(model, input_shape, ratio, rank == "together", multiple)
        if macs(found) <= limit:
            best, high = found, ratio
        else:
            low = ratio
    if best is None:
        raise ValueError(f"torch_pruned: no pruning ratio below 1 leaves at most {limit:,} MACs; raise the limit")
    return best


def _at_ratio(model, input_shape, ratio, everywhere, multiple):
    import torch_pruning

    from edgekit.nn.export import to_graph

    smaller = deepcopy(model).eval()
    example = next(smaller.parameters()).new_zeros(2, *input_shape)
    layers = [layer for layer in smaller.modules() if getattr(getattr(layer, "weight", None), "ndim", 0) > 1]
    importance = torch_pruning.importance.GroupMagnitudeImportance(p=2)
    torch_pruning.pruner.MagnitudePruner(
        smaller, example, importance, global_pruning=everywhere, pruning_ratio=ratio, max_pruning_ratio=MOST,
        ignored_layers=layers[-1:], round_to=multiple).step()
    return to_graph(smaller, input_shape, "torch_pruned", {})
