"""A budget of MACs spread over groups of channels by what each group can bear, and not by one ratio for all.

    ratios = spread(coupling, errors, limit)                {group: share of its channels that goes}
    to_macs(coupling, scores, limit, shares=ratios)         the channels themselves

Channels go a few at a time, always from the group where the error that they cause is smallest for the MACs they save:

    next group = argmin (e_g(k + step) - e_g(k)) / (MACs(k) - MACs(k + step)),  until MACs <= limit

e_g(k): error after k channels of group g went alone. Greedy, and as if the errors of groups added up.
Source: Dantzig, "Discrete-Variable Extremum Problems", Operations Research 5, 1957: the greedy rule for knapsacks.
"""

import numpy as np

from edgekit.graph.cost import macs_per_node

STEPS = 24  # a group of fewer channels than twice this loses one at a time


def spread(coupling, errors, limit):
    """Return {group: ratio}, the share of channels that goes from each group, so that at most `limit` MACs stay.

    errors: {group: (width + 1,) error after 0, 1, ... channels are gone}, never falling. One channel always stays.
    Raises ValueError when the errors do not fit the groups, and when the fewest channels take more than the limit.
    """
    curves = {group.name: _curve(group, errors) for group in coupling.prunable}
    layers = list(_layers(coupling))
    gone, now = dict.fromkeys(curves, 0), _macs(layers, {})
    while now > limit:
        options = {}
        for name, curve in curves.items():
            width = len(curve) - 1
            more = min(gone[name] + max(width // STEPS, 1), width - 1)
            if more > gone[name]:
                left = _macs(layers, {key: n / (len(curves[key]) - 1) for key, n in (gone | {name: more}).items()})
                options[name] = (curve[more] - curve[gone[name]]) / max(now - left, 1e-9), more, left
        if not options:
            raise ValueError(f"spread: {now:,.0f} MACs stay with one channel in every group, more than the limit "
                             f"{limit:,.0f}; raise it")
        name = min(options, key=lambda key: options[key][0])
        _, gone[name], now = options[name]
    return {name: gone[name] / (len(curve) - 1) for name, curve in curves.items()}


def _curve(group, errors):
    curve = np.asarray(errors.get(group.name, ()), np.float64)
    if curve.shape != (group.width + 1,) or (np.diff(curve) < 0).any():
        raise ValueError(f"spread: group {group.name!r} needs {group.width + 1} errors that never fall, got shape "
                         f"{curve.shape}; nn.refit.drop_order gives such")
    return curve


def _layers(coupling):
    """(MACs, [{group: share of this side of the weight}]) of every layer that multiplies."""
    owner = {label: group.name for group in coupling.prunable for label in group.channels}
    counts = macs_per_node(coupling.graph)
    for node in coupling.graph.nodes:
        weights = [t for t in coupling.graph.inputs_of(node)[1:] if len(t.shape) > 1] if counts[node.output] else ()
        for weight in weights:
            sides = []
            for labels in coupling.places.get(weight.name, {}).values():
                names = [owner[label] for label in labels.tolist() if label in owner]
                sides.append({name: names.count(name) / len(labels) for name in set(names)})
            yield counts[node.output] * weight.data.size / sum(w.data.size for w in weights), sides


def _macs(layers, gone):
    """MACs when the share gone[group] of each group is gone."""
    total = 0.0
    for count, sides in layers:
        for side in sides:
            count *= 1 - sum(share * gone.get(name, 0.0) for name, share in side.items())
        total += count
    return total
