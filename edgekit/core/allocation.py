"""How much to prune each layer, when it is known what pruning it alone costs: the same loss everywhere.

    drop_l(s)      what the metric loses when layer l alone is pruned to sparsity s, made to rise with s
    s_l(t)         the sparsity at which it has lost t
    find t with sum n_l s_l(t) = S n       the budget, met exactly: whole weights by largest remainder

A rule of thumb, not the minimum of the joint loss: it assumes that the losses of layers do not depend on one another.
"""

import numpy as np

from edgekit.core.masks import kept_count


def allocate(curves, sizes, sparsity):
    """Return {layer: sparsity}: together they remove exactly what `sparsity` of all weights is.

    curves: {layer: (sparsities rising within (0, 1), metric's drops)}; sizes: {layer: number of weights}. No layer is
    pruned beyond the last sparsity of its curve, or to nothing. Raises ValueError when that does not reach the budget.

    >>> curve = {"a": ([0.5, 0.9], [0.0, 0.4]), "b": ([0.5, 0.9], [0.2, 0.4])}
    >>> {name: round(s, 2) for name, s in allocate(curve, {"a": 100, "b": 100}, 0.5).items()}
    {'a': 0.64, 'b': 0.36}
    """
    if set(curves) != set(sizes):
        raise ValueError(f"allocate: curves of {sorted(curves)} and sizes of {sorted(sizes)}; give both for each layer")
    rising = {name: _rising(name, *curve) for name, curve in curves.items()}
    total = sum(sizes.values())
    goal = total - kept_count(total, sparsity)

    def removed(level):
        """Weights that each layer may lose, {layer: number, not rounded}, when all have the loss `level`."""
        return {name: min(sizes[name] * float(np.interp(level, drops, steps)), sizes[name] - 1)
                for name, (steps, drops) in rising.items()}

    low, high = 0.0, max(drops[-1] for _, drops in rising.values())
    if sum(int(n + 1e-6) for n in removed(high).values()) < goal:
        raise ValueError(f"allocate: the curves end before sparsity {sparsity} of all weights; scan higher sparsities")
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if sum(removed(middle).values()) >= goal else (middle, high)
    return {name: n / sizes[name] for name, n in _whole(removed(high), goal).items()}


def _rising(name, sparsities, drops):
    """The curve from (0, 0) on, which never falls and rises a little everywhere, so that it has an inverse."""
    steps, drops = np.asarray(sparsities, np.float64), np.asarray(drops, np.float64)
    fits = steps.shape == drops.shape and steps.ndim == 1 and np.isfinite(drops).all()
    if not fits or not (np.diff(steps, prepend=0) > 0).all() or steps[-1] >= 1:
        raise ValueError(f"allocate: layer {name!r} needs sparsities that rise within (0, 1) and as many finite drops, "
                         f"got {steps.tolist()} and {drops.tolist()}")
    steps = np.concatenate([[0.0], steps])
    drops = np.maximum.accumulate(np.concatenate([[0.0], drops]))
    return steps, drops + 1e-6 * max(drops[-1], 1e-3) * steps


def _whole(parts, goal):
    """Whole numbers nearest below `parts`, and one more where the remainder is largest, until the sum is `goal`."""
    whole = {name: int(part + 1e-6) for name, part in parts.items()}
    order = sorted(parts, key=lambda name: (whole[name] - parts[name], name))
    for i in range(goal - sum(whole.values())):
        whole[order[i % len(order)]] += 1
    for i in range(sum(whole.values()) - goal):
        whole[order[-1 - i % len(order)]] -= 1
    return whole
