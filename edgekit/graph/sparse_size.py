"""The bytes of a pruned model in each format of `core.sparse`: weights in the format, everything else as it is."""

from edgekit.core import sparse
from edgekit.core.masks import sparsity as of_masks
from edgekit.graph.cost import constants


def stored(graph, form):
    """Return {constant: bytes}: weights, float32 or int8 codes, in `form` ("best": the shortest for each).

    Biases, scales and what else `cost.constants` counts stay as they are; an integer weight keeps its scales and
    multipliers behind its codes.
    """
    found = constants(graph)
    for tensor in graph.constants:
        if tensor.data.ndim > 1 and (tensor.qparams is None or tensor.qparams.num_bits == 8):
            forms = sparse.FORMATS if form == "best" else (form,)
            body = min((sparse.encode(tensor.data, name) for name in forms), key=len)
            found[tensor.name] = body + found[tensor.name][tensor.num_bytes :]
    return found


def sizes(graph):
    """Return {format: bytes} of all constants of `graph`, as really serialized; "best" chooses for each weight."""
    return {form: len(b"".join(stored(graph, form).values())) for form in (*sparse.FORMATS, "best")}


def sparsity(graph):
    """Return zeros / all over the weights (matrices and kernels) of `graph`."""
    return of_masks({tensor.name: tensor.data != 0 for tensor in graph.constants if tensor.data.ndim > 1})
