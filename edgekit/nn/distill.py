"""Distillation in torch: the loss of `core.distill`, and training sets that carry the teacher's answers with them.

    data = taught(teacher, x, y, vary, views=8)          the teacher looks at 8 views of every example, once
    learn(student, data, recipe, Distillation(4, 0.3))   any network: float, QatNet, LowBitNet, MaskedNet, TunableNet

An augmented example is another example, and the teacher must have seen the one that the student sees. So the views are
drawn before the training, a fixed number of each example, and kept with the logits that belong to them; every batch
then picks one view of each of its examples. An epoch costs no teacher pass.
Sources: as in `core.distill`; Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from edgekit.core.distill import ALPHA, TEMPERATURE, weights
from edgekit.nn.train import Recipe, outputs, seeded, train

RECIPE = Recipe()


def kl(teacher_logits, student_logits, temperature=1.0):
    """Return the mean over examples of KL(P_T || P_S), both softened; the teacher gets no gradient.

    Torch's `kl_div` takes the student's log-probabilities first.
    """
    theirs = functional.log_softmax(teacher_logits.detach() / temperature, dim=1)
    ours = functional.log_softmax(student_logits / temperature, dim=1)
    return functional.kl_div(ours, theirs, reduction="batchmean", log_target=True)


def loss(student_logits, teacher_logits, labels, temperature=TEMPERATURE, alpha=ALPHA, squared=True, soft_labels=False):
    """Return alpha CE(labels, P_S at T = 1) + (1 - alpha) T^2 KL(P_T || P_S), as `core.distill.loss` does.

    Logits are (N, C), labels (N,) integers. A part of weight 0 is left out.
    """
    hard, soft = weights("loss", temperature, alpha, squared)
    total = student_logits.new_zeros(())
    if hard:
        total = total + hard * functional.cross_entropy(student_logits / (temperature if soft_labels else 1.0), labels)
    if soft:
        total = total + soft * kl(teacher_logits, student_logits, temperature)
    return total


def hint(student_features, teacher_features):
    """Return the mean of (f_S - f_T)^2, as `core.distill.hint` does."""
    return functional.mse_loss(student_features, teacher_features.detach())


def distance_relation(student_features, teacher_features):
    """Return the mean of huber(d_S - d_T) over pairs of examples, as `core.distill.distance_relation` does."""
    ours, theirs = (functional.pdist(f) for f in (student_features, teacher_features.detach()))
    tiny = torch.finfo(ours.dtype).tiny
    return functional.huber_loss(ours / ours.mean().clamp_min(tiny), theirs / theirs.mean().clamp_min(tiny))


@dataclass(frozen=True)
class Distillation:
    """The loss as `train` takes it: outputs (N, C), targets (N, 1 + C) as `taught` makes them, label then logits."""

    temperature: float = TEMPERATURE
    alpha: float = ALPHA
    squared: bool = True
    soft_labels: bool = False

    def __post_init__(self):
        weights("Distillation", self.temperature, self.alpha, self.squared)

    def __call__(self, logits, targets):
        if targets.shape[1] != logits.shape[1] + 1:
            raise ValueError(f"Distillation: targets must be a label and {logits.shape[1]} logits of the teacher, got "
                             f"shape {tuple(targets.shape)}; make them with taught")
        return loss(logits, targets[:, 1:], targets[:, 0].long(), self.temperature, self.alpha, self.squared,
                    self.soft_labels)


@dataclass(frozen=True)
class LabelsOnly:
    """The control: cross-entropy with the labels of the same targets; the teacher's logits are not looked at."""

    label_smoothing: float = 0.0

    def __call__(self, logits, targets):
        return functional.cross_entropy(logits, targets[:, 0].long(), label_smoothing=self.label_smoothing)


@dataclass(frozen=True)
class FeatureDistillation:
    """`base` on the logits plus `weight` times a distance between features, "hint" or "relation".

    Outputs (N, classes + F_S) are those of an `Exposed` student, targets those that `taught` makes of an `Exposed`
    teacher. "hint" needs F_S = F_T: give the student an adapter.
    """

    classes: int
    kind: str = "hint"
    weight: float = 1.0
    base: Distillation = field(default_factory=Distillation)

    def __post_init__(self):
        if self.kind not in FEATURE_LOSSES:
            raise ValueError(f"FeatureDistillation: kind must be one of {', '.join(FEATURE_LOSSES)}, got {self.kind!r}")

    def __call__(self, both, targets):
        logits, features = both[:, : self.classes], both[:, self.classes :]
        answers, wanted = targets[:, : 1 + self.classes], targets[:, 1 + self.classes :]
        return self.base(logits, answers) + self.weight * FEATURE_LOSSES[self.kind](features, wanted)


