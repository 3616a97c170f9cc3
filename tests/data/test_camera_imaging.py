"""Lens, sensor and file against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data import images
from edgekit.data.synthetic.camera import imaging
from edgekit.data.synthetic.camera.colors import to_linear, to_srgb
from edgekit.data.synthetic.camera.imaging import Camera, demosaic, draw_camera, expose, mosaic, photograph
from edgekit.data.synthetic.camera.params import CameraParams
from edgekit.data.synthetic.camera.view import CANVAS, FRAME

PLAIN = Camera(0.0, 0.0, 0.0, 0.0, 0.3, 1e-9, 1e-12, 1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(("code", "light"), [(0, 0), (0.04045, 0.04045 / 12.92), (0.5, 0.21404114), (1, 1)])
def test_srgb_table(code, light):
    assert to_linear(code) == pytest.approx(light, abs=1e-8)
    assert to_srgb(light) == pytest.approx(code, abs=1e-5)


@given(st.floats(0, 1))
def test_srgb_round_trip(value):
    assert to_srgb(to_linear(value)) == pytest.approx(value, abs=2e-6)


def test_noise_has_the_variance_of_the_model():
    """var = l_shot x + l_read; the variance of n normal values scatters by sqrt(2 / n)."""
    camera = replace(PLAIN, shot=0.006, read=0.0004)
    for level in (0.05, 0.3, 0.7):
        raw = expose(np.full((400, 400), level), camera, np.random.default_rng(1))
        expected = 0.006 * level + 0.0004 + 1 / (12 * 1023**2)
        assert raw.var() == pytest.approx(expected, rel=5 * np.sqrt(2 / 160_000))
        assert raw.mean() == pytest.approx(level, abs=0.002)


def test_read_noise_follows_shot_noise():
    """log l_read - 2.18 log l_shot - 1.20 is normal with deviation .26, cut at 3."""
    rng = np.random.default_rng(2)
    drawn = [draw_camera(CameraParams(), rng) for _ in range(3000)]
    rest = np.array([np.log(c.read) - 2.18 * np.log(c.shot) - 1.20 for c in drawn])
    assert abs(rest.mean()) < 5 * 0.26 / np.sqrt(3000)
    assert rest.std() == pytest.approx(0.26, rel=0.06)
    shots = np.log([c.shot for c in drawn])
    assert np.log(1e-4) <= shots.min() < np.log(1.2e-4)
    assert np.log(0.0105) < shots.max() <= np.log(0.012)


def test_mosaic_keeps_one_colour_per_pixel():
    x = np.stack([np.full((4, 4), v) for v in (1.0, 2.0, 3.0)], axis=-1)
    assert mosaic(x).tolist() == [[1, 2, 1, 2], [2, 3, 2, 3]] * 2


def test_demosaic_restores_a_ramp():
    """Bilinear interpolation is exact on a plane, but for the mirrored border."""
    row, column = np.mgrid[:20, :20] / 40
    x = np.stack([0.2 + row, 0.1 + column, 0.3 + 0.5 * row + 0.25 * column], axis=-1)
    np.testing.assert_allclose(demosaic(mosaic(x))[1:-1, 1:-1], x[1:-1, 1:-1], atol=1e-12)


def test_blur_keeps_light_and_spreads_it():
    """An impulse becomes a Gaussian: variance s^2 along each axis; motion adds length^2 / 12 along its
    line."""
    point = np.zeros((CANVAS, CANVAS, 1))
    point[56, 56] = 1
    column = np.arange(CANVAS) - 56
    for sigma, length in ((1.2, 0.0), (1.0, 6.0)):
        spread = imaging.blur(point, replace(PLAIN, blur_px=sigma, motion_px=length))[..., 0]
        assert spread.sum() == pytest.approx(1)
        assert (spread.sum(0) * column**2).sum() == pytest.approx(sigma**2 + length**2 / 12, rel=0.02)
        assert (spread.sum(1) * column**2).sum() == pytest.approx(sigma**2, rel=0.02)


def test_grey_stays_grey_and_exposure_sets_the_mean():
    wall = np.full((CANVAS, CANVAS, 3), 0.123)
    camera = replace(PLAIN, red_gain=2.0, blue_gain=1.6)
    picture = photograph(wall, camera, np.random.default_rng(0))
    assert np.ptp(picture, axis=-1).max() <= 1
    assert picture.mean() == pytest.approx(255 * float(to_srgb(0.3)), abs=1)


def test_vignetting_darkens_the_corners_only():
    shade = imaging.vignette(0.4)
    assert shade.max() == pytest.approx(1, abs=1e-4)
    assert shade[0, 0] == pytest.approx(0.6, abs=0.01)
    assert shade.shape == (FRAME, FRAME)


def test_packed_pictures_come_back_as_the_decoder_sees_them():
    rng = np.random.default_rng(3)
    for shape in ((96, 96, 3), (48, 48)):
        files = [images.encode(rng.integers(0, 255, shape).astype(np.uint8)) for _ in range(5)]
        arrays = images.pack(files)
        np.testing.assert_array_equal(images.unpack(arrays), [images.decode(content) for content in files])
        assert arrays["jpeg_bodies"].nbytes < sum(map(len, files)) - 4 * 300


def test_pack_refuses_mixed_heads():
    grey = np.zeros((16, 16, 3), np.uint8)
    with pytest.raises(ValueError, match="2 different JPEG heads in 2 pictures"):
        images.pack([images.encode(grey, 75), images.encode(grey, 90)])
