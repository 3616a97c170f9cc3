"""The transfer exercise: the width and the resolution that fit a budget of MACs."""

import math

from edgekit.course.exercises import Case, Exercise, Mutant


def width_for(macs, budget, resolution):
    """The reference: MACs go with the square of both, so the width is the root of what the resolution leaves."""
    return min(1.0, math.sqrt(budget / macs) / resolution)


BUDGET = Exercise(
    "09/width_for", width_for,
    cases=(
        Case("literal", (400.0, 100.0, 1.0), 0.5),
        Case("literal", (568e6, 71e6, 0.5), 0.70710678),
        Case("property", (300e6, 3e6, 0.5), 0.2),
        Case("property", (50.0, 8.0, 0.8), 0.5),
        Case("edge", (10.0, 10.0, 1.0), 1.0),
        Case("edge", (10.0, 1000.0, 0.5), 1.0),
        Case("edge", (8.0, 2.0, 0.25), 1.0),
    ),
    mutants={
        "linear": Mutant("you scale the MACs by alpha; a layer has alpha times the inputs AND alpha times the outputs",
                         lambda macs, budget, resolution: min(1.0, budget / macs / resolution**2)),
        "resolution_once": Mutant("the resolution acts once; a picture shrinks along both sides",
                                  lambda macs, budget, resolution: min(1.0, math.sqrt(budget / macs / resolution))),
        "resolution_ignored": Mutant("the resolution is left out",
                                     lambda macs, budget, resolution: min(1.0, math.sqrt(budget / macs))),
        "square": Mutant("you square where a root is due", lambda macs, budget, resolution: min(
            1.0, (budget / macs) ** 2 / resolution**2)),
        "resolution_squared": Mutant("the resolution is squared outside the root; alpha goes with 1 / resolution",
                                     lambda macs, budget, resolution: min(
                                         1.0, math.sqrt(budget / macs) / resolution**2)),
        "linear_alone": Mutant("you scale the MACs by alpha and leave out the resolution; MACs go with the square of "
                               "both", lambda macs, budget, resolution: min(1.0, budget / macs)),
        "linear_both": Mutant("you scale the MACs by alpha and by the resolution; they go with the square of both",
                              lambda macs, budget, resolution: min(1.0, budget / macs / resolution)),
        "cube": Mutant("you take the third root; equation (4) has alpha^2 times resolution^2", lambda macs, budget,
                       resolution: min(1.0, (budget / macs) ** (1 / 3) / resolution)),
        "limited_early": Mutant("the limit of 1 is set before the resolution makes room",
                                lambda macs, budget, resolution: min(1.0, math.sqrt(budget / macs)) / resolution),
        "at_least": Mutant("max is taken; asked is at most 1, so min",
                           lambda macs, budget, resolution: max(1.0, math.sqrt(budget / macs) / resolution)),
        "percent": Mutant("the width is given in percent; it lies between 0 and 1",
                          lambda macs, budget, resolution: 100 * width_for(macs, budget, resolution)),
        "rounded": Mutant("the width is rounded to two decimals; give it as it comes out",
                          lambda macs, budget, resolution: round(width_for(macs, budget, resolution), 2)),
        "no_limit": Mutant("the width grows beyond 1; asked is at most the whole network",
                           lambda macs, budget, resolution: math.sqrt(budget / macs) / resolution),
        "inverse": Mutant("you divide the other way round", lambda macs, budget, resolution: min(
            1.0, math.sqrt(macs / budget) * resolution)),
        "times": Mutant("a smaller picture leaves room for MORE channels; you multiply by the resolution",
                        lambda macs, budget, resolution: min(1.0, math.sqrt(budget / macs) * resolution)),
    },
    hints=(
        "Scaled by a width alpha and a resolution rho, the network costs about macs * alpha^2 * rho^2.",
        "Set that equal to the budget and solve for alpha.",
        "alpha = sqrt(budget / macs) / rho, and min(1.0, alpha) keeps it a part of the network.",
    ),
)
