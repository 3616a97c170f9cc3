"""Pruning and quantization-aware training together: zeros survive both."""

import numpy as np
import torch

from edgekit.core import masks
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.sparse_size import sparsity
from edgekit.nn.models import PulseNet
from edgekit.nn.prune import MaskedNet
from edgekit.nn.qat import QatNet
from edgekit.nn.sparse_qat import SparseQatNet
from edgekit.nn.trace import trace
from edgekit.nn.train import Recipe, seeded, train


def test_a_weight_that_was_pruned_has_code_0_after_training():
    net = MaskedNet(trace(seeded(PulseNet, 0).eval(), torch.zeros(2, 1, 200))).prune(0.8)
    graph, kept = net.to_graph(), net.masks
    x = np.random.default_rng(0).standard_normal((16, 1, 200, 1)).astype(np.float32)
    integer = ptq.quantize_graph(fold(graph), ptq.calibrate(fold(graph), [x]))
    shares = {}
    for kind in (QatNet, SparseQatNet):
        trained = kind(graph, integer)
        train(trained, x, np.arange(16) % 6, Recipe(epochs=4, batch_size=4, learning_rate=1e-2))
        result = trained.to_integer()
        shares[kind] = sparsity(result)
        for node in result.nodes:
            name = node.inputs[1].removesuffix(".folded") if len(node.inputs) > 1 else ""
            if kind is SparseQatNet and name in kept:
                assert (result.tensors[node.inputs[1]].data[~kept[name]] == 0).all()
                assert (result.tensors[node.inputs[1]].data[kept[name]] != 0).any()
    assert shares[SparseQatNet] >= masks.sparsity(kept)
    assert shares[QatNet] < masks.sparsity(kept) - 0.1, "without masks training fills the zeros: the test can fail"
