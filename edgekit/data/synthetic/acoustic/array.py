"""Four microphones on a circle: where they are, when a sound reaches them, how alike noise from all around is."""

import numpy as np

SPEED_OF_SOUND = 343.0  # m/s, in air at 20 degrees C
MICROPHONES = 4


def circle(radius_m: float, heading_rad: float = 0.0, count: int = MICROPHONES) -> np.ndarray:
    """Positions (count, 3) in m about the centre: the first lies at the heading, the others counter-clockwise.

    >>> circle(0.04).round(3).tolist()[1]
    [0.0, 0.04, 0.0]
    """
    angle = heading_rad + 2 * np.pi * np.arange(count) / count
    return radius_m * np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1)


def far_delays(positions: np.ndarray, azimuth_rad, elevation_rad=0.0) -> np.ndarray:
    """Seconds after the centre at which a plane wave from the direction reaches each microphone: (..., C).

    tau_c = -p_c . u / v, with u the unit vector towards the source.
    """
    azimuth, elevation = np.asarray(azimuth_rad)[..., None], np.asarray(elevation_rad)[..., None]
    towards = np.stack([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation),
                        np.broadcast_to(np.sin(elevation), azimuth.shape)], axis=-1)
    return -(towards @ positions.T)[..., 0, :] / SPEED_OF_SOUND


def near_delays(positions: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Seconds from a point source (3,) to each microphone (C,)."""
    return np.linalg.norm(positions - source, axis=1) / SPEED_OF_SOUND


def diffuse_mixing(positions: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """(F, C, C) lower triangular A with A A^T = coherence of noise from all directions, sinc(2 f d / v).

    Independent noises n of equal power, mixed as A n, are as alike as such a field is at the microphones; the
    first stays as it is. Source: Cook et al. 1955, the cross-correlation of reverberant sound.
    """
    distance = np.linalg.norm(positions[:, None] - positions, axis=-1)
    coherence = np.sinc(2 * frequency[:, None, None] * distance / SPEED_OF_SOUND)
    return np.linalg.cholesky(coherence + 1e-6 * np.eye(len(positions))) / np.sqrt(1 + 1e-6)
