"""Torch's distillation is core's; the teacher's answers stay with their examples; every kind of student learns."""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.core import distill as core
from edgekit.nn import distill
from edgekit.nn.lowbit import LowBitNet
from edgekit.nn.models import PulseNet
from edgekit.nn.prune import MaskedNet, TunableNet
from edgekit.nn.qat import QatNet
from edgekit.nn.train import Recipe, seeded
from tests.nn.test_qat import calibrated

FORMS = [(squared, soft) for squared in (True, False) for soft in (True, False)]


def drawn(seed=0, examples=8, classes=5):
    rng = np.random.default_rng(seed)
    teacher, student = 3 * rng.normal(size=(2, examples, classes))
    return student, teacher, rng.integers(0, classes, examples)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("temperature", "alpha"), [(1.0, 0.0), (4.0, 0.3), (20.0, 1.0), (0.5, 0.5)])
def test_loss_and_gradient_are_those_of_core(form, temperature, alpha):
    student, teacher, labels = drawn()
    z, t = (torch.tensor(part, requires_grad=True) for part in (student, teacher))
    value = distill.loss(z, t, torch.tensor(labels), temperature, alpha, *form)
    value.backward()
    assert value.item() == pytest.approx(core.loss(student, teacher, labels, temperature, alpha, *form), abs=1e-6)
    expected = core.gradient(student, teacher, labels, temperature, alpha, *form)
    np.testing.assert_allclose(z.grad.numpy(), expected, rtol=0, atol=1e-6)
    assert t.grad is None  # nothing flows back into the teacher


@pytest.mark.parametrize(("call", "width"), [("hint", 6), ("distance_relation", 9)])
def test_features_are_compared_as_in_core(call, width):
    rng = np.random.default_rng(1)
    ours, theirs = rng.normal(size=(7, 6)), rng.normal(size=(7, width))
    z = torch.tensor(ours, requires_grad=True)
    value = getattr(distill, call)(z, torch.tensor(theirs))
    assert value.item() == pytest.approx(getattr(core, call)(ours, theirs), abs=1e-6)
    value.backward()
    assert torch.isfinite(z.grad).all()


class Sum(nn.Module):
    """A teacher whose logits tell which input it saw: the sum of the input, and minus it."""

    def forward(self, x):
        total = x.flatten(1).sum(dim=1)
        return torch.stack([total, -total], dim=1)


def shifted(x, y, draw):
    return x + torch.randn(len(x), 1, generator=draw), y


def test_every_view_keeps_the_answer_that_the_teacher_gave_to_it():
    x, y = np.arange(60, dtype=np.float32).reshape(20, 3), np.arange(20) % 2
    views, targets = distill.taught(Sum(), x, y, shifted, views=4, batch_size=7)
    assert views.shape == (20, 4, 3)
    assert targets.shape == (20, 4, 3)
    np.testing.assert_array_equal(targets[..., 0], np.repeat(y[:, None], 4, axis=1))
    np.testing.assert_allclose(targets[..., 1], views.sum(dim=2), rtol=1e-6)
    assert len(np.unique(views[0, :, 0])) == 4
    again = distill.taught(Sum(), x, y, shifted, views=4, batch_size=7)
    np.testing.assert_array_equal(views, again[0])
    order = torch.randperm(20)
    seen, wanted = distill.one_view(views[order], targets[order], torch.Generator().manual_seed(3))
    np.testing.assert_array_equal(wanted[:, 0], torch.as_tensor(y)[order])
    np.testing.assert_allclose(wanted[:, 1], seen.sum(dim=1), rtol=1e-6)
    kept = [(seen[row] == views[order[row]]).all(dim=1).nonzero().item() for row in range(20)]
    assert len(set(kept)) > 1  # not always the same view


def test_the_same_batches_with_and_without_the_teacher():
    """What a network sees does not depend on the loss: only then is the comparison one of losses."""
    class Watcher(nn.Linear):
        def forward(self, x):
            self.log.append(x.clone())
            return super().forward(x)

    data = distill.taught(Sum(), np.arange(60, dtype=np.float32).reshape(20, 3) / 60, np.arange(20) % 2, shifted, 3)
    logs = []
    for criterion in (distill.Distillation(), distill.LabelsOnly(0.1)):
        net = seeded(lambda: Watcher(3, 2), 0)
        net.log = []
        distill.learn(net, data, Recipe(epochs=2, batch_size=6), criterion, seed=5)
        logs.append(torch.cat(net.log))
    np.testing.assert_array_equal(*logs)


