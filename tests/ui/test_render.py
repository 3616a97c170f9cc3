"""The fast way to PNG: the same pixels as the slow way."""

import io

import numpy as np
import pytest
from PIL import Image

from edgekit.ui.render import Renderer, encode_png
from edgekit.ui.style import subplots


def decode(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (40, 17)])
def test_png_holds_the_pixels(shape):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 4), np.uint8)
    np.testing.assert_array_equal(decode(encode_png(pixels)), pixels)


def a_figure(animated):
    fig, ax = subplots(height=2, width=3)
    (line,) = ax.plot([0, 1, 2], [0, 1, 0], animated=animated, zorder=50)
    note = ax.text(1, 0.2, "note", animated=animated, zorder=51)
    ax.set(xlim=(-1, 3), ylim=(-1, 2))
    return fig, ax, line, note


def full(fig):
    fig.canvas.draw()
    return np.array(fig.canvas.buffer_rgba())


def test_moving_artists_over_a_kept_background_equal_a_full_drawing():
    moving, still = a_figure(True), a_figure(False)
    renderer = Renderer(moving[0])
    for height, limits in ((1.0, (-1, 3)), (0.3, (-1, 3)), (0.3, (-2, 4)), (0.9, (-1, 3))):
        for _, ax, line, note in (moving, still):
            line.set_ydata([0, height, 0])
            note.set_visible(height < 1)
            ax.set_xlim(*limits)
        np.testing.assert_array_equal(decode(renderer.png()), full(still[0]))


def test_a_change_of_what_stands_still_is_seen():
    fig, _, line, _ = a_figure(False)
    renderer = Renderer(fig)
    before = renderer.png()
    assert renderer.png() == before
    line.set_ydata([0, 0.5, 0])
    assert renderer.png() != before


def test_the_background_is_kept_while_only_animated_artists_change():
    fig, _, line, _ = a_figure(True)
    renderer = Renderer(fig)
    renderer.png()
    kept = renderer.background
    line.set_ydata([0, 0.5, 0])
    renderer.png()
    assert renderer.background is kept
