"""Which layer suffers from pruning: each one alone, at several sparsities, judged on validation data.

    scan(graph, x, metric)              one weight after the other, its lowest magnitudes removed
    scan_channels(coupling, scores, x, metric)      one group of channels after the other

Nothing is trained. Give validation examples: what a scan decides must not have seen the test data.
"""

from dataclasses import dataclass

from edgekit.core.allocation import allocate
from edgekit.core.masks import per_layer, top
from edgekit.core.saliency import magnitude
from edgekit.graph.channels import masked
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.prune import MaskedNet, weight_names
from edgekit.nn.train import one_thread, outputs

SPARSITIES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Scan:
    """`baseline`: the metric unpruned. curves {layer: (sparsities, metric at each)}; sizes {layer: what there is}."""

    baseline: float
    curves: dict
    sizes: dict

    def drops(self):
        """{layer: (sparsities, baseline - metric)}."""
        return {name: (steps, [self.baseline - value for value in values])
                for name, (steps, values) in self.curves.items()}

    def allocate(self, sparsity):
        """Return {layer: sparsity}, equal in what each loses, together exactly `sparsity`; see `core.allocation`."""
        return allocate(self.drops(), self.sizes, sparsity)

    def __str__(self):
        steps = next(iter(self.curves.values()))[0]
        lines = [f"{'unpruned ' + format(self.baseline, '.4f'):32}" + "".join(f"{step:8.2f}" for step in steps)]
        lines += [f"{name:32}" + "".join(f"{value:8.4f}" for value in values)
                  for name, (_, values) in self.curves.items()]
        return "\n".join(lines)


def scan(graph, x, metric, sparsities=SPARSITIES, scores=None):
    """Return the `Scan` of every weight of a float graph on x (N, H, W, C).

    metric: a function of the outputs (N, ...), greater is better. scores: {weight: array}, by default magnitudes.
    A weight with too few elements for a sparsity keeps one.
    """
    net, curves = MaskedNet(graph), {}
    scores = scores or {name: magnitude(graph.tensors[name].data) for name in weight_names(graph)}
    with one_thread():
        baseline = float(metric(outputs(net, x)))
        for name, values in scores.items():
            whole, found = net.masks[name], []
            for sparsity in sparsities:
                limit = min(sparsity, 1 - 1 / values.size)
                net.set_masks(per_layer({name: values}, limit))
                found.append(float(metric(outputs(net, x))))
            net.set_masks({name: whole})
            curves[name] = (tuple(sparsities), tuple(found))
    return Scan(baseline, curves, {name: values.size for name, values in scores.items()})


def scan_channels(coupling, scores, x, metric, ratios=SPARSITIES):
    """Return the `Scan` of every group of a `Coupling` that can be pruned; `scores` {group: (width,)} rank channels."""
    curves = {}
    with one_thread():
        baseline = float(metric(outputs(GraphNet(coupling.graph), x)))
        for group in coupling.prunable:
            kept = [top(scores[group.name], max(group.width - round(ratio * group.width), 1)) for ratio in ratios]
            nets = (GraphNet(masked(coupling, {group.name: mask})) for mask in kept)
            curves[group.name] = (tuple(ratios), tuple(float(metric(outputs(net, x))) for net in nets))
    return Scan(baseline, curves, {group.name: group.width for group in coupling.prunable})
