"""Where a training on few codes may begin: with codes that were rounded together, not each by itself."""

import torch

from edgekit.graph.rounding import round_adaptively
from edgekit.graph.sensitivity import restored


@torch.no_grad()
def begin_rounded(net, batches):
    """Give a `QatNet` of a folded graph the weights and biases that rounding together finds for its grids.

    `batches` are arrays (N, ...) of real inputs, as `round_adaptively` takes them. The grids stay; the float weights
    behind the codes start at the codes themselves. Two values are too few to round together: a code must be one of the
    two next to its weight, and between minus and plus one lies zero.
    """
    together = round_adaptively(net.graph, net.eval().to_integer(), batches)
    for name, tensor in restored(net.graph, together).items():
        net.constant(name).copy_(torch.tensor(tensor.data))
