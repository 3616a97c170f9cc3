"""What is left after pruning is fitted by least squares; channels go in the order of what such a fit cannot mend."""

import numpy as np
import pytest

from edgekit import tasks
from edgekit.graph.channel_scores import to_macs, weight_scores
from edgekit.graph.channels import couple, remove
from edgekit.graph.cost import macs
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn import zoo
from edgekit.nn.channel_order import drop_order
from edgekit.nn.refit import refit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3)).astype(np.float32)


def two_layers(first, second, bias):
    """x (3) -> dense -> relu -> dense with a bias."""
    arrays = {"a": first, "b": second, "c": bias}
    tensors = {name: Tensor(name, np.shape(v), "float32", np.asarray(v, np.float32)) for name, v in arrays.items()}
    tensors |= {name: Tensor(name, (n,)) for name, n in
                (("x", 3), ("h", len(first)), ("r", len(first)), ("y", len(second)))}
    nodes = [Node("dense", ("x", "a"), "h", {}), Node("relu", ("h",), "r", {}), Node("dense", ("r", "b", "c"), "y", {})]
    return Graph("two", tensors, nodes, ("x",), ("y",))


def drawn(width):
    return two_layers(RNG.normal(size=(width, 3)), RNG.normal(size=(2, width)), RNG.normal(size=2))


def test_a_channel_that_another_repeats_is_made_up_for_in_full():
    """Channel 2 is twice channel 0: one of them goes first, for nothing. Without 2, 0 takes its part: 1 + 2 * 3 = 7."""
    graph = two_layers([[1, 0, 0], [0, 1, 0], [2, 0, 0]], [[1, 1, 3], [5, 1, 1]], [0.5, -1])
    coupling = couple(graph)
    scores, errors = drop_order(coupling, X, ridge=1e-9)
    assert scores["h"][1] > 1  # no other can replace it
    assert errors["h"][:2] == pytest.approx([0, 0], abs=1e-6)
    assert errors["h"][3] == pytest.approx(1, abs=1e-6)
    fitted = refit(coupling, {"h": np.array([True, True, False])}, X, ridge=1e-9)
    np.testing.assert_allclose(fitted.tensors["b"].data, [[7, 1], [7, 1]], atol=1e-3)
    np.testing.assert_allclose(fitted.tensors["c"].data, [0.5, -1], atol=1e-3)


def lost(hidden, answer, channels):
    """Share of centred `answer` that NumPy's least squares from these channels leaves over."""
    seen, wanted = hidden[:, channels] - hidden[:, channels].mean(0), answer - answer.mean(0)
    left = wanted - seen @ np.linalg.lstsq(seen, wanted, rcond=None)[0] if channels else wanted
    return (left**2).sum() / (wanted**2).sum()


def test_order_and_errors_are_those_of_numpys_least_squares():
    graph = drawn(6)
    values = run(graph, X, all_tensors=True)
    scores, errors = drop_order(couple(graph), X, ridge=1e-9)
    order, left = np.argsort(scores["h"]).tolist(), list(range(6))
    for gone, channel in enumerate(order):
        harm = {c: lost(values["r"], values["y"], [k for k in left if k != c]) for c in left}
        assert min(harm, key=harm.get) == channel
        assert errors["h"][gone + 1] == pytest.approx(harm[channel], abs=1e-5)
        left.remove(channel)


def test_a_fit_is_that_of_numpy():
    graph, keep = drawn(5), np.array([True, False, True, True, False])
    values = run(graph, X, all_tensors=True)
    fitted = refit(couple(graph), {"h": keep}, X, ridge=1e-9)
    hidden = np.column_stack([values["r"][:, keep], np.ones(len(X))])
    wanted = np.linalg.lstsq(hidden, values["y"], rcond=None)[0]
    np.testing.assert_allclose(run(fitted, X), hidden @ wanted, atol=1e-3)


def test_nothing_gone_changes_nothing():
    for name in ("ppg-cnn", "camera-presence-v3"):
        graph = zoo.load(name)
        x = RNG.normal(size=(24, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
        same = run(refit(couple(graph), {}, x), x)
        before = run(graph, x)
        assert np.abs(same - before).max() < 0.02 * np.abs(before).max()  # statistics are those of x, and fitted


def test_the_pulse_network_hardly_suffers():
    """Less than half of its MACs, nothing trained: as it was cut it is lost, fitted it is within ten points."""
    task, graph = tasks.get("ppg"), zoo.load("ppg-cnn")
    x, y = task.inputs("val")
    seen = np.concatenate(task.calibration_batches(128))
    coupling = couple(graph)
    scores, errors = drop_order(coupling, seen)
    limit = macs(graph) / 2.2
    kept, by_size = (to_macs(coupling, some, limit) for some in (scores, weight_scores(coupling)))
    values = [task.score(y, x, run(g, x)) for g in
              (remove(coupling, kept), refit(coupling, kept, seen), refit(coupling, by_size, seen), graph)]
    assert values[0] < 0.5 < values[3] - 0.1 < values[1]
    assert values[2] < values[1]
    for group in coupling.prunable:
        assert (np.diff(errors[group.name]) >= 0).all()
        assert sorted(scores[group.name]) == list(range(1, group.width + 1))


def test_a_state_is_read_by_no_layer_that_can_be_fitted():
    graph = zoo.load("ppg-gru")
    x = RNG.normal(size=(4, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    with pytest.raises(ValueError, match="is read by no dense layer and no convolution in one group; rank it"):
        drop_order(couple(graph), x)
