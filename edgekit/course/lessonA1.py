"""The exercises of appendix A1: what a constant answer scores, splitting by group, how far chance reaches."""

import math

from edgekit.course.exercises import Case, Exercise, Mutant


def group_split(groups, held_out):
    """Positions (train, test): all examples of the groups in held_out test, the others train."""
    missing = set(held_out) - set(groups)
    test = [i for i, group in enumerate(groups) if group in held_out]
    train = [i for i, group in enumerate(groups) if group not in held_out]
    if missing or not train or not test:
        raise ValueError(f"cannot hold out {held_out} of {sorted(set(groups))}")
    return train, test


def _swapped(groups, held_out):
    return group_split(groups, held_out)[::-1]


def _by_count(groups, held_out):
    cut = len(groups) - len(held_out)
    return list(range(cut)), list(range(cut, len(groups)))


def _one_each(groups, held_out):
    test = [list(groups).index(group) for group in held_out if group in groups]
    return [i for i in range(len(groups)) if i not in test], test


def _keeps_all(groups, held_out):
    return list(range(len(groups))), group_split(groups, held_out)[1]


def _silent(groups, held_out):
    test = [i for i, group in enumerate(groups) if group in held_out]
    return [i for i, group in enumerate(groups) if group not in held_out], test


def _names(groups, held_out):
    train, test = group_split(groups, held_out)
    return [groups[i] for i in train], [groups[i] for i in test]


def chance_band(total, classes):
    """Three standard errors about the accuracy of a guess: 1/K +- 3 sqrt(1/K (1 - 1/K) / n)."""
    if total < 1 or classes < 2:
        raise ValueError(f"chance_band: needs an example and two classes, got {total} and {classes}")
    p = 1 / classes
    reach = 3 * math.sqrt(p * (1 - p) / total)
    return p - reach, p + reach


def _band(reach):
    """A band about chance with another reach, with the same refusals."""
    def other(total, classes):
        chance_band(total, classes)
        p = 1 / classes
        return p - reach(p, total), p + reach(p, total)
    return other


def _never_refuses(total, classes):
    return chance_band(total, classes) if total >= 1 and classes >= 2 else (0.0, 1.0)


EIGHT = ([3, 3, 5, 5, 5, 7, 7, 8], [5])
EXERCISES = {
    "A1/constant_answer": Exercise(
        "A1/constant_answer",
        reference=1 / 21,
        cases=(Case("literal", (), 1 / 21, 0.003),),
        mutants={
            "accuracy": Mutant("the accuracy, 1/6, is taken for the macro F1", 1 / 6),
            "one class": Mutant("the F1 of the one class that is named is not averaged with the five others", 2 / 7),
            "zero": Mutant("the one class that is named is forgotten: it is right now and then", 0.0),
            "precision": Mutant("precision, 1/6, is averaged over six classes instead of F1", 1 / 36),
            "two classes": Mutant("the five classes that are never named are counted as a single one", 1 / 7),
        },
        hints=(
            "Five classes are never named: what is their F1?",
            "The sixth has recall 1 and precision 1/6. F1 = 2 p r / (p + r).",
            "(2 * 1/6 / (1 + 1/6)) / 6",
        ),
        predict=True,
    ),
    "A1/group_split": Exercise(
        "A1/group_split",
        reference=group_split,
        cases=(
            Case("literal", EIGHT, ([0, 1, 5, 6, 7], [2, 3, 4])),
            Case("literal", ([1, 2, 1, 2, 3], [1, 3]), ([1, 3], [0, 2, 4])),
            Case("property", ([4, 4, 4, 9, 9, 6], [9, 4]), ([5], [0, 1, 2, 3, 4])),
            Case("edge", ([2, 1], [1]), ([0], [1])),
            Case("edge", ([1, 2], [6]), ValueError),
            Case("edge", ([1, 1, 2], [1, 2]), ValueError),
        ),
        mutants={
            "swapped": Mutant("the held-out groups train and the others test", _swapped),
            "by count": Mutant("the last examples are held out, as many as groups were named, whoever they belong to",
                               _by_count),
            "one each": Mutant("only one example of each held-out group tests; the others of the same group train: "
                               "that is the leak", _one_each),
            "keeps all": Mutant("what tests is not taken out of what trains", _keeps_all),
            "silent": Mutant("a group that is not there, or an empty side, passes: raise ValueError", _silent),
            "names": Mutant("the groups are returned instead of the positions of the examples", _names),
        },
        hints=(
            "Go through the examples one by one and ask whether their group is held out.",
            "test = [i for i, group in enumerate(groups) if group in held_out]",
            "Then train is all other positions; raise ValueError if a held-out group is missing or a side is empty.",
        ),
    ),
    "A1/chance_band": Exercise(
        "A1/chance_band",
        reference=chance_band,
        cases=(
            Case("literal", (900, 2), (0.45, 0.55)),
            Case("literal", (225, 10), (0.04, 0.16)),
            Case("property", (600, 6), chance_band(600, 6)),
            Case("property", (2016, 6), chance_band(2016, 6)),
            Case("edge", (1, 2), (-1.0, 2.0)),
            Case("edge", (0, 2), ValueError),
            Case("edge", (50, 1), ValueError),
        ),
        mutants={
            "no root": Mutant("the variance is taken for the standard error: the root is missing",
                              _band(lambda p, n: 3 * p * (1 - p) / n)),
            "one error": Mutant("one standard error is taken instead of three", _band(lambda p, n: (p * (1 - p) / n)
                                                                                     ** 0.5)),
            "not of the mean": Mutant("the spread of one answer is taken: divide by n before the root",
                                      _band(lambda p, n: 3 * (p * (1 - p)) ** 0.5)),
            "always a half": Mutant("p (1 - p) is always taken as 1/4: true for two classes only",
                                    _band(lambda p, n: 1.5 / n ** 0.5)),
            "fixed": Mutant("the reach is the same for every number of examples", _band(lambda p, n: 0.05)),
            "never refuses": Mutant("no examples, or a single class, pass: raise ValueError", _never_refuses),
        },
        hints=(
            "A guess is right with p = 1 / classes, like a coin with that many sides.",
            "The standard error of a share over n examples is sqrt(p (1 - p) / n).",
            "Return p - 3 * error and p + 3 * error.",
        ),
    ),
}


def _split_by_set(groups, held_out):
    """Sets of positions: an independent right answer."""
    held = {i for group in held_out for i, own in enumerate(groups) if own == group}
    rest = set(range(len(groups))) - held
    if not rest or len({groups[i] for i in held}) != len(set(held_out)):
        raise ValueError("empty side or unknown group")
    return sorted(rest), sorted(held)


def _band_by_counts(total, classes):
    """In counts instead of shares: an independent right answer."""
    if total <= 0 or classes <= 1:
        raise ValueError("no")
    mean, spread = total / classes, math.sqrt(total * (classes - 1)) / classes
    return (mean - 3 * spread) / total, (mean + 3 * spread) / total


#: independent right answers, which every check must accept
VARIANTS = {"A1/constant_answer": 0.048, "A1/group_split": _split_by_set, "A1/chance_band": _band_by_counts}
