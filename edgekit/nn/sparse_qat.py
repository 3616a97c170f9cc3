"""Quantization-aware training of a pruned network: what is 0 stays 0, as a weight and as a code.

    net = SparseQatNet(graph, integer);  train(net, x, y);  net.to_integer()
"""

import torch

from edgekit.graph.fold import fold
from edgekit.graph.operators import WITH_WEIGHTS
from edgekit.nn.qat import QatNet, key_of


class SparseQatNet(QatNet):
    """A `QatNet` whose masks are read off `graph`: a weight that is 0 there is multiplied by 0 in every step.

    Folded batch norms scale rows, so they keep zeros; weight grids have zero point 0, so 0 is the code 0.
    """

    def __init__(self, graph, integer, learn_steps=True):
        super().__init__(graph, integer, learn_steps)
        for node in fold(graph).nodes:
            if node.op in WITH_WEIGHTS:
                with torch.no_grad():
                    mask = super().layer(node)[0] != 0
                self.register_buffer(f"mask/{key_of(node.output)}", mask)

    def layer(self, node):
        """Weight, times its mask, and bias of a layer, batch norm included."""
        weight, bias = super().layer(node)
        return weight * getattr(self, f"mask/{key_of(node.output)}"), bias
