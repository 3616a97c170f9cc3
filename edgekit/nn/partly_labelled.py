"""Distillation where only a part of the examples has labels: the teacher answers all of them.

    data = hide_labels(taught(...), first=2400)       the rows from 2,400 on keep the teacher's answers alone
    learn(student, data, recipe, PartlyLabelled(4, 0.3))

Source: as in `core.distill`; training on a teacher's answers to a transfer set without labels is section 1 of Hinton,
Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531.
"""

from dataclasses import dataclass

from torch.nn import functional

from edgekit.core.distill import ALPHA, TEMPERATURE, weights
from edgekit.nn.distill import kl

NO_LABEL = -1


def hide_labels(data, first):
    """Return (views, targets) as `taught` makes them, with NO_LABEL in place of the labels of the rows from `first` on.

    The given targets stay as they are. Raises ValueError for `first` outside 0..N.
    """
    views, targets = data
    if not 0 <= first <= len(targets):
        raise ValueError(f"hide_labels: first must be 0..{len(targets)}, the rows that keep their labels, got {first}")
    targets = targets.clone()
    targets[first:, ..., 0] = NO_LABEL
    return views, targets


@dataclass(frozen=True)
class PartlyLabelled:
    """The loss as `train` takes it: outputs (N, C), targets (N, 1 + C), a label or NO_LABEL, then the teacher's logits.

        alpha mean over labelled examples of CE(y, P_S at T = 1)  +  (1 - alpha) T^2 mean over all of KL(P_T || P_S)

    Where all have labels it is `Distillation`. A batch without any learns from the teacher alone, with 1 - alpha.
    """

    temperature: float = TEMPERATURE
    alpha: float = ALPHA

    def __post_init__(self):
        weights("PartlyLabelled", self.temperature, self.alpha, True)

    def __call__(self, logits, targets):
        if targets.shape[1] != logits.shape[1] + 1:
            raise ValueError(f"PartlyLabelled: targets must be a label and {logits.shape[1]} logits of the teacher, "
                             f"got shape {tuple(targets.shape)}; make them with taught")
        hard, soft = weights("PartlyLabelled", self.temperature, self.alpha, True)
        labels, known = targets[:, 0].long(), targets[:, 0] != NO_LABEL
        total = soft * kl(targets[:, 1:], logits, self.temperature)
        if known.any():
            total = total + hard * functional.cross_entropy(logits[known], labels[known])
        return total