FEATURE_LOSSES = {"hint": hint, "relation": distance_relation}


class Exposed(nn.Module):
    """A network that shows what its module `layer` gave: (N, C logits + F features).

    Features (N, F, ...) are averaged over positions, then pass `adapter`, such as nn.Linear(F_S, F_T), which trains
    along. The network itself stays `model`. Raises ValueError for an unknown layer.
    """

    def __init__(self, model, layer, adapter=None):
        super().__init__()
        modules = dict(model.named_modules())
        if not layer or layer not in modules:
            raise ValueError(f"Exposed: no module {layer!r}; there are: {', '.join(filter(None, modules))}")
        self.model, self.layer = model, layer
        self.adapter = adapter or nn.Identity()

    def forward(self, x):
        seen = []
        handle = self.model.get_submodule(self.layer).register_forward_hook(lambda _, __, y: seen.append(y))
        try:
            logits = self.model(x)
        finally:
            handle.remove()
        features = seen[-1].flatten(2).mean(dim=2) if seen[-1].ndim > 2 else seen[-1]
        return torch.cat([logits, self.adapter(features)], dim=1)


def taught(teacher, x, y, vary=None, views=1, seed=0, batch_size=512):
    """Return (views of x (N, K, ...) float32, targets (N, K, 1 + C) float32): label, then the teacher's logits.

    x (N, ...) and y (N,) integers. `vary(x, y, draw)` makes a view of a batch, as in `train`; the K = `views` views are
    drawn by `seed`, and the teacher, in eval mode, answers each once. Without `vary` there is one view, x itself.
    `teacher` is a torch network that takes views as the student will. Raises ValueError for views that would be equal.
    """
    if views < 1 or (views > 1 and vary is None):
        raise ValueError(f"taught: views must be at least 1, and 1 without vary, got {views}; give vary(x, y, draw)")
    draw = torch.Generator().manual_seed(seed)
    x, y = torch.as_tensor(x), torch.as_tensor(np.asarray(y))
    seen, targets = [], []
    for _ in range(views):
        parts = zip(x.split(batch_size), y.split(batch_size), strict=True)
        pieces, labels = zip(*(vary(*part, draw) if vary else part for part in parts), strict=True)
        seen.append(torch.cat(pieces).float())
        answers = torch.as_tensor(outputs(teacher, seen[-1], batch_size))
        targets.append(torch.cat([torch.cat(labels)[:, None].float(), answers], dim=1))
    return torch.stack(seen, dim=1), torch.stack(targets, dim=1)


def one_view(x, targets, draw):
    """Pick one view of every example, with its own targets: a `vary` for `train`."""
    rows, chosen = torch.arange(len(x)), torch.randint(x.shape[1], (len(x),), generator=draw)
    return x[rows, chosen], targets[rows, chosen]


def learn(student, data, recipe=RECIPE, criterion=Distillation(), seed=0, progress=None, checkpoint=None):
    """Train `student` in place on what `taught` made; return the mean loss of every epoch.

    `criterion` may be `Distillation`, `FeatureDistillation`, or `LabelsOnly` for the same training without the teacher:
    with one seed all three see the same views of the same examples in the same order. Other arguments as of `train`.
    """
    return train(student, *data, recipe, seed, progress, criterion, one_view, checkpoint)


def born_again(build, x, y, generations=1, recipe=RECIPE, criterion=Distillation(), seed=0, vary=None, views=1):
    """Return [first network, its student, the student's student, ...], all made by `build()`: self-distillation.

    The first learns from labels; each later one starts from fresh weights and learns from the one before it, on the
    same views. Source: Furlanello et al. 2018, section 3.
    """
    family, teacher = [], seeded(build, seed)
    for generation in range(generations + 1):
        network = seeded(build, seed + generation)
        data = taught(teacher, x, y, vary, views, seed)
        learn(network, data, recipe, criterion if generation else LabelsOnly(), seed)
        teacher = network
        family.append(network)
    return family
