"""Quantization-aware training: gradients as derived, and an integer graph that is the network that was trained."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from edgekit.core.affine import QParams, dequantize, quantize
from edgekit.core.affine import fake_quantize as fake_quantize_numpy
from edgekit.core.integer.fixed_point import requantize
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn.camera import build
from edgekit.nn.graph_net import channels_last
from edgekit.nn.models import PulseGru, PulseNet
from edgekit.nn.qat import QatNet
from edgekit.nn.straight_through import Grid, fake_quantize, round_twice, steps
from edgekit.nn.trace import trace
from edgekit.nn.train import Recipe, train


def test_values_by_hand():
    x = torch.tensor([-9.0, -0.26, -0.25, 0.25, 0.3, 0.75, 9.0])
    assert fake_quantize(x, torch.tensor(0.5), 0, -4, 3).tolist() == [-2.0, -0.5, 0.0, 0.0, 0.5, 1.0, 1.5]


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=20), st.floats(0.0078125, 3, width=32),
       st.integers(-128, 127), st.integers(2, 8))
def test_it_is_the_rounding_of_core(values, scale, zero_point, num_bits):
    qparams = QParams(scale, int(np.clip(zero_point, -(2 ** (num_bits - 1)), 2 ** (num_bits - 1) - 1)), num_bits)
    x = np.array(values, np.float32)
    ours = fake_quantize(torch.tensor(x, dtype=torch.float64), torch.tensor(scale, dtype=torch.float64),
                         int(qparams.zero_point), qparams.qmin, qparams.qmax)
    np.testing.assert_allclose(ours.numpy(), fake_quantize_numpy(x, qparams), atol=1e-5 * scale)


def test_the_gradient_of_x_is_one_within_the_grid_and_zero_beyond():
    x = torch.tensor([-9.0, -0.3, 0.1, 1.4, 9.0], requires_grad=True)
    fake_quantize(x, torch.tensor(0.5), 0, -4, 3).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 1, 0]


@given(st.floats(-4, 4, width=32), st.floats(0.125, 2, width=32))
def test_the_gradient_of_the_step_is_learned_step_size(x, scale):
    step = torch.tensor(scale, dtype=torch.float64, requires_grad=True)
    fake_quantize(torch.tensor(x, dtype=torch.float64), step, 0, -4, 3).backward()
    ratio = x / scale
    expected = np.clip(np.rint(ratio), -4, 3) - (ratio if -4 <= np.rint(ratio) <= 3 else 0)
    np.testing.assert_allclose(step.grad.item(), expected, atol=1e-9)


def test_a_larger_step_helps_where_values_are_clipped():
    """Gradient descent on the squared error widens a grid that is far too narrow."""
    x = torch.linspace(-3, 3, 101)
    grid = Grid(QParams(0.05, 0, 4))
    optimizer = torch.optim.SGD(grid.parameters(), 1.0)
    for _ in range(400):
        optimizer.zero_grad()
        whole, scale = grid(x)
        (whole * scale - x).square().mean().backward()
        optimizer.step()
    assert 6 / 15 * 0.8 < grid.scale.item() < 6 / 15 * 1.3


@given(st.lists(st.integers(-(2**20), 2**20), min_size=1, max_size=50), st.floats(1e-6, 1000))
@example([-3, 1, 3], 1.5)  # ties after the left shift
@example([-7, -1, 1, 7], 1 - 2.0**-40)  # a multiplier that rounds up to a power of two
@example([2**20, 1 - 2**20], 1000.0)
def test_round_twice_is_profile_a(sums, real):
    ours = round_twice(torch.tensor(sums, dtype=torch.float64), torch.tensor(real, dtype=torch.float64))
    np.testing.assert_array_equal(ours.numpy(), requantize(np.array(sums, np.int64), real, "A"))


def test_steps_are_the_codes_without_the_zero_point():
    qparams = QParams(0.1, -20)
    x = np.random.default_rng(0).uniform(-20, 20, 200).astype(np.float32)
    np.testing.assert_array_equal(steps(torch.tensor(x), torch.tensor(0.1), -20).numpy(),
                                  quantize(x, qparams).astype(int) + 20)


def calibrated(model, shape, num_bits, seed=0, count=12):
    """A float graph, its integer graph, and inputs."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        built = model()
        for norm in (m for m in built.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))):
            nn.init.uniform_(norm.running_mean, -0.5, 0.5)
            nn.init.uniform_(norm.running_var, 0.5, 2.0)
        graph = trace(built.eval(), torch.zeros(2, *shape))
    x = np.random.default_rng(seed).standard_normal((count, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    folded = fold(graph)
    return graph, ptq.quantize_graph(folded, ptq.calibrate(folded, [x]), num_bits=num_bits), x


def difference(net, x):
    """Steps of the output grid between the torch forward and the integer graph it becomes."""
    graph = net.eval().to_integer()
    q_in, q_out = (graph.tensors[name].qparams for name in (graph.inputs[0], graph.outputs[0]))
    with torch.no_grad():
        real = net(torch.tensor(x)).numpy()
    return np.abs(real - dequantize(run(graph, quantize(x, q_in)), q_out)) / q_out.scale


def every_activation(net, x):
    """{activation: steps between the torch forward and the integer graph}, and the factors of all layers."""
    graph, kept = net.eval().to_integer(), {}
    net.store = lambda name, value: kept.setdefault(name, type(net).store(net, name, value))
    with torch.no_grad():
        net(torch.tensor(x))
    codes = run(graph, quantize(x, graph.tensors[graph.inputs[0]].qparams), all_tensors=True)
    grids = {name: tensor.qparams for name, tensor in graph.tensors.items()}
    layers = [node for node in graph.nodes if node.op in ("conv2d", "dense")]
    factors = [grids[n.inputs[0]].scale * grids[n.inputs[1]].scale / grids[n.output].scale for n in layers]
    return {name: np.abs(channels_last(whole).numpy() - (codes[name] - float(grids[name].zero_point)))
            for name, (whole, _) in kept.items()}, np.concatenate([np.ravel(factor) for factor in factors])


@pytest.mark.parametrize("num_bits", [8, 4, 3, 2])
def test_every_activation_is_that_of_the_integer_graph(num_bits):
    """Weights of 2 bits have steps so large that some sums are multiplied by one or more."""
    graph, integer, x = calibrated(PulseNet, (1, 200), num_bits, count=64)
    off, factors = every_activation(QatNet(graph, integer), x)
    assert (factors.max() >= 1) == (num_bits == 2)
    assert set(off) == {name for name, tensor in integer.tensors.items() if not tensor.is_constant}
    everything = np.concatenate([steps_off.ravel() for steps_off in off.values()])
    assert everything.size > 10**5
    assert everything.max() == 0


@pytest.mark.parametrize("num_bits", [8, 4, 3, 2])
def test_a_trained_net_is_the_integer_graph_it_becomes(num_bits):
    graph, integer, x = calibrated(PulseNet, (1, 200), num_bits)
    net = QatNet(graph, integer)
    before = [parameter.detach().clone() for parameter in net.parameters()]
    train(net, x, np.arange(12) % 6, Recipe(epochs=3, batch_size=4, learning_rate=1e-3))
    moved = [bool((p != b).any()) for p, b in zip(net.parameters(), before, strict=True) if p.requires_grad]
    assert np.mean(moved) > 0.8, "weights, biases and steps all learn"
    assert difference(net, x).max() < 0.01
    learned = net.to_integer()
    for name, key in net.owner.items():
        assert learned.tensors[name].qparams.scale == net.grids[key].scale.detach().numpy()


def test_squeeze_and_excite_agrees_within_one_step():
    graph, integer, x = calibrated(lambda: build("camera-presence", "v3"), (3, 32, 32), 8)
    assert (difference(QatNet(graph, integer), x) > 1.01).mean() <= 0.001


def test_untrained_it_is_the_graph_of_post_training_quantization():
    graph, integer, x = calibrated(PulseNet, (1, 200), 8)
    back = QatNet(graph, integer).to_integer()
    for name, tensor in integer.tensors.items():
        if tensor.is_constant:
            assert np.abs(back.tensors[name].data.astype(int) - tensor.data).max() <= 1
        if tensor.qparams is not None:
            np.testing.assert_allclose(back.tensors[name].qparams.scale, tensor.qparams.scale, rtol=1e-6)
    assert (difference(QatNet(graph, integer), x) > 1.01).mean() <= 0.001


def test_batch_norm_statistics_follow_the_batches_until_they_are_frozen():
    graph, integer, x = calibrated(PulseNet, (1, 200), 8)
    net = QatNet(graph, integer).freeze_batch_norm(False).train()
    norm = next(iter(net.norms.values()))
    start = norm.mean.clone()
    net(torch.tensor(x))
    moved = norm.mean.clone()
    assert not torch.equal(moved, start)
    net.freeze_batch_norm()(torch.tensor(x))
    assert torch.equal(norm.mean, moved)
    assert (difference(net, x) > 1.01).mean() <= 0.001


def test_fixed_grids_and_steps_that_shall_not_learn_do_not():
    graph, integer, _ = calibrated(lambda: build("camera-presence", "v3"), (3, 32, 32), 8)
    net = QatNet(graph, integer)
    gates = [node.output for node in integer.nodes if node.op == "hard_sigmoid"]
    assert gates
    assert not any(net.grids[net.owner[name]].change.requires_grad for name in gates)
    fixed = QatNet(graph, integer, learn_steps=False)
    assert not any(p.requires_grad for part in (fixed.grids, fixed.weight_grids) for p in part.parameters())


def test_biases_leave_as_the_forward_pass_rounded_them():
    """Large ones lie close to a half: their quotient is rounded to float32 in both, or they part."""
    rng = np.random.default_rng(0)
    tensors = {"x": Tensor("x", (2,)), "y": Tensor("y", (4096,)),
               "w": Tensor("w", (4096, 2), "float32", rng.standard_normal((4096, 2)).astype(np.float32)),
               "b": Tensor("b", (4096,), "float32", rng.uniform(-20, 20, 4096).astype(np.float32))}
    graph = Graph("biased", tensors, [Node("dense", ["x", "w", "b"], "y")], ["x"], ["y"])
    net = QatNet(graph, ptq.post_training_quantize(graph, [rng.standard_normal((8, 2)).astype(np.float32)])).eval()
    with torch.no_grad():
        step = net.grids["x"].scale * net.weight_grids["y"].scale
        expected = torch.round(net.constant("b") / step).numpy()
    assert np.abs(expected).max() > 10**5
    np.testing.assert_array_equal(net.to_integer().tensors["b"].data, expected)


def test_a_dense_layer_along_a_sequence_has_its_scales_along_the_channels():
    rng = np.random.default_rng(0)
    weight = (rng.standard_normal((4, 3)) * [[1], [5], [25], [125]]).astype(np.float32)
    tensors = {"x": Tensor("x", (4, 3)), "y": Tensor("y", (4, 4)), "w": Tensor("w", (4, 3), "float32", weight),
               "b": Tensor("b", (4,), "float32", np.zeros(4, np.float32))}
    graph = Graph("sequence", tensors, [Node("dense", ["x", "w", "b"], "y")], ["x"], ["y"])
    x = rng.standard_normal((32, 4, 3)).astype(np.float32)
    assert (difference(QatNet(graph, ptq.post_training_quantize(graph, [x])), x) > 1.01).mean() == 0


def test_what_does_not_train_on_grids_is_refused_by_name():
    """Its weights would train in floats, and the integer graph would keep the old ones."""
    graph, integer, _ = calibrated(lambda: PulseGru(hidden=4), (1, 200), 8)
    with pytest.raises(ValueError, match=r"QatNet: node '.*' \(gru\) has weights that do not train on grids"):
        QatNet(graph, integer)


def test_activations_of_16_bits_train_with_biases_of_64():
    graph, _, x = calibrated(PulseNet, (1, 200), 8)
    integer = ptq.post_training_quantize(graph, [x], activation_bits=16)
    net = QatNet(graph, integer)
    train(net, x, np.arange(12) % 6, Recipe(epochs=1, batch_size=4, learning_rate=1e-3))
    learned = net.eval().to_integer()
    assert {t.dtype for t in learned.constants} == {t.dtype for t in integer.constants} == {"int8", "int64"}
    graph, _, x = calibrated(lambda: build("camera-presence", "v3"), (3, 32, 32), 8)
    integer = ptq.post_training_quantize(graph, [x], activation_bits=16)
    with pytest.raises(ValueError, match=r"\(hard_sigmoid\) has a table of 8 bits only"):
        QatNet(graph, integer)