def student_of(kind, graph, integer):
    return {"float": lambda: TunableNet(graph), "int8": lambda: QatNet(graph, integer),
            "ternary": lambda: LowBitNet(graph, integer, "ternary"),
            "pruned": lambda: MaskedNet(graph).prune(0.7)}[kind]()


@pytest.fixture(scope="module")
def pulses():
    """A float graph, its int8 graph, and a training set taught by another network of the same kind."""
    graph, integer, x = calibrated(PulseNet, (1, 200), 8)
    teacher = TunableNet(calibrated(PulseNet, (1, 200), 8, seed=1)[0])
    return graph, integer, x, distill.taught(teacher, x, np.arange(len(x)) % 6)


@pytest.mark.parametrize("kind", ["float", "int8", "ternary", "pruned"])
def test_every_kind_of_student_comes_nearer_to_its_teacher(kind, pulses):
    graph, integer, x, data = pulses
    net = student_of(kind, graph, integer)
    theirs = data[1][:, 0, 1:]
    far = distill.kl(theirs, net.eval()(torch.as_tensor(x)), 4.0).item()
    distill.learn(net, data, Recipe(epochs=8, batch_size=4, learning_rate=3e-3), distill.Distillation(4.0, 0.0))
    with torch.no_grad():
        assert distill.kl(theirs, net(torch.as_tensor(x)), 4.0).item() < 0.6 * far
    if kind == "pruned":
        zeros = [(net.to_graph().tensors[name].data == 0) >= ~mask for name, mask in net.masks.items()]
        assert all(part.all() for part in zeros)


@pytest.mark.parametrize("kind", ["hint", "relation"])
def test_features_of_the_teacher_pull_those_of_the_student(kind):
    def build(width):
        return nn.Sequential(nn.Conv1d(1, width, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
                             nn.Linear(width, 3))

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 1, 20)).astype(np.float32), rng.integers(0, 3, 64)
    teacher = distill.Exposed(seeded(lambda: build(8), 0), "1")
    data = distill.taught(teacher, x, y)
    assert data[1].shape == (64, 1, 1 + 3 + 8)
    adapter = seeded(lambda: nn.Linear(4, 8), 2) if kind == "hint" else None
    student = distill.Exposed(seeded(lambda: build(4), 1), "1", adapter)
    distance, wanted = distill.FEATURE_LOSSES[kind], data[1][:, 0, 4:]
    before = distance(student(data[0][:, 0])[:, 3:], wanted).item()
    criterion = distill.FeatureDistillation(3, kind, 10.0)
    distill.learn(student, data, Recipe(epochs=20, batch_size=16, learning_rate=1e-2), criterion)
    assert distance(student(data[0][:, 0])[:, 3:], wanted).item() < 0.7 * before
    assert student.model(data[0][:, 0]).shape == (64, 3)


def test_born_again_networks_learn_from_the_one_before():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    recipe = Recipe(epochs=30, batch_size=20, learning_rate=0.1)
    family = distill.born_again(lambda: nn.Linear(4, 2), x, y, 2, recipe, distill.Distillation(1.0, 0.0))
    assert len(family) == 3
    with torch.no_grad():
        answers = [net(torch.as_tensor(x)) for net in family]
    assert all((logits.argmax(dim=1).numpy() == y).mean() > 0.9 for logits in answers)
    starts = [seeded(lambda: nn.Linear(4, 2), generation).weight for generation in range(3)]
    assert not torch.equal(starts[1], starts[2])
    for before, after in ((0, 1), (1, 2)):
        assert distill.kl(answers[before], answers[after]) < 0.05


@pytest.mark.parametrize(("call", "words"), [
    (lambda: distill.Distillation(temperature=0), "Distillation: temperature must be above 0"),
    (lambda: distill.Distillation(alpha=2), "Distillation: alpha must be 0..1"),
    (lambda: distill.Distillation()(torch.zeros(2, 3), torch.zeros(2, 3)),
     r"targets must be a label and 3 logits of the teacher, got shape \(2, 3\); make them with taught"),
    (lambda: distill.taught(Sum(), np.zeros((2, 3)), [0, 1], views=2), "taught: views must be at least 1, and 1 wit"),
    (lambda: distill.Exposed(nn.Sequential(nn.Linear(1, 1)), "deep"), "Exposed: no module 'deep'; there are: 0"),
    (lambda: distill.FeatureDistillation(3, "colour"), "kind must be one of hint, relation, got 'colour'"),
])
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
