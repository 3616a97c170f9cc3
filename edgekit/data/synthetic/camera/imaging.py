"""From light to file: lens, exposure, mosaic, noise, demosaic, white balance, gamma, 8 bit."""

from dataclasses import dataclass

import numpy as np

from edgekit.data.synthetic.camera.colors import to_srgb
from edgekit.data.synthetic.camera.params import CameraParams
from edgekit.data.synthetic.camera.view import CANVAS, FRAME, MARGIN
from edgekit.data.synthetic.params import log_uniform, uniform

READ_SLOPE, READ_OFFSET = 2.18, 1.20  # Brooks et al. 2019, equation 8


@dataclass(frozen=True)
class Camera:
    """One drawing of lens and sensor."""

    blur_px: float
    motion_px: float
    motion_angle: float
    vignetting: float
    exposure: float
    shot: float
    read: float
    red_gain: float
    blue_gain: float
    red_error: float
    blue_error: float


def draw_camera(params: CameraParams, rng) -> Camera:
    """Lens, exposure and noise of one picture: log l_read = 2.18 log l_shot + 1.20 + N(0, s)."""
    one = lambda ends: float(uniform(rng, ends, ()))  # noqa: E731
    shot = float(log_uniform(rng, params.shot_noise, ()))
    spread = params.read_noise_spread[1] * np.clip(rng.standard_normal(), -3, 3)
    moved = rng.random() < params.motion
    return Camera(
        one(params.blur_px),
        one(params.motion_px) * moved,
        rng.uniform(0, np.pi),
        one(params.vignetting),
        one(params.exposure),
        shot,
        float(np.exp(READ_SLOPE * np.log(shot) + READ_OFFSET + spread)),
        one(params.red_gain),
        one(params.blue_gain),
        one(params.white_balance_error),
        one(params.white_balance_error),
    )


def photograph(light, camera: Camera, rng) -> np.ndarray:
    """Linear light (CANVAS, CANVAS, 3) -> picture (FRAME, FRAME, 3) uint8."""
    x = blur(light, camera)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    x = np.maximum(x, 0) * vignette(camera.vignetting)[..., None]
    x = x * (camera.exposure / max(float(x.mean()), 1e-6))
    gains = np.array([camera.red_gain, 1.0, camera.blue_gain])
    raw = expose(mosaic(x / gains), camera, rng)
    estimate = gains * np.exp([camera.red_error, 0.0, camera.blue_error])
    x = demosaic(raw) * estimate
    return np.round(255 * to_srgb(x)).astype(np.uint8)


def blur(light, camera: Camera) -> np.ndarray:
    """Gaussian lens and straight motion: multiplication by exp(-2 pi^2 s^2 f^2) sinc(f . d) in frequency."""
    fy, fx = np.fft.fftfreq(CANVAS)[:, None], np.fft.rfftfreq(CANVAS)
    gauss = np.exp(-2 * np.pi**2 * camera.blur_px**2 * (fx**2 + fy**2))
    along = camera.motion_px * (fx * np.cos(camera.motion_angle) + fy * np.sin(camera.motion_angle))
    response = (gauss * np.sinc(along))[..., None]
    return np.fft.irfft2(np.fft.rfft2(light, axes=(0, 1)) * response, (CANVAS, CANVAS), axes=(0, 1))


def vignette(strength) -> np.ndarray:
    """1 in the middle, 1 - strength in the corners: 1 - strength r^2."""
    place = (np.arange(FRAME) + 0.5) / FRAME * 2 - 1
    return 1 - strength * (place[:, None] ** 2 + place**2) / 2


def mosaic(x) -> np.ndarray:
    """One colour per pixel (FRAME, FRAME): red at even rows and columns, blue at odd ones, green
    elsewhere."""
    raw = x[..., 1].copy()
    raw[0::2, 0::2], raw[1::2, 1::2] = x[0::2, 0::2, 0], x[1::2, 1::2, 2]
    return raw


def expose(raw, camera: Camera, rng) -> np.ndarray:
    """Noise of variance l_shot x + l_read, then a 10-bit converter that clips at 1."""
    noisy = raw + np.sqrt(camera.shot * raw + camera.read) * rng.standard_normal(raw.shape)
    return np.round(np.clip(noisy, -1 / 16, 1) * 1023) / 1023


def demosaic(raw) -> np.ndarray:
    """Full colour (FRAME, FRAME, 3) by bilinear interpolation of the mosaic, with the borders mirrored."""
    p = np.pad(raw, 1, mode="reflect")
    cross = 0.25 * (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:])
    diagonal = 0.25 * (p[:-2, :-2] + p[:-2, 2:] + p[2:, :-2] + p[2:, 2:])
    level, upright = 0.5 * (p[1:-1, :-2] + p[1:-1, 2:]), 0.5 * (p[:-2, 1:-1] + p[2:, 1:-1])
    out = np.empty((*raw.shape, 3))
    for channel, (r, c) in ((0, (0, 0)), (2, (1, 1))):
        own = out[..., channel]
        own[r::2, c::2], own[1 - r :: 2, 1 - c :: 2] = raw[r::2, c::2], diagonal[1 - r :: 2, 1 - c :: 2]
        own[r::2, 1 - c :: 2], own[1 - r :: 2, c::2] = level[r::2, 1 - c :: 2], upright[1 - r :: 2, c::2]
    out[..., 1] = cross
    out[0::2, 1::2, 1], out[1::2, 0::2, 1] = raw[0::2, 1::2], raw[1::2, 0::2]
    return out
