"""Training with masks: weights that are pruned stay 0, whatever optimizer, weight decay and momentum do.

    net = MaskedNet(graph, masks)             w * m in every forward, so the gradient of what is pruned is 0 too
    train(net, x, y);  net.to_graph()         a graph with exact zeros where m = 0
    net.gradually(0.8, batches)               masks that grow while `train` runs
    lottery(graph, fit, 0.8, rounds)          prune, rewind, train again

Structured pruning needs no mask: `TunableNet(remove(...))` trains the smaller graph.
"""

from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from edgekit.core.masks import (
    SCHEDULES,
    check_masks,
    check_ratio,
    iterative,
    n_of_m,
    over_layers,
    per_layer,
)
from edgekit.core.patterns import PATTERNS
from edgekit.core.saliency import magnitude
from edgekit.graph.operators import RECURRENT, WITH_WEIGHTS
from edgekit.nn.graph_net import GraphNet


class TunableNet(GraphNet):
    """A float graph that trains on, and is a graph again afterwards.

    Statistics of batch norms follow the batches, as in the training from which the graph came; `freeze_batch_norm`
    keeps them. Dropout, which a graph does not have, is gone.
    """

    def __init__(self, graph):
        super().__init__(graph)
        self.frozen = False
        for node in graph.nodes:
            for name in node.inputs[3:] if node.op == "batch_norm" else ():
                self.constants[self.places[name]].requires_grad_(False)  # mean and variance are counted, not learned

    def freeze_batch_norm(self, frozen=True):
        """Keep the statistics of all batch norms as they are, or let them follow the batches again."""
        self.frozen = frozen
        return self

    def compute(self, node, values):
        """A batch norm in training divides by the batch's own statistics, and remembers them."""
        if node.op != "batch_norm" or self.frozen or not self.training:
            return super().compute(node, values)
        gamma, beta, mean, variance = (self.constant(name) for name in node.inputs[1:])
        return functional.batch_norm(values[node.inputs[0]], mean.detach(), variance.detach(), gamma, beta,
                                     training=True, momentum=0.1, eps=node.attrs["eps"])

    @torch.no_grad()
    def to_graph(self):
        """Return the `Graph` with the constants as they are now."""
        new = {name: replace(self.graph.tensors[name], data=self.constant(name).detach().numpy().copy())
               for name in self.places}
        return self.graph.with_tensors(**new)


class MaskedNet(TunableNet):
    """A float graph whose weights are multiplied by masks of 0 and 1.

    masks: {weight: mask of its shape, 1 = keep}; weights left out stay whole. Biases and norms have no mask. A copy of
    the net, such as the running mean that `train` keeps, shares the masks: there is one truth about what is pruned.
    Raises ValueError for a mask of the wrong shape and for what is no weight.
    """

    def __init__(self, graph, masks=None):
        super().__init__(graph)
        self.weights = weight_names(graph)
        self.plan = None
        for name in self.weights:
            self.register_buffer(self._key(name), torch.ones(graph.tensors[name].shape, dtype=torch.bool))
        self.register_buffer("batches", torch.zeros((), dtype=torch.int64))
        self.set_masks(masks or {})

    def _key(self, name):
        return f"mask{self.places[name]}"

    def constant(self, name):
        """A constant as the network uses it: a weight times its mask."""
        value = super().constant(name)
        return value * getattr(self, self._key(name)) if name in self.weights else value

    @property
    def masks(self):
        """{weight: bool array}, 1 = keep."""
        return {name: getattr(self, self._key(name)).numpy().copy() for name in self.weights}

    def set_masks(self, masks):
        """Replace the masks of the weights that `masks` names."""
        shapes = {name: self.graph.tensors[name].shape for name in self.weights}
        for name, mask in check_masks("MaskedNet", masks, shapes).items():
            getattr(self, self._key(name)).copy_(torch.tensor(mask))
        return self

    def __deepcopy__(self, memo):
        memo |= {id(buffer): buffer for buffer in self.buffers()}
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__ = deepcopy(self.__dict__, memo)
        return copy

    def scores(self):
        """{weight: |w|}, -1 for what is pruned: it comes back only when a lower sparsity is asked for later."""
        masks = self.masks
        return {name: np.where(masks[name], magnitude(self.constant(name).detach().numpy()), -1.0)
                for name in self.weights}

    def prune(self, sparsity, scope="all"):
        """Set masks of the lowest magnitudes: `scope` "all" ranks all weights together, "layer" each layer's.

        "2:4" and "1:4" keep so many of every four, and have that one sparsity. Raises ValueError for another one, and
        for an unknown scope.
        """
        check_scope("MaskedNet.prune", scope, sparsity)
        return self.set_masks(SCOPES[scope](self.scores(), sparsity))

    def gradually(self, final, batches, schedule="cubic", scope="all", every=20, until=0.75):
        """Let the masks grow while the net trains for `batches` batches in all; at `until` of them `final` is reached.

        The masks change every `every` batches; what is left of the training heals. Raises ValueError for an unknown
        schedule or scope, and for a pattern such as "2:4", which has no sparsity on the way.
        """
        growing = [name for name in SCOPES if name not in PATTERNS]
        if schedule not in SCHEDULES or scope not in growing or not 0 < until <= 1 or min(batches, every) < 1:
            raise ValueError(
                f"MaskedNet.gradually: schedule one of {', '.join(SCHEDULES)}, scope of {', '.join(growing)}, 0 < "
                f"until <= 1, batches and every at least 1; got {schedule!r}, {scope!r}, {until}, {batches}, {every}")
        check_ratio("MaskedNet.gradually", final, "final")
        self.plan = Plan(final, min(int(until * batches), batches - 1), schedule, scope, every)
        self.batches.zero_()
        return self

    def forward(self, x):
        """As `GraphNet.forward`; in training the masks follow their plan first."""
        if self.training and self.plan is not None:
            plan, done = self.plan, int(self.batches)
            if done % plan.every == 0 or done == plan.batches:
                progress = 1.0 if done >= plan.batches else done / plan.batches
                self.prune(float(SCHEDULES[plan.schedule](progress, plan.final)), plan.scope)
            self.batches += 1
        return super().forward(x)

    def to_graph(self):
        """Return the `Graph` with the zeros of the masks. Raises ValueError while `gradually` is unfinished."""
        if self.plan is not None and int(self.batches) <= self.plan.batches:
            raise ValueError(f"MaskedNet.to_graph: masks reach the sparsity {self.plan.final} after batch "
                             f"{self.plan.batches}, and {int(self.batches)} were trained; train on, or give "
                             "gradually the number of batches that train really runs")
        return super().to_graph()


