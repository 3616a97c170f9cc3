"""Independent right answers to the exercises of lesson 10, which every check must accept."""


def mutate_by_skipping(code, counts, place, draw):
    """Below the present option the draw is the option; from it on, one more."""
    child = list(code)
    child[place] = draw + (draw >= code[place])
    return tuple(child)


def dominated_by_loops(points):
    """Two loops and Python's own comparisons."""
    found = 0
    for i, b in enumerate(points):
        for j, a in enumerate(points):
            worse = sum(x > y for x, y in zip(a, b, strict=True))
            better = sum(x < y for x, y in zip(a, b, strict=True))
            if i != j and not worse and better:
                found += 1
                break
    return found


def choose_by_sorting(networks, most_macs):
    """All that fit, sorted; the first is the answer."""
    ranked = sorted((-val, macs, i) for i, (val, _, macs) in enumerate(networks) if macs <= most_macs)
    return ranked[0][2]


def advantage_step_by_step(ours, theirs):
    """Both go on together until one ends."""
    best_ours = best_theirs = 0.0
    for one, other in zip(ours, theirs, strict=False):
        best_ours, best_theirs = max(best_ours, one), max(best_theirs, other)
    return best_ours - best_theirs


VARIANTS = {"10/mutate": mutate_by_skipping, "10/dominated": dominated_by_loops, "10/choose": choose_by_sorting,
            "10/advantage": advantage_step_by_step, "10/predict_size": 584.0, "10/predict_draws": 59.0}
