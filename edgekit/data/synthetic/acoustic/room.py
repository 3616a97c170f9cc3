"""The way from a machine to the microphones: mirror images of a box-shaped room, then a decaying tail.

Source: Allen and Berkley 1979, image method for efficiently simulating small-room acoustics.
"""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.acoustic import array
from edgekit.data.synthetic.acoustic.params import FS, RoomParams
from edgekit.data.synthetic.params import uniform

EARLY_S = 0.05  # mirror images up to here, noise of the same energy after
TAPS = 32  # samples of the windowed sinc that places an echo between two samples
WALL_M = 0.3  # nothing stands nearer to a wall


@dataclass(frozen=True)
class Room:
    """size (3,), source (3,), mics (C, 3) in m from a corner; azimuth of the source as the array sees it."""

    size: np.ndarray
    rt60_s: float
    source: np.ndarray
    mics: np.ndarray
    azimuth_deg: float

    @property
    def delays(self) -> np.ndarray:
        """Seconds that the direct sound takes to each microphone (C,)."""
        return array.near_delays(self.mics, self.source)

    @property
    def reflection(self) -> float:
        """Amplitude kept at a wall, sqrt(1 - alpha) with Eyring's alpha = 1 - exp(-0.161 V / (S RT60))."""
        x, y, z = self.size
        return float(np.exp(-0.0805 * x * y * z / (2 * (x * y + y * z + z * x) * self.rt60_s)))


def draw_room(params: RoomParams, rng: np.random.Generator) -> Room:
    """A room with source and array in it, the distance shortened where the room is too small for it."""
    size = np.array([uniform(rng, params.length_m, None), uniform(rng, params.width_m, None),
                     uniform(rng, params.height_m, None)])
    space = size[:2] - 2 * WALL_M
    distance = min(uniform(rng, params.distance_m, None), 0.9 * space.min())
    towards, heading = rng.uniform(0, 2 * np.pi, 2)
    half = distance / 2 * np.array([np.cos(towards), np.sin(towards)])
    middle = size[:2] / 2 + rng.uniform(-1, 1, 2) * (space / 2 - np.abs(half))
    height = rng.uniform(0.8, 1.5) + np.array([0.0, rng.uniform(-0.1, 0.1)])
    centre = np.append(middle - half, height[0])
    mics = centre + array.circle(uniform(rng, params.radius_m, None), heading)
    azimuth = float(np.rad2deg(towards - heading) % 360.0)
    return Room(size, uniform(rng, params.rt60_s, None), np.append(middle + half, height[1]), mics, azimuth)


def images(room: Room, reach_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Mirror images of the source within about `reach_m`: positions (I, 3) and reflections (I,), nearest kinds all.

    Along each axis: (1 - 2 p) x + 2 n L with |2 n - p| reflections, p in {0, 1}.
    """
    axes = []
    for length, place in zip(room.size, room.source, strict=True):
        n = np.arange(-int(reach_m / (2 * length)) - 1, int(reach_m / (2 * length)) + 2)
        axes.append((np.concatenate([2 * n * length + place, 2 * n * length - place]),
                     np.concatenate([np.abs(2 * n), np.abs(2 * n - 1)])))
    grids = [np.meshgrid(*(axis[part] for axis in axes), indexing="ij") for part in (0, 1)]
    positions = np.stack([grid.ravel() for grid in grids[0]], axis=1)
    order = sum(grids[1]).ravel()
    near = np.linalg.norm(positions - room.mics.mean(axis=0), axis=1) <= reach_m
    return positions[near], order[near]


def impulse_responses(room: Room, channels: int, rng: np.random.Generator) -> np.ndarray:
    """(channels, K) at 16 kHz, K = the RT60, at most .5 s: direct sound 1 / (4 pi r), echoes, tail."""
    samples = int(min(room.rt60_s, 0.5) * FS) + TAPS
    positions, order = images(room, EARLY_S * array.SPEED_OF_SOUND)
    distance = np.linalg.norm(positions[None] - room.mics[:channels, None], axis=-1)
    strength = room.reflection ** order / (4 * np.pi * distance)
    response = np.stack([echoes(d / array.SPEED_OF_SOUND, s, samples)
                         for d, s in zip(distance, strength, strict=True)])
    return response + tail(room, channels, samples, rng)


def echoes(delay_s: np.ndarray, strength: np.ndarray, samples: int) -> np.ndarray:
    """Impulses (samples,) between the samples: each a Hann-windowed sinc of TAPS samples about its moment."""
    place = delay_s * FS
    first = np.floor(place).astype(int) - TAPS // 2 + 1
    offset = np.arange(TAPS) + (first - place)[:, None]
    shape = np.sinc(offset) * (0.5 + 0.5 * np.cos(2 * np.pi * offset / TAPS))
    index = np.arange(TAPS) + first[:, None]
    inside = (index >= 0) & (index < samples)
    return np.bincount(index[inside], (strength[:, None] * shape)[inside], samples)


def tail(room: Room, channels: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Late echoes, too many to count: noise of variance v / (4 pi V fs) 10^(-6 t / RT60) from EARLY_S on.

    That is the energy of the images at distance v t, one per V of space, each 1 / (4 pi v t) and worn by walls.
    """
    more = rng.spawn(1)[0]
    noise = np.concatenate([rng.standard_normal((1, samples)), more.standard_normal((channels - 1, samples))])
    if channels > 1:
        mixing = array.diffuse_mixing(room.mics[:channels], np.fft.rfftfreq(samples, 1 / FS))
        noise = np.fft.irfft(np.einsum("fab,bf->af", mixing, np.fft.rfft(noise)), samples)
    time = np.arange(samples) / FS
    variance = array.SPEED_OF_SOUND / (4 * np.pi * np.prod(room.size) * FS) * 10 ** (-6 * time / room.rt60_s)
    return noise * np.sqrt(variance) * (time > EARLY_S)
