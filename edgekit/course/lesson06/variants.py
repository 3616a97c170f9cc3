"""Independent right answers to the exercises of lesson 06, which every check must accept."""

import numpy as np


def mask_by_rank(w, budget):
    """A weight stays when fewer than `budget` come before it, larger or as large and earlier."""
    sizes = np.abs(w).ravel().tolist()
    ranks = [sum(other > size or (other == size and j < i) for j, other in enumerate(sizes))
             for i, size in enumerate(sizes)]
    return np.reshape([rank < budget for rank in ranks], w.shape)


def step_by_loop(w, velocity, gradient, mask, rate):
    """One weight after the other: where the mask is 0, nothing else is looked at."""
    moved = w.copy()
    for place, keep in enumerate(mask.ravel()):
        at = velocity.ravel()[place] * 0.9 + gradient.ravel()[place]
        moved.ravel()[place] = w.ravel()[place] - rate * at if keep else 0.0
    return moved


def bytes_by_packing(w):
    """Really packed, and its length taken."""
    return len(np.packbits(w.ravel() != 0).tobytes() + w[w != 0].tobytes())


def gaps_by_counting(w):
    """Walk along the places and count zeros; the sixteenth is stored."""
    found, zeros = [], 0
    waiting = []
    for value in w.tolist():
        if value:
            found, waiting = found + waiting + [zeros], []
            zeros = 0
        elif zeros == 15:
            waiting, zeros = [*waiting, 15], 0
        else:
            zeros += 1
    return found


VARIANTS = {"06/mask": mask_by_rank, "06/pruned_step": step_by_loop, "06/bitmap_bytes": bytes_by_packing,
            "06/gaps": gaps_by_counting, "06/predict_ratio": 0.75, "06/predict_bitmap": 325.0,
            "06/predict_break_even": 0.5}