@dataclass(frozen=True)
class Plan:
    """Masks that grow: `final` sparsity after so many `batches`, by a `schedule`, looked at `every` so many."""

    final: float
    batches: int
    schedule: str
    scope: str
    every: int


#: what magnitudes are compared with
SCOPES = {
    "all": over_layers,
    "layer": per_layer,
    "2:4": lambda scores, sparsity: {name: n_of_m(values, 2, 4) for name, values in scores.items()},
    "1:4": lambda scores, sparsity: {name: n_of_m(values, 1, 4) for name, values in scores.items()},
}


def check_scope(call, scope, sparsity):
    """Raise ValueError for an unknown scope, and for a pattern whose sparsity is another one."""
    if scope not in SCOPES:
        raise ValueError(f"{call}: scope must be one of {', '.join(SCOPES)}, got {scope!r}")
    if sparsity != PATTERNS.get(scope, sparsity):
        raise ValueError(f"{call}: the pattern {scope} removes {PATTERNS[scope]} of the weights, got {sparsity}; ask "
                         'for that, or take the scope "all" or "layer"')


def weight_names(graph):
    """Return the names of the constants that layers multiply with, in the order in which they run."""
    names = []
    for node in graph.nodes:
        names += node.inputs[1:2] if node.op in WITH_WEIGHTS else node.inputs[1:3] if node.op in RECURRENT else ()
    return list(dict.fromkeys(name for name in names if graph.tensors[name].is_constant))


def gradients(graph, x, y, criterion=None, batch_size=256):
    """Return {weight: gradient of the mean loss} of a float graph over x (N, H, W, C) and y, for Taylor's score.

    `criterion(outputs, targets)` averages over a batch; cross-entropy by default. Batch norms are as in inference.
    """
    net, criterion = GraphNet(graph).eval(), criterion or nn.CrossEntropyLoss()
    x, y = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(np.asarray(y))
    for inputs, targets in zip(x.split(batch_size), y.split(batch_size), strict=True):
        (criterion(net(inputs), targets) * (len(inputs) / len(x))).backward()
    return {name: net.constant(name).grad.numpy().copy() for name in weight_names(graph)}


def lottery(graph, fit, final, rounds, rewind=True, scope="all"):
    """Return the `MaskedNet` after `rounds` of training and pruning to sparsity `final`, and a last training.

        train, remove the lowest of what is left, go back to the first weights; again

    `fit(net)` trains a net in place. Every round removes the same share. With `rewind` False the weights go on from
    where they are. Source: Frankle and Carbin, ICLR 2019, arXiv:1803.03635.
    """
    if rounds < 1:
        raise ValueError(f"lottery: rounds must be at least 1, got {rounds}")
    net = MaskedNet(graph)
    for done in range(1, rounds + 1):
        fit(net)
        masks = net.prune(float(iterative(done / rounds, final)), scope).masks
        net = MaskedNet(graph if rewind else net.to_graph(), masks)
    fit(net)
    return net
