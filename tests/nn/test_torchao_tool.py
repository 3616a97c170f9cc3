"""torchao on our graphs: its codes are those of our equations, and what it trained is what it ships."""

import numpy as np
import torch

from edgekit.core.affine import choose_qparams, fake_quantize
from edgekit.core.observers import observe
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.nn import torchao_tool
from edgekit.nn.train import Recipe, train

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 6)).astype(np.float32)
W, B = RNG.normal(size=(3, 6)).astype(np.float32), RNG.normal(size=3).astype(np.float32)


def dense():
    tensors = [Tensor("x", (6,)), Tensor("w", W.shape, data=W), Tensor("b", B.shape, data=B), Tensor("y", (3,))]
    return Graph("one dense layer", {t.name: t for t in tensors}, [Node("dense", ("x", "w", "b"), "y")], ["x"], ["y"])


def test_rounding_gives_what_our_grids_give_and_a_rest_of_a_batch_is_answered():
    for num_bits in (8, 3):
        weights = choose_qparams(*observe(W, "minmax", axis=0), num_bits, "symmetric", axis=0)
        expected = fake_quantize(X, choose_qparams(X.min(), X.max())) @ fake_quantize(W, weights).T + B
        answers = torchao_tool.answers(torchao_tool.rounded(dense(), X, num_bits), X)
        # the tool divides in float32, and a quotient beside a tie may fall to its other side: one step of one input
        step = np.ptp(X) / 255 * np.abs(W).sum(axis=1)
        assert answers.shape == (70, 3)
        assert (np.abs(answers - expected) <= 1e-5).mean() > 0.98
        assert (np.abs(answers - expected) <= step).all()


def test_what_was_trained_is_what_is_shipped():
    net, y = torchao_tool.trainable(dense(), 4), (X[:64] @ RNG.normal(size=6) > 0).astype(int)
    before = torchao_tool.answers(net, X)
    losses = train(net, X[:64], y, Recipe(epochs=12, batch_size=64, learning_rate=0.05))
    assert losses[-1] < 0.8 * losses[0]
    trained = torchao_tool.answers(torchao_tool.frozen(net), X)
    assert not np.allclose(before, trained, atol=0.1)
    shipped = torchao_tool.converted(net)
    stored = [tensor for tensor in shipped.state_dict().values() if tensor.dtype == torch.int8]
    assert [tuple(tensor.shape) for tensor in stored] == [(3, 6)]
    assert int(stored[0].abs().max()) <= 7
    np.testing.assert_allclose(torchao_tool.answers(shipped, X), trained, atol=1e-5)
