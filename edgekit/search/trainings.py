"""A network of a search trained by itself, on generated data, and what it then scores.

`data(seed, size)` makes the data, none of which is in an embedded split. `train(plan, data, epochs, seed)` returns the
network of a `family.Plan`, its weights drawn from `seed`. `quick` is (size, epochs) of a training too short to be good
and long enough for an order, `full` that of a finalist. The unit of size: people of the pulse, machines of sound,
scenes of the camera.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgekit import tasks


@dataclass(frozen=True)
class Training:
    """How the networks of a task are trained alone."""

    data: Callable
    train: Callable
    quick: tuple
    full: tuple


def scored(task, plan, net, x, y):
    """Return the score of a trained `net`, its weights rounded to the bits of its plan, on inputs of the task."""
    from edgekit.nn.supernet import round_weights
    from edgekit.nn.train import outputs

    return tasks.get(task).score(y, x, outputs(round_weights(net, plan.bits), seen(plan.shape, x)))


def seen(shape, x):
    """Graph inputs (N, H, W, C) as a network of `shape` takes them in torch: resized, where they are pictures."""
    from edgekit.search.evaluate import torch_layout

    x = torch_layout(x)
    if x.shape[1:] == shape:
        return x
    from edgekit.nn.guided import resized_pictures

    return resized_pictures(x, shape[-1])


def people(seed, size):
    """Pulse windows (x, y) of `size` generated people."""
    from edgekit.nn.ppg import training_windows

    return training_windows(seed, size)


def train_pulse(plan, data, epochs, seed):
    """By the recipe of the shipped pulse network."""
    from edgekit.nn.train import Recipe, seeded, train

    net = seeded(plan.build, seed)
    train(net, *data, Recipe(epochs=epochs), seed)
    return net


def machines(seed, size):
    """Recordings of `size` generated machines."""
    from edgekit.data.synthetic.acoustic import training_set
    from edgekit.nn import acoustic

    return training_set(size, acoustic.TAKES, acoustic.DATA_SEED + seed)


def train_sound(plan, data, epochs, seed):
    """By the recipe of the shipped student, without its teacher."""
    from edgekit.nn import acoustic
    from edgekit.nn.train import Recipe, seeded, train

    student = acoustic.STUDENT_RECIPE
    recipe = Recipe(epochs, student.batch_size, student.learning_rate, student.weight_decay, student.label_smoothing)
    net = seeded(plan.build, seed)
    train(net, data.x, data.y, recipe, seed, vary=lambda x, y, draw: (acoustic.seconds(x, draw, student.colour_db), y))
    return net


def train_autoencoder(plan, data, epochs, seed):
    """By the recipe of the shipped autoencoder, on what is left of healthy sound without its own spectrum."""
    from edgekit.nn import acoustic
    from edgekit.nn.sound_family import squared_error
    from edgekit.nn.train import Recipe, seeded, train

    healthy, whole = data.y % 3 == 0, acoustic.AUTOENCODER_RECIPE
    x = data.x[healthy] - data.extras["reference"][healthy][:, None]
    recipe = Recipe(epochs, whole.batch_size, whole.learning_rate, whole.weight_decay)
    net = seeded(plan.build, seed)
    train(net, x.astype(np.float32), np.zeros(len(x)), recipe, seed, criterion=squared_error, vary=_itself)
    return net


def _itself(x, y, draw):
    """A second of each recording, and the same numbers as what is to come back."""
    from edgekit.nn import acoustic

    piece = acoustic.seconds(x, draw)
    return piece, piece.flatten(1)


def scenes(seed, size):
    """`size` generated scenes with their boxes."""
    from edgekit.data.synthetic.camera import training_scenes
    from edgekit.nn.camera_train import DATA_SEED

    return training_scenes(size, DATA_SEED + seed)


def train_camera(plan, data, epochs, seed):
    """By the recipe of the shipped pair of networks: boxes tell where to look."""
    from edgekit.nn.camera_train import CameraRecipe
    from edgekit.nn.guided import train_guided

    return train_guided(plan.build, plan.shape[-1], data, CameraRecipe(epochs=epochs), seed)


TRAININGS = {
    "ppg": Training(people, train_pulse, (60, 5), (400, 10)),
    "acoustic-fault": Training(machines, train_sound, (40, 6), (40, 30)),
    "acoustic-anomaly": Training(machines, train_autoencoder, (40, 40), (40, 40)),
    "camera-presence": Training(scenes, train_camera, (400, 4), (1000, 10)),
}
