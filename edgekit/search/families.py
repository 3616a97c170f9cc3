"""The networks that a search may choose from, task by task: choices, shapes, torch networks.

    ppg                1-D convolutions: stem, strided convolution, a body of 1 to 4 blocks
    acoustic-fault     separable 2-D convolutions on log-mel
    acoustic-anomaly   dense autoencoders
    camera-presence    inverted residuals, after MobileNetV2, at 48 to 96 pixels

`bits` are those of the weights. The hand-made network of the kit is in the space of all but camera-presence.
"""

import numpy as np

from edgekit.search import anomaly_family, camera_family, pulse_family, sound_family

FAMILIES = {module.FAMILY.task: module.FAMILY for module in (pulse_family, sound_family, camera_family, anomaly_family)}


def spread(chosen, count, rng, draws=2000, **fixed):
    """Return `count` different codes whose MACs lie evenly on a logarithmic scale, from few to many.

    They are picked from `draws` codes, drawn evenly in every choice; `fixed` settings are the same in all.
    """
    space = chosen.space
    drawn = {space.code(**(space.settings(space.sample(rng)) | fixed)) for _ in range(draws)}
    by_macs = sorted((chosen.costs(code)["macs"], code) for code in drawn)
    macs, found = np.log([pair[0] for pair in by_macs]), []
    for wanted in np.linspace(macs[0], macs[-1], count):
        order = np.argsort(abs(macs - wanted), kind="stable")
        found.append(next(by_macs[i][1] for i in order if by_macs[i][1] not in found))
    return found


def family(task):
    """Return the `Family` of a task. Raises ValueError that lists the tasks with one.

    >>> family("ppg").costs(family("ppg").space.code(**family("ppg").baseline))["macs"]
    3044192
    """
    if task not in FAMILIES:
        raise ValueError(f"search: no search space for task {task!r}; there are: {', '.join(FAMILIES)}")
    return FAMILIES[task]
