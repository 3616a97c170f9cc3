"""Where each shipped model comes from: how its network is built, trained, stored and loaded again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from edgekit.nn import acoustic, apprentice, camera_train, camera_zoo, ppg, zoo
from edgekit.nn.export import state_bytes
from edgekit.nn.models import BeatNet, PulseGru, PulseNet


@dataclass(frozen=True)
class Single:
    """One network, trained by itself: `build()` makes it, `fit(seed, progress=...)` trains one from scratch."""

    name: str
    task: str
    input_shape: tuple
    build: Callable
    fit: Callable
    quantization: ClassVar[dict] = {}  # beside the observer, how the int8 graph is made

    @property
    def tasks(self):
        """{name of the model: its task}."""
        return {self.name: self.task}

    def train(self, seed, **recipe):
        """Return {name: trained network}."""
        return {self.name: self.fit(seed, **recipe)}

    def shipped(self):
        """Return {name: network with the shipped weights}."""
        return {self.name: zoo.load_state(self.build(), f"{self.name}.safetensors")}

    def weights(self, networks):
        """Return {file name: bytes} that keep the trained networks."""
        return {f"{self.name}.safetensors": state_bytes(networks[self.name])}


@dataclass(frozen=True)
class CameraPair:
    """Two networks on one backbone, trained together and kept in one file."""

    backbone: str
    input_shape: tuple = (3, 96, 96)
    quantization: ClassVar[dict] = {"equalize": True, "correct": True}  # channels of one map differ a hundredfold

    @property
    def tasks(self):
        """{name of the model: its task}: presence first."""
        return {f"{task}-{self.backbone}": task for task in ("camera-presence", "camera-detect")}

    def train(self, seed, **recipe):
        """Return {name: trained network} of both."""
        return dict(zip(self.tasks, camera_train.train_camera(self.backbone, seed, **recipe), strict=True))

    def shipped(self):
        """Return {name: network with the shipped weights} of both."""
        return dict(zip(self.tasks, camera_zoo.load_pair(self.backbone), strict=True))

    def weights(self, networks):
        """Return {file name: bytes} that keep both, the backbone once."""
        return {f"camera-{self.backbone}.safetensors": camera_zoo.to_bytes(*(networks[name] for name in self.tasks))}


ORIGINS = (
    Single("ppg-cnn", "ppg", ppg.INPUT_SHAPE, PulseNet, ppg.train_pulse_net),
    Single("ppg-gru", "ppg", ppg.INPUT_SHAPE, PulseGru, ppg.train_pulse_gru),
    Single("ppg-rate", "ppg", ppg.INPUT_SHAPE, lambda: PulseNet(classes=1), ppg.train_rate_net),
    Single("ppg-beats", "ppg", ppg.INPUT_SHAPE, BeatNet, ppg.train_beat_net),
    CameraPair("v1"),
    CameraPair("v3"),
    Single("acoustic-teacher", "acoustic-fault", acoustic.INPUT_SHAPE, acoustic.teacher, acoustic.train_teacher),
    Single("acoustic-student", "acoustic-fault", acoustic.INPUT_SHAPE, acoustic.student, acoustic.train_student),
    Single("acoustic-student-distilled", "acoustic-fault", acoustic.INPUT_SHAPE, apprentice.build,
           apprentice.train_apprentice),
    Single("acoustic-autoencoder", "acoustic-anomaly", acoustic.INPUT_SHAPE, acoustic.Autoencoder,
           acoustic.train_autoencoder),
)


def names():
    """Return the names of all models that can be trained.

    >>> names()[:3]
    ['ppg-cnn', 'ppg-gru', 'ppg-rate']
    """
    return [name for origin in ORIGINS for name in origin.tasks]


def of(name):
    """Return the origin of the model `name`. Raises ValueError that lists the known names."""
    for origin in ORIGINS:
        if name in origin.tasks:
            return origin
    raise ValueError(f"zoo train: unknown model {name!r}; models that can be trained: {', '.join(names())}")
