"""The exercise on an optimizer's step that leaves pruned weights at 0."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant

MOMENTUM = 0.9


def pruned_step(w, velocity, gradient, mask, rate):
    """The reference: velocity 0.9 v + g, a step along it, and then the mask on the weights."""
    return (w - rate * (MOMENTUM * velocity + gradient)) * mask


W = np.array([1.0, -2.0, 0.5, 0.0])
V = np.array([1.0, 2.0, -1.0, 4.0])
G = np.array([0.5, -1.0, 2.0, 3.0])
M = np.array([True, False, True, False])
RNG = np.random.default_rng(37)
DRAWN = (*RNG.normal(size=(3, 2, 5)), RNG.random((2, 5)) < 0.4, 0.3)

STEP = Exercise(
    "06/pruned_step", pruned_step,
    cases=(
        Case("literal", (W, V, G, M, 0.1), np.array([0.86, 0.0, 0.39, 0.0])),
        Case("property", DRAWN, pruned_step(*DRAWN)),
        Case("edge", (W, V, G, np.zeros(4, bool), 0.1), np.zeros(4)),
        Case("edge", (W, V, G, np.ones(4, bool), 0.1), W - 0.1 * (0.9 * V + G)),
        Case("edge", (W, V, G, M, 0.0), np.array([1.0, 0.0, 0.5, 0.0])),
    ),
    mutants={
        "gradient_only": Mutant("only the gradient is masked; momentum from before still moves pruned weights",
                                lambda w, v, g, m, rate: w * m - rate * (MOMENTUM * v + g * m)),
        "gradient_masked": Mutant("only the gradient is masked: momentum still moves pruned weights, and what was just "
                                  "pruned keeps its old value",
                                  lambda w, v, g, m, rate: w - rate * (MOMENTUM * v + g * m)),
        "mask_first": Mutant("the weights are masked before the step, which then revives them",
                             lambda w, v, g, m, rate: w * m - rate * (MOMENTUM * v + g)),
        "step_only": Mutant("the step is masked but not the weights: what was just pruned keeps its old value",
                            lambda w, v, g, m, rate: w - rate * (MOMENTUM * v + g) * m),
        "no_mask": Mutant("the mask is not used", lambda w, v, g, m, rate: w - rate * (MOMENTUM * v + g)),
        "inverted": Mutant("1 marks what is removed; here 1 means keep",
                           lambda w, v, g, m, rate: (w - rate * (MOMENTUM * v + g)) * ~m),
        "full_momentum": Mutant("the old velocity counts in full; a tenth of it is lost in each step",
                                lambda w, v, g, m, rate: (w - rate * (v + g)) * m),
        "no_momentum": Mutant("the velocity is left out of the step", lambda w, v, g, m, rate: (w - rate * g) * m),
        "averaged": Mutant("the gradient gets the weight 0.1; the velocity becomes 0.9 * velocity + gradient",
                           lambda w, v, g, m, rate: (w - rate * (MOMENTUM * v + (1 - MOMENTUM) * g)) * m),
        "both_decay": Mutant("the new gradient decays too; only the old velocity does",
                             lambda w, v, g, m, rate: (w - rate * MOMENTUM * (v + g)) * m),
        "rate_inside": Mutant("the rate is put on the gradient alone; the weights move by -rate times the velocity",
                              lambda w, v, g, m, rate: (w - (MOMENTUM * v + rate * g)) * m),
        "nesterov": Mutant("one step is looked ahead, as Nesterov does; asked is the plain velocity",
                           lambda w, v, g, m, rate: (w - rate * (g + MOMENTUM * (MOMENTUM * v + g))) * m),
        "no_rate": Mutant("the rate is left out", lambda w, v, g, m, rate: (w - (MOMENTUM * v + g)) * m),
        "gradient_sign": Mutant("the gradient is subtracted from the velocity, and then the velocity from the weights",
                                lambda w, v, g, m, rate: (w - rate * (MOMENTUM * v - g)) * m),
        "velocity": Mutant("the velocity is returned; asked are the weights",
                           lambda w, v, g, m, rate: (MOMENTUM * v + g) * m),
        "velocity_too": Mutant("the velocity is returned as well; asked are the weights alone",
                               lambda w, v, g, m, rate: (pruned_step(w, v, g, m, rate), MOMENTUM * v + g)),
        "velocity_masked": Mutant("only the velocity is masked; the gradient moves pruned weights, and what was just "
                                  "pruned keeps its old value",
                                  lambda w, v, g, m, rate: w - rate * (MOMENTUM * v * m + g)),
        "left_out": Mutant("pruned weights are left out of the array; they stay in it as zeros",
                           lambda w, v, g, m, rate: (w - rate * (MOMENTUM * v + g))[m]),
        "uphill": Mutant("the step goes along the gradient, uphill",
                         lambda w, v, g, m, rate: (w + rate * (MOMENTUM * v + g)) * m),
    },
    hints=(
        "Make the whole step as if there were no mask, and think about what may still be different from 0.",
        "Momentum may push a pruned weight although its gradient is 0. So the mask must come last.",
        "return (w - rate * (0.9 * velocity + gradient)) * mask",
    ),
)
