"""The exercise on comparing two searches: after as many evaluations."""

from edgekit.course.exercises import Case, Exercise, Mutant


def advantage(ours, theirs):
    """The reference: best of ours minus best of theirs, both after as many evaluations as the shorter one has."""
    count = min(len(ours), len(theirs))
    return max(ours[:count]) - max(theirs[:count])


def _mean(values):
    return sum(values) / len(values)


BUDGETS = Exercise(
    "10/advantage", advantage,
    cases=(
        Case("literal", ([0.5, 0.6, 0.7, 0.9], [0.4, 0.8]), -0.2),
        Case("literal", ([0.5, 0.9], [0.4, 0.8, 0.6, 0.95]), 0.1),
        Case("property", ([0.7, 0.5, 0.4], [0.1, 0.2, 0.3]), 0.4),
        Case("property", ([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]), 0.0),
        Case("property", ([0.9, 0.2, 0.3, 0.1], [0.5, 0.4]), 0.4),
        Case("edge", ([0.5], [0.25, 0.75]), 0.25),
        Case("edge", ([0.5, 1.0], [0.5]), 0.0),
    ),
    mutants={
        "unequal": Mutant("each is judged after all of its evaluations: who tries more often finds more, at random too",
                          lambda ours, theirs: max(ours) - max(theirs)),
        "mean": Mutant("the mean score is compared; what a search hands over is its best",
                       lambda ours, theirs: _mean(ours[: len(theirs)]) - _mean(theirs[: len(ours)])),
        "mean_of_all": Mutant("the mean of all scores is compared; what a search hands over is its best, and both "
                              "must have had as many evaluations", lambda ours, theirs: _mean(ours) - _mean(theirs)),
        "sorted": Mutant("the scores are sorted before they are cut; a search meets them in its own order",
                         lambda ours, theirs: max(sorted(ours)[: len(theirs)]) - max(sorted(theirs)[: len(ours)])),
        "pair_by_pair": Mutant("scores are compared one by one; compare the best of one with the best of the other",
                               lambda ours, theirs: max(a - b for a, b in zip(ours, theirs, strict=False))),
        "size": Mutant("the sign is lost: where theirs is better the answer is below 0",
                       lambda ours, theirs: abs(advantage(ours, theirs))),
        "ratio": Mutant("the ratio is given; asked is the difference", lambda ours, theirs:
                        max(ours[: len(theirs)]) / max(theirs[: len(ours)])),
        "last": Mutant("the last score is taken for the best; a search may look at worse ones after it",
                       lambda ours, theirs: ours[min(len(ours), len(theirs)) - 1]
                       - theirs[min(len(ours), len(theirs)) - 1]),
        "turned": Mutant("the sign is turned round: positive is asked where ours is better",
                         lambda ours, theirs: advantage(theirs, ours)),
        "per_evaluation": Mutant("the best is divided by the number of evaluations, as if half of them found half",
                                 lambda ours, theirs: max(ours) / len(ours) - max(theirs) / len(theirs)),
        "from_the_end": Mutant("the last evaluations are kept; a smaller budget would have ended after the first ones",
                               lambda ours, theirs: max(ours[-min(len(ours), len(theirs)):])
                               - max(theirs[-min(len(ours), len(theirs)):])),
    },
    hints=(
        "What would the longer search have handed over, had it been stopped as early as the shorter one?",
        "count = min(len(ours), len(theirs))",
        "max(ours[:count]) - max(theirs[:count])",
    ),
)
