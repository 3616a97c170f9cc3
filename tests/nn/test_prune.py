"""A pruned weight stays 0, whatever the optimizer does; masks grow to the budget; tickets go back to the start."""

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from edgekit.core import masks as core
from edgekit.core.saliency import taylor
from edgekit.graph.channel_scores import to_macs, weight_scores
from edgekit.graph.channels import couple, remove
from edgekit.graph.cost import macs
from edgekit.graph.run import run
from edgekit.nn.models import PulseGru, PulseNet
from edgekit.nn.prune import MaskedNet, TunableNet, gradients, lottery, weight_names
from edgekit.nn.prune_scan import scan, scan_channels
from edgekit.nn.trace import trace
from edgekit.nn.train import Recipe, seeded, train


@pytest.fixture(scope="module", params=[PulseNet, PulseGru])
def graph(request):
    return traced(request.param)


@cache
def traced(model=PulseNet):
    return trace(seeded(model, 0).eval(), torch.zeros(2, 1, 200))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.standard_normal((24, 1, 200, 1)).astype(np.float32), rng.integers(0, 6, 24)


def zeros_hold(net, masks):
    """The graph's pruned weights are 0 exactly, and the graph computes what the net does."""
    graph = net.eval().to_graph()
    for name, mask in masks.items():
        assert (graph.tensors[name].data[~mask] == 0).all()
    x = np.random.default_rng(3).standard_normal((3, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    with torch.no_grad():
        np.testing.assert_allclose(net(torch.tensor(x)).numpy(), run(graph, x), atol=1e-4)
    return graph


OPTIMIZERS = {
    "momentum": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, nesterov=True),
    "weight decay": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    "amsgrad": lambda p: torch.optim.Adam(p, 0.01, amsgrad=True, weight_decay=0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_optimizer_revives_a_pruned_weight(graph, data, name):
    """Momentum from before the pruning pushes on afterwards, and must not be seen."""
    net, x, y = MaskedNet(graph), torch.tensor(data[0]), torch.tensor(data[1])
    optimizer = OPTIMIZERS[name](net.parameters())
    net.train()
    for step in range(8):
        if step == 4:
            net.prune(0.7)
            masks = net.masks
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        for weight, mask in (masks if step >= 4 else {}).items():
            assert (net.constants[net.places[weight]].grad.numpy()[~mask] == 0).all()
        optimizer.step()
    assert core.sparsity(masks) == pytest.approx(0.7, abs=1e-3)
    assert (core.sparsity({n: zeros_hold(net, masks).tensors[n].data != 0 for n in masks})) == core.sparsity(masks)


def test_the_running_mean_of_the_weights_sees_the_same_masks(data):
    net = MaskedNet(traced()).gradually(0.8, batches=18, every=2)
    train(net, *data, Recipe(epochs=3, batch_size=4, average=0.9))
    assert core.sparsity(net.masks) == pytest.approx(0.8, abs=1e-3)
    zeros_hold(net, net.masks)
    copy = deepcopy(net)
    net.prune(0.9)
    assert core.sparsity(copy.masks) == core.sparsity(net.masks) == pytest.approx(0.9, abs=1e-3)
    assert copy.constants[0] is not net.constants[0]


def test_gradual_masks_only_grow_and_end_at_the_budget(data):
    net = MaskedNet(traced()).gradually(0.75, batches=12, every=1, until=0.5)
    before, x = net.masks, torch.tensor(data[0][:4])
    seen = []
    net.train()
    for _ in range(12):
        net(x)
        after = net.masks
        assert all((after[name] <= before[name]).all() for name in after)
        seen.append(core.sparsity(after))
        before = after
    np.testing.assert_allclose(seen[:7], [core.cubic(i / 6, 0.75) for i in range(7)], atol=1e-3)
    total = sum(mask.size for mask in after.values())
    assert sum(int(mask.sum()) for mask in after.values()) == total - round(0.75 * total)
    assert seen[6:] == seen[6:7] * 6


@pytest.mark.parametrize(("batches", "until"), [(1, 0.75), (6, 1.0), (7, 0.5)])
def test_the_last_batch_at_the_latest_sees_the_final_masks(data, batches, until):
    net = MaskedNet(traced()).gradually(0.8, batches, until=until, every=5).train()
    for _ in range(batches):
        net(torch.tensor(data[0][:4]))
    assert core.sparsity(net.masks) == pytest.approx(0.8, abs=1e-3)
    assert net.to_graph()


def test_a_training_that_was_cut_ends_with_the_same_masks_and_weights(tmp_path, data):
    def fresh():
        return MaskedNet(traced()).gradually(0.8, batches=24, every=3)

    recipe, whole = Recipe(epochs=4, batch_size=4), fresh()
    train(whole, *data, recipe)

    def cut(epoch, epochs, loss):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(fresh(), *data, recipe, progress=cut, checkpoint=tmp_path / "cut")
    again = fresh()
    train(again, *data, recipe, checkpoint=tmp_path / "cut")
    for one, other in zip(whole.to_graph().constants, again.to_graph().constants, strict=True):
        np.testing.assert_array_equal(one.data, other.data)


@pytest.mark.parametrize(("scope", "sparsity"), [("2:4", 0.5), ("1:4", 0.75)])
def test_n_of_m_holds_in_every_run_of_four(scope, sparsity):
    net = MaskedNet(traced()).prune(sparsity, scope)
    for mask in net.masks.values():
        rows = mask.reshape(len(mask), -1)
        for start in range(0, rows.shape[1], 4):
            assert (rows[:, start : start + 4].sum(axis=1) <= int(scope[0])).all()
    assert core.sparsity(net.masks) == pytest.approx(sparsity, abs=0.02)


def test_a_ticket_starts_from_its_first_weights_and_prunes_the_same_share_each_round(data):
    graph, starts, shares = traced(), [], []

    def fit(net):
        starts.append({name: net.constant(name).detach().numpy().copy() for name in net.weights})
        shares.append(1 - core.sparsity(net.masks))
        train(net, *data, Recipe(epochs=1, batch_size=8))

    net = lottery(graph, fit, 0.875, rounds=3)
    np.testing.assert_allclose(shares, [1, 0.5, 0.25, 0.125], atol=1e-3)
    for name, last in starts[-1].items():
        np.testing.assert_array_equal(last, graph.tensors[name].data * net.masks[name])
    starts.clear()
    on = lottery(graph, fit, 0.5, rounds=1, rewind=False)
    assert any((starts[-1][name] != graph.tensors[name].data * on.masks[name]).any() for name in on.weights)


def test_gradients_are_those_of_the_torch_model(data):
    model = seeded(PulseNet, 0).eval()
    x, y = data
    found = gradients(traced(), x, y, batch_size=7)
    torch.nn.functional.cross_entropy(model(torch.tensor(x)[..., 0]), torch.tensor(y)).backward()
    for name, gradient in found.items():
        theirs = model.get_parameter(name).grad.numpy()
        theirs = theirs.transpose(0, 2, 1)[:, None] if theirs.ndim == 3 else theirs
        np.testing.assert_allclose(gradient, theirs, atol=1e-5 * max(1, np.abs(theirs).max()))
        assert taylor(traced().tensors[name].data, gradient).shape == gradient.shape


def test_a_smaller_graph_trains_on(graph, data):
    coupling = couple(graph)
    smaller = remove(coupling, to_macs(coupling, weight_scores(coupling), macs(graph) / 2.5))
    net = TunableNet(smaller)
    losses = train(net, *data, Recipe(epochs=6, batch_size=8, learning_rate=1e-2))
    assert losses[-1] < losses[0]
    tuned = zeros_hold(net, {})
    assert macs(tuned) <= macs(graph) / 2.5


def test_batch_norms_follow_the_batches_as_torch_does_until_frozen(data):
    model = seeded(PulseNet, 0).train()
    x = torch.tensor(data[0])
    net = TunableNet(traced()).train()
    with torch.no_grad():
        expected = model(x[..., 0])
        np.testing.assert_allclose(net(x).numpy(), expected.numpy(), atol=1e-5)
    norm, graph = model.features[0][1], net.to_graph()
    first = next(node for node in graph.nodes if node.op == "batch_norm")
    np.testing.assert_allclose(graph.tensors[first.inputs[3]].data, norm.running_mean.numpy(), atol=1e-6)
    np.testing.assert_allclose(graph.tensors[first.inputs[4]].data, norm.running_var.numpy(), atol=1e-6)
    net.freeze_batch_norm()(x)
    np.testing.assert_array_equal(net.to_graph().tensors[first.inputs[3]].data, graph.tensors[first.inputs[3]].data)


def test_a_scan_finds_the_layer_that_matters(data):
    """A layer half of whose weights are 0 loses nothing at half, the metric of the rest changes."""
    graph, x = traced(), data[0]
    half = weight_names(graph)[2]
    weight = graph.tensors[half].data
    thin = np.where(core.top(np.abs(weight), weight.size // 2), weight, 0)
    graph = graph.with_tensors(**{half: replace(graph.tensors[half], data=thin)})
    reference = run(graph, x)
    metric = lambda out: -float(np.abs(out - reference).mean())  # noqa: E731
    report = scan(graph, x, metric, (0.25, 0.5, 0.9))
    assert report.baseline == pytest.approx(0, abs=1e-5)
    steps, values = report.curves[half]
    assert steps == (0.25, 0.5, 0.9)
    np.testing.assert_allclose(values[:2], report.baseline, atol=1e-5)
    assert all(curve[1][1] < -1e-5 for name, curve in report.curves.items() if name != half)
    shares = report.allocate(0.4)
    assert max(shares, key=shares.get) == half
    sizes = report.sizes
    assert sum(round(shares[n] * sizes[n]) for n in sizes) == round(0.4 * sum(sizes.values()))
    assert half in str(report)


def test_a_scan_of_channels_is_that_of_the_masked_graph(data):
    coupling = couple(traced())
    scores = weight_scores(coupling)
    report = scan_channels(coupling, scores, data[0], lambda out: float(out[:, 0].mean()), (0.5,))
    assert set(report.curves) == {group.name for group in coupling.prunable}
    group = coupling.prunable[1]
    smaller = remove(coupling, {group.name: core.top(scores[group.name], group.width // 2)})
    assert report.curves[group.name][1][0] == pytest.approx(float(run(smaller, data[0])[:, 0].mean()), abs=1e-5)


@pytest.mark.parametrize(("call", "message"), [
    (lambda g: MaskedNet(g, {"features.0.0.weight": np.ones(3)}), r"mask of 'features.0.0.weight' has shape \(3,\)"),
    (lambda g: MaskedNet(g, {"features.0.1.weight": np.ones(16)}), "no layer has the weight 'features.0.1.weight'"),
    (lambda g: MaskedNet(g).prune(1.0), r"sparsity must be a number in \[0, 1\), got 1.0"),
    (lambda g: MaskedNet(g).prune(0.9999), "but 7 layers keep at least 1 each"),
    (lambda g: MaskedNet(g).prune(0.8, "2:4"), "the pattern 2:4 removes 0.5 of the weights, got 0.8"),
    (lambda g: MaskedNet(g).prune(0.5, "foo"), "scope must be one of all, layer, 2:4, 1:4, got 'foo'"),
    (lambda g: MaskedNet(g).gradually(0.5, 10, scope="2:4"), "scope of all, layer, .*got .*'2:4'"),
    (lambda g: MaskedNet(g).gradually(0.8, 10).to_graph(), "reach the sparsity 0.8 after batch 7, and 0 were trained"),
    (lambda g: MaskedNet(g).gradually(0.8, 10, schedule="sudden"), "schedule one of one_shot, cubic, iterative"),
    (lambda g: MaskedNet(g).gradually(1.2, 10), r"final must be a number in \[0, 1\), got 1.2"),
    (lambda g: lottery(g, lambda net: None, 0.5, 0), "rounds must be at least 1, got 0"),
])
def test_what_cannot_be_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call(traced())
