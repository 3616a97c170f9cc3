"""Right and wrong answers to the exercises of lesson 10, written apart from their mutants."""

import numpy as np


def others(code, counts, place, first=0):
    return [option for option in range(first, counts[place] + first) if option != code[place]]


def put(code, place, option):
    child = list(code)
    child[place] = option
    return child


def in_place(code, counts, place, draw):
    code[place] = others(code, counts, place)[draw]
    return code


def rows(points, beats):
    return [sum(bool(beats(np.array(a), np.array(b))) for a in points) for b in points]


def dominates(a, b):
    return (a <= b).all() and (a < b).any()


def best(networks, most, key):
    fitting = [i for i, network in enumerate(networks) if network[2] <= most]
    return max(fitting, key=lambda i: key(*networks[i]))


def in_the_rest(networks, most):
    fitting = [network for network in networks if network[2] <= most]
    return fitting.index(max(fitting, key=lambda network: (network[0], -network[2])))


def cut(ours, theirs):
    count = min(len(ours), len(theirs))
    return ours[:count], theirs[:count]


RIGHT = [
    ("10/mutate", lambda code, counts, place, draw: np.array(put(code, place, others(code, counts, place)[draw]))),
    ("10/dominated", lambda points: sum(row > 0 for row in rows(points, dominates))),
    ("10/dominated", lambda points: np.sum([any(dominates(np.array(a), np.array(b)) for a in points)
                                            for b in points])),
    ("10/choose", lambda networks, most: best(networks, most, lambda val, test, macs: (val, -macs))),
    ("10/choose", lambda networks, most: np.lexsort((
        [m for _, _, m in networks], [-v if m <= most else 9.0 for v, _, m in networks]))[0]),
    ("10/advantage", lambda ours, theirs: np.subtract(*map(np.max, cut(ours, theirs)))),
    ("10/advantage", lambda ours, theirs: round(max(cut(ours, theirs)[0]) - max(cut(ours, theirs)[1]), 6)),
    ("10/predict_size", "584"), ("10/predict_draws", np.ceil(np.log(0.05) / np.log(0.95))),
]

WRONG = [
    ("10/mutate", "onward", lambda code, counts, place, draw: put(code, place, (code[place] + 1 + draw)
                                                                  % counts[place])),
    ("10/mutate", "backward", lambda code, counts, place, draw: put(code, place, (code[place] - 1 - draw)
                                                                    % counts[place])),
    ("10/mutate", "counts_down", lambda code, counts, place, draw: put(
        code, place, others(code, counts, place)[::-1][draw])),
    ("10/mutate", "never_changes", lambda code, counts, place, draw: put(code, place, draw)),
    ("10/mutate", "from_one", lambda code, counts, place, draw: put(code, place, others(code, counts, place, 1)[draw])),
    ("10/mutate", "option", lambda code, counts, place, draw: others(code, counts, place)[draw]),
    ("10/mutate", "in_place", in_place),
    ("10/dominated", "itself", lambda points: sum(row > 0 for row in rows(points, lambda a, b: (a <= b).all()))),
    ("10/dominated", "twins", lambda points: sum(row > 1 for row in rows(points, lambda a, b: (a <= b).all()))),
    ("10/dominated", "pairs", lambda points: sum(rows(points, dominates))),
    ("10/dominated", "more", lambda points: sum(row > 0 for row in rows(points, lambda a, b: dominates(b, a)))),
    ("10/dominated", "mask", lambda points: np.array(rows(points, dominates)) > 0),
    ("10/dominated", "strict", lambda points: sum(row > 0 for row in rows(points, lambda a, b: (a < b).all()))),
    ("10/dominated", "any", lambda points: sum(row > 0 for row in rows(points, lambda a, b: (a < b).any()))),
    ("10/dominated", "lexicographic", lambda points: sum(any(a < b for a in points) for b in points)),
    ("10/dominated", "front", lambda points: sum(row == 0 for row in rows(points, dominates))),
    ("10/choose", "in_the_rest", in_the_rest),
    ("10/choose", "tie_on_test", lambda networks, most: best(networks, most, lambda val, test, macs: (val, test))),
    ("10/choose", "tie_on_test", lambda networks, most: networks.index(max(n for n in networks if n[2] <= most))),
    ("10/choose", "first", lambda networks, most: best(networks, most, lambda val, test, macs: val)),
    ("10/choose", "dearest", lambda networks, most: best(networks, most, lambda val, test, macs: (val, macs))),
    ("10/choose", "on_test", lambda networks, most: best(networks, most, lambda val, test, macs: test)),
    ("10/choose", "both", lambda networks, most: best(networks, most, lambda val, test, macs: (val + test, -macs))),
    ("10/choose", "per_mac", lambda networks, most: best(networks, most, lambda val, test, macs: val / macs)),
    ("10/choose", "gap", lambda networks, most: best(networks, most, lambda val, test, macs: -abs(val - test))),
    ("10/choose", "ignored", lambda networks, most: best(networks, 10**9, lambda val, test, macs: (val, -macs))),
    ("10/choose", "network", lambda networks, most: networks[best(networks, most, lambda v, t, m: (v, -m))]),
    ("10/advantage", "unequal", lambda ours, theirs: max(ours) - max(theirs)),
    ("10/advantage", "mean", lambda ours, theirs: np.subtract(*map(np.mean, cut(ours, theirs)))),
    ("10/advantage", "mean_of_all", lambda ours, theirs: np.mean(ours) - np.mean(theirs)),
    ("10/advantage", "sorted", lambda ours, theirs: np.subtract(*map(max, cut(sorted(ours), sorted(theirs))))),
    ("10/advantage", "size", lambda ours, theirs: abs(np.subtract(*map(max, cut(ours, theirs))))),
    ("10/advantage", "turned", lambda ours, theirs: np.subtract(*map(max, cut(theirs, ours)))),
    ("10/advantage", "last", lambda ours, theirs: np.subtract(*(part[-1] for part in cut(ours, theirs)))),
    ("10/advantage", "pair_by_pair", lambda ours, theirs: np.max(np.subtract(*cut(ours, theirs)))),
    ("10/predict_size", "silent", 3 * 4**3 * 2**3), ("10/predict_size", "shared", 168),
    ("10/predict_draws", "rounded", 60), ("10/predict_draws", "in_parts", np.log(0.05) / np.log(0.95)),
    ("10/predict_draws", "one_short", 58.0), ("10/predict_draws", "half", 14),
]
