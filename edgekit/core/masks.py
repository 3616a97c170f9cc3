"""Which weights stay: masks of 0 and 1 under a budget.

    min L(w * m)   subject to   ||m||_0 <= B,   m in {0, 1}^n          1 = keep

The minimum is out of reach (there are n over B masks), so each weight gets a score, what its removal is thought to
cost, and the B highest scores stay: `core.saliency` has the scores. The budget is met exactly, whatever the ties:

    B = n - round(sparsity * n)       of equal scores the one that comes first stays

A mask is a bool array of the weight's shape; several layers are dicts {name: array}.
"""

import numpy as np


def check_ratio(call, ratio, name="sparsity"):
    """Return `ratio` as a float; raise ValueError unless it lies in [0, 1)."""
    if not isinstance(ratio, (int, float, np.number)) or isinstance(ratio, bool) or not 0 <= ratio < 1:
        raise ValueError(f"{call}: {name} must be a number in [0, 1), got {ratio!r}; 0.8 removes four of five")
    return float(ratio)


def kept_count(size, sparsity):
    """Return how many of `size` weights stay: B = size - round(sparsity * size), half to even.

    Raises ValueError when none would.

    >>> kept_count(10, 0.75)
    2
    """
    kept = size - round(check_ratio("kept_count", sparsity) * size)
    if kept < 1:
        raise ValueError(f"kept_count: sparsity {sparsity} leaves none of {size} weights; prune less")
    return kept


def sparsity(masks):
    """Return zeros / all of a mask, or of a dict of masks.

    >>> sparsity(np.array([True, False, False, False]))
    0.75
    """
    parts = list(masks.values()) if isinstance(masks, dict) else [masks]
    return 1 - sum(int(np.count_nonzero(m)) for m in parts) / sum(np.size(m) for m in parts)


def top(scores, count):
    """Return the mask (bool, shape of scores) of the `count` highest scores; of equal ones the first stays.

    >>> top(np.array([3.0, 1.0, 3.0, 3.0]), 2).tolist()
    [True, False, True, False]
    """
    scores = _finite("top", scores)
    if not 0 <= count <= scores.size:
        raise ValueError(f"top: count must be 0..{scores.size}, got {count}")
    mask = np.zeros(scores.size, bool)
    mask[np.argsort(-scores.ravel(), kind="stable")[:count]] = True
    return mask.reshape(scores.shape)


def _finite(call, scores):
    scores = np.asarray(scores, np.float64)
    if scores.size == 0 or not np.isfinite(scores).all():
        raise ValueError(f"{call}: scores must be finite numbers, at least one, got shape {scores.shape}; clean them")
    return scores


def per_layer(scores, sparsity):
    """Return {layer: mask}: every layer of `scores` keeps its own highest.

    sparsity: one number for all layers, or {layer: number}, all of them.

    >>> per_layer({"a": np.array([9.0, 8.0]), "b": np.array([2.0, 1.0])}, 0.5)["b"].tolist()
    [True, False]
    """
    wanted = sparsity if isinstance(sparsity, dict) else dict.fromkeys(scores, sparsity)
    if set(wanted) != set(scores):
        raise ValueError(f"per_layer: sparsity names {sorted(wanted)}, the layers are {sorted(scores)}; name each once")
    masks = {}
    for name, values in scores.items():
        try:
            masks[name] = top(values, kept_count(np.size(values), wanted[name]))
        except ValueError as error:
            raise ValueError(f"per_layer: layer {name!r}: {error}") from None
    return masks


def over_layers(scores, sparsity, least=1):
    """Return {layer: mask}: the highest scores of all layers together stay ("global" pruning).

    Every layer keeps its `least` best, so that no layer cuts the network; the total is the budget all the same.
    Raises ValueError for a budget below that.

    >>> {k: m.tolist() for k, m in over_layers({"a": np.array([9.0, 8.0]), "b": np.array([2.0, 1.0])}, 0.25).items()}
    {'a': [True, True], 'b': [True, False]}
    """
    parts = {name: _finite(f"over_layers: layer {name!r}", values) for name, values in scores.items()}
    kept = kept_count(sum(part.size for part in parts.values()), sparsity)
    best = {name: top(part, min(least, part.size)) for name, part in parts.items()}
    needed = sum(int(mask.sum()) for mask in best.values())
    if kept < needed:
        raise ValueError(
            f"over_layers: sparsity {sparsity} leaves {kept} weights, but {len(parts)} layers keep at least {least} "
            f"each, {needed} in all; prune less"
        )
    flat = np.concatenate([np.where(best[name], np.inf, part).ravel() for name, part in parts.items()])
    mask = np.zeros(flat.size, bool)
    mask[np.argsort(-flat, kind="stable")[:kept]] = True
    ends = np.cumsum([part.size for part in parts.values()])[:-1]
    pairs = zip(parts.items(), np.split(mask, ends), strict=True)
    return {name: piece.reshape(part.shape) for (name, part), piece in pairs}


