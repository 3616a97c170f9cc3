"""The networks that a search may choose from, task by task: choices, shapes, torch networks.

    ppg                1-D convolutions: stem, strided convolution, a body of 1 to 4 blocks
    acoustic-fault     separable 2-D convolutions on log-mel
    camera-presence    inverted residuals, after MobileNetV2, at 48 to 96 pixels

`bits` are those of the weights. The hand-made network of the kit is in the space of ppg and of acoustic-fault.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from edgekit.search.skeleton import Skeleton, costs
from edgekit.search.space import Choice, Space


@dataclass(frozen=True, eq=False)
class Family:
    """A space and what its codes mean.

    `skeleton(settings)` gives the float graph, `network(settings)` the untrained torch network, `input_shape(settings)`
    what it takes without the batch. `baseline` are the settings nearest to the hand-made network. `layers(settings)`
    gives the `ConvSpec` of every block, where a supernet can hold them all.
    """

    task: str
    space: Space
    skeleton: Callable
    network: Callable
    input_shape: Callable
    baseline: dict
    layers: Callable | None = None

    def costs(self, code):
        """Return {"macs", "weight_bytes", "peak_ram_bytes"} of a code, as an int8 network, without building it."""
        return dict(_costs(self, self.space.canonical(code)))

    def build(self, code):
        """Return the untrained torch network of a code."""
        return self.network(self.space.settings(code))


@cache
def _costs(family, code):
    settings = family.space.settings(code)
    return costs(family.skeleton(settings), settings["bits"])


BITS = Choice("bits", (4, 8))
BODY = 4
#: dilations of the body by the stride before it: both span the same time
DILATIONS = {2: (2, 4, 8, 1), 4: (1, 2, 4, 1)}


def _each(name, options, blocks):
    return tuple(Choice(f"{name}{place}", options, ("depth", place)) for place in range(1, blocks + 1))


PULSE = Space("ppg", (
    Choice("depth", (1, 2, 3, 4)),
    Choice("stem", (8, 16)),
    Choice("stem_kernel", (5, 9)),
    Choice("width0", (16, 24, 32, 40)),
    Choice("kernel0", (3, 7)),
    Choice("stride", (4, 2)),
    *_each("width", (16, 24, 32, 40), BODY),
    *_each("kernel", (3, 5), BODY),
    BITS,
))


def pulse_layers(settings):
    """Return the `ConvSpec` of every block of a pulse network."""
    from edgekit.nn.models import ConvSpec

    stride = settings["stride"]
    body = (ConvSpec(settings[f"width{i}"], settings[f"kernel{i}"], dilation=DILATIONS[stride][i - 1])
            for i in range(1, settings["depth"] + 1))
    return (ConvSpec(settings["stem"], settings["stem_kernel"], 4),
            ConvSpec(settings["width0"], settings["kernel0"], stride), *body)


def pulse_skeleton(settings):
    """Return the float graph of a pulse network."""
    net = Skeleton((1, 1000, 1))
    for spec in pulse_layers(settings):
        net.conv(spec.channels, (1, spec.kernel), (1, spec.stride), (1, spec.dilation))
    return net.pool().dense(6).graph()


def pulse_network(settings):
    """Return the torch network of a pulse network."""
    from edgekit.nn.models import PulseNet

    return PulseNet(layers=pulse_layers(settings))


SOUND_BLOCKS = 5
SOUND = Space("acoustic-fault", (
    Choice("depth", (2, 3, 4, 5)),
    Choice("stem", (4, 8, 12)),
    Choice("stem_kernel", (3, 5)),
    *(Choice(f"channels{i}", options, ("depth", i)) for i, options in enumerate(
        ((8, 12, 16, 24), (12, 16, 24, 32), (16, 24, 32, 48), (24, 32, 48), (24, 32, 48)), start=1)),
    *_each("kernel", (3, 5), SOUND_BLOCKS),
    BITS,
))
SOUND_STRIDES = (2, 1, 2, 1, 1)


def sound_blocks(settings):
    """Return (channels, stride, kernel) of every separable block."""
    return [(settings[f"channels{i}"], SOUND_STRIDES[i - 1], settings[f"kernel{i}"])
            for i in range(1, settings["depth"] + 1)]


def sound_skeleton(settings):
    """Return the float graph of a listening network."""
    net = Skeleton((32, 40, 1)).conv(settings["stem"], (settings["stem_kernel"],) * 2, (2, 2))
    for channels, stride, kernel in sound_blocks(settings):
        net.depthwise((kernel, kernel), (stride, stride)).conv(channels)
    return net.pool().dense(15).graph()


def sound_network(settings):
    """Return the torch network of a listening network."""
    from edgekit.nn.sound_family import sound_net

    return sound_net(settings["stem"], settings["stem_kernel"], sound_blocks(settings))


CAMERA_BLOCKS = 6
CAMERA_CHANNELS = (8, 16, 16, 24, 24, 32)
CAMERA_STRIDES = (1, 2, 2, 2, 1, 1)
CAMERA = Space("camera-presence", (
    Choice("resolution", (48, 64, 80, 96)),
    Choice("depth", (3, 4, 5, 6)),
    Choice("width", (0.5, 1.0, 1.5)),
    Choice("last", (64, 96, 144)),
    *_each("expansion", (2, 3, 4), CAMERA_BLOCKS),
    *_each("kernel", (3, 5), CAMERA_BLOCKS),
    BITS,
))


def camera_blocks(settings):
    """Return (stem channels, [(widened channels, channels, kernel, stride)]) of a seeing network."""
    scaled = [round(channels * settings["width"]) for channels in CAMERA_CHANNELS]
    before, table = scaled[0], []
    for i, channels in enumerate(scaled[: settings["depth"]], start=1):
        table.append((before * settings[f"expansion{i}"], channels, settings[f"kernel{i}"], CAMERA_STRIDES[i - 1]))
        before = channels
    return scaled[0], table


def camera_skeleton(settings):
    """Return the float graph of a seeing network."""
    stem, table = camera_blocks(settings)
    net = Skeleton((settings["resolution"], settings["resolution"], 3)).conv(stem, (3, 3), (2, 2))
    for wide, channels, kernel, stride in table:
        before, shape = net.last, net.shape
        net.conv(wide).depthwise((kernel, kernel), (stride, stride)).conv(channels, activation=None)
        if net.shape == shape:
            net.add(before)
    return net.conv(settings["last"], activation=None).swish().mean().dense(4).graph()


def camera_network(settings):
    """Return the torch network of a seeing network: (N, 3, R, R) -> (N, 4), R its resolution."""
    from edgekit.nn.camera import Bottleneck, MobileNetV3, PresenceNet

    stem, table = camera_blocks(settings)
    blocks = [Bottleneck(wide, channels, kernel, stride) for wide, channels, kernel, stride in table]
    return PresenceNet(MobileNetV3(stem, blocks[:3], blocks[3:], settings["last"]))


def _fixed(shape, settings):
    return shape


FAMILIES = {family.task: family for family in (
    Family("ppg", PULSE, pulse_skeleton, pulse_network, partial(_fixed, (1, 1000)), {
        "depth": 4, "stem": 16, "stem_kernel": 9, "width0": 32, "kernel0": 7, "stride": 2,
        **{f"width{i}": 32 for i in range(1, 5)}, **{f"kernel{i}": 5 for i in range(1, 5)}, "bits": 8},
        pulse_layers),
    Family("acoustic-fault", SOUND, sound_skeleton, sound_network, partial(_fixed, (1, 32, 40)), {
        "depth": 4, "stem": 8, "stem_kernel": 5, "channels1": 16, "channels2": 24, "channels3": 32, "channels4": 32,
        **{f"kernel{i}": 3 for i in range(1, 5)}, "bits": 8}),
    Family("camera-presence", CAMERA, camera_skeleton, camera_network,
           lambda settings: (3, settings["resolution"], settings["resolution"]), {
               "resolution": 96, "depth": 6, "width": 1.0, "last": 144, **{f"expansion{i}": 3 for i in range(1, 7)},
               **{f"kernel{i}": 3 for i in range(1, 7)}, "bits": 8}),
)}


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
