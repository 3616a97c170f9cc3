"""A network of a search trained by itself, on generated data, and what it then scores.

`data(seed, size)` makes the data, none of which is in an embedded split. `train(family, code, data, epochs, seed)`
returns the network, its weights drawn from `seed`. `full` is the (size, epochs) of a finalist. The unit of size: people
of the pulse, machines of sound.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edgekit import tasks
from edgekit.search.evaluate import sounds, torch_layout, train_pulse, train_sound


@dataclass(frozen=True)
class Training:
    """How the networks of a task are trained alone."""

    data: Callable
    train: Callable
    full: tuple


def people(seed, size):
    """Pulse windows (x, y) of `size` generated people."""
    from edgekit.nn.ppg import training_windows

    return training_windows(seed, size)


def scored(family, code, net, x, y):
    """Return the score of a trained `net`, its weights rounded to the bits of its code, on inputs of the task."""
    from edgekit.nn.supernet import round_weights
    from edgekit.nn.train import outputs

    net = round_weights(net, family.space.settings(code)["bits"])
    return tasks.get(family.task).score(y, x, outputs(net, torch_layout(x)))


TRAININGS = {
    "ppg": Training(people, train_pulse, (400, 10)),
    "acoustic-fault": Training(sounds, train_sound, (40, 30)),
}