def n_of_m(scores, n, m):
    """Return the mask that keeps the n highest of every m neighbours in each row of scores (O, ...).

    A row is what one output sums over, in the order in which it is stored; 2:4 is what sparse tensor cores take. A row
    whose length is not a multiple of m ends in a shorter run, which keeps n too, or all of it: n of any m stay at most.
    Source: Mishra et al., arXiv:2104.08378, section 3.

    >>> n_of_m(np.array([[1.0, 4.0, 3.0, 2.0, 5.0]]), 2, 4).tolist()
    [[False, True, True, False, True]]
    """
    scores = _finite("n_of_m", scores)
    if not 1 <= n <= m:
        raise ValueError(f"n_of_m: n of m needs 1 <= n <= m, got {n} of {m}")
    rows = scores.reshape(len(scores), -1)
    padded = np.full((len(rows), -(-rows.shape[1] // m) * m), -np.inf)
    padded[:, : rows.shape[1]] = rows
    runs = padded.reshape(len(rows), -1, m)
    places = np.argsort(-runs, axis=2, kind="stable")[:, :, :n]
    mask = np.zeros(runs.shape, bool)
    np.put_along_axis(mask, places, True, axis=2)
    return mask.reshape(padded.shape)[:, : rows.shape[1]].reshape(scores.shape)


def check_masks(call, masks, shapes):
    """Return {name: bool array}; raise ValueError unless each mask names a layer of `shapes`, fits it and is 0 and 1.

    >>> check_masks("prune", {"w": [1, 0]}, {"w": (2,)})["w"].tolist()
    [True, False]
    """
    found = {}
    for name, mask in masks.items():
        mask = np.asarray(mask)
        if name not in shapes:
            raise ValueError(f"{call}: no layer has the weight {name!r}; there are {', '.join(shapes)}")
        if mask.shape != tuple(shapes[name]):
            raise ValueError(f"{call}: the mask of {name!r} has shape {mask.shape}, its weight {tuple(shapes[name])}")
        if not np.isin(mask, (0, 1)).all():
            raise ValueError(f"{call}: the mask of {name!r} must hold 0 and 1 (1 = keep), got others; compare scores")
        found[name] = mask.astype(bool)
    return found


def one_shot(progress, final):
    """Return the sparsity after the share `progress` (0..1) of a training: everything from the start."""
    return np.where(np.asarray(progress) >= 0, check_ratio("one_shot", final, "final"), 0.0)[()]


def cubic(progress, final, initial=0.0):
    """Return the sparsity after the share `progress` (0..1) of a training, fast at first, gently at the end.

        s(t) = s_final + (s_initial - s_final) (1 - t)^3

    Source: Zhu and Gupta, arXiv:1710.01878, equation 1.

    >>> [round(float(cubic(t, 0.8)), 3) for t in (0, 0.5, 1)]
    [0.0, 0.7, 0.8]
    """
    final, initial = check_ratio("cubic", final, "final"), check_ratio("cubic", initial, "initial")
    return final + (initial - final) * (1 - np.clip(progress, 0, 1)) ** 3


def iterative(progress, final):
    """Return the sparsity after the share `progress` (0..1) of the rounds, each of which removes the same share.

        s(t) = 1 - (1 - s_final)^t

    With rewinding to the first weights after each round this finds lottery tickets.
    Source: Frankle and Carbin, ICLR 2019, arXiv:1803.03635, section 2.

    >>> [round(float(iterative(t, 0.75)), 3) for t in (0, 0.5, 1)]
    [0.0, 0.5, 0.75]
    """
    return 1 - (1 - check_ratio("iterative", final, "final")) ** np.clip(progress, 0, 1)


SCHEDULES = {"one_shot": one_shot, "cubic": cubic, "iterative": iterative}
