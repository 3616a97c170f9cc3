"""A search close to the hand-made network: fewer options, costs in a band below its own, and a judge with more to say.

    chosen = narrowed(family("acoustic-fault"), bits=(8,))     the same family with fewer options
    limits = band(chosen, device("cortex-m4"), 0.6, 0.9)       between 60 and 90 % of the hand-made network's MACs
    judge = MachinesJudge(chosen)                              a short training, judged by 75 machines and not by 15

Far below the hand-made network nothing can be as good, and a short training with little data does not tell what is.
"""

from dataclasses import dataclass, replace

import numpy as np

from edgekit import tasks
from edgekit.search.limits import Limits
from edgekit.search.space import Space

TRAINING_SEED, CHOOSING_SEED = 50, 31  # of machines in no embedded split; the first are the distilled student's
MACHINES, EPOCHS, CHOOSING = 150, 16, 60


def narrowed(family, **options):
    """Return `family` with only the given options of some choices, such as bits=(8,), in their old order.

    Raises ValueError for a choice or an option that the family does not have.

    >>> from edgekit.search.families import family
    >>> narrowed(family("acoustic-anomaly"), bits=(8,)).space.size * 2 == family("acoustic-anomaly").space.size
    True
    """
    known = {choice.name: choice.options for choice in family.space.choices}
    for name, wanted in options.items():
        if not wanted or not set(wanted) <= set(known.get(name, ())):
            there = known.get(name, "no options: there is no such choice")
            raise ValueError(f"narrowed: {name} must be some of {there}, got {wanted}; choices: {', '.join(known)}")
    choices = tuple(replace(choice, options=tuple(o for o in choice.options if o in options.get(choice.name, (o,))))
                    for choice in family.space.choices)
    words = [f"{name} {'/'.join(map(str, wanted))}" for name, wanted in options.items()]
    return replace(family, space=Space(", ".join([family.space.name, *words]), choices))


@dataclass(frozen=True)
class Band(Limits):
    """Limits that refuse what is too cheap as well: fewer than `least_macs`."""

    least_macs: int = 0

    def allow(self, costs):
        """Whether `costs` exceed nothing and are no cheaper than the band."""
        return costs["macs"] >= self.least_macs and super().allow(costs)


def band(family, card, low, high):
    """Return the `Band` of what takes `low` to `high` of the hand-made network's cycles on a device card."""
    macs = family.plan().costs["macs"]
    return Band(card, card.latency(high * macs).value, least_macs=round(low * macs))


def choosing(machines=CHOOSING, seed=CHOOSING_SEED):
    """Return (x, y) to choose by: the validation split of acoustic-fault, and that of `machines` made for it."""
    from edgekit.search.trainings import machines as made

    task, more = tasks.get("acoustic-fault"), made(seed, machines)
    x, y = task.inputs("val")
    return np.concatenate([x, task.front_end(more.x, more.fs)]), np.concatenate([y, more.y])


class MachinesJudge:
    """A training of 900 batches for each listening network, scored on the machines of `choosing`.

    With 300 batches, of more machines, networks come first that learn fast, and they end behind.
    """

    def __init__(self, family, seed=0, epochs=EPOCHS, size=MACHINES, judged=None):
        from edgekit.search.trainings import machines

        self.family, self.seed, self.epochs = family, seed, epochs
        self.data, self.judged = machines(TRAINING_SEED, size), judged or choosing()

    def __call__(self, code):
        from edgekit.search.trainings import scored

        plan = self.family.plan(code)
        return scored(self.family.task, plan, train_fast(plan, self.data, self.epochs, self.seed), *self.judged)


def train_fast(plan, data, epochs, seed):
    """As `trainings.train_sound`, with weights laid out channels last."""
    from edgekit.nn.sound_family import channels_last
    from edgekit.search.trainings import train_sound

    return train_sound(replace(plan, build=channels_last(plan.build)), data, epochs, seed)
